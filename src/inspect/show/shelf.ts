/** Something that takes a while, in milliseconds of one clock. */
export interface Stretch {
  readonly start: number;
  /** `undefined` while it lasts. */
  readonly end: number | undefined;
}

/** Items of one name that follow each other. */
export interface Row<Item extends Stretch> {
  readonly name: string;
  readonly items: Item[];
  /** From when on another item fits in. */
  free: number;
}

const rowsOfOneName = 8;
const gap = 5;

/** Puts items on rows: those of one name share a row, as long as they do not overlap. */
export class Shelf<Item extends Stretch> {
  readonly #rows = new Map<string, Row<Item>[]>();
  /** How many items found no row, as their name had enough of them. */
  refused = 0;

  /** Puts an item on the first row of its name that is free. */
  add(name: string, item: Item): void {
    const rows = this.#rows.get(name) ?? [];
    this.#rows.set(name, rows);
    let row = rows.find(({ free }) => free + gap <= item.start);
    if (row === undefined && rows.length === rowsOfOneName) this.refused++;
    else if (row === undefined) rows.push((row = { name, items: [], free: 0 }));
    row?.items.push(item);
    if (row !== undefined) row.free = item.end ?? Infinity;
  }

  /** All rows. */
  rows(): Row<Item>[] {
    return [...this.#rows.values()].flat();
  }
}
