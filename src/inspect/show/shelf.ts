/** A time interval, in milliseconds of one clock. */
export interface Stretch {
  readonly start: number;
  /** The end; `undefined` while it lasts. */
  readonly end: number | undefined;
}

/** Items with the same name that do not overlap. */
export interface Row<Item extends Stretch> {
  readonly name: string;
  readonly items: Item[];
  /** The time from which on another item fits in. */
  free: number;
}

const rowsOfOneName = 8;
const gap = 5;

/** Arranges items in rows. Items with the same name share a row if they do not overlap. */
export class Shelf<Item extends Stretch> {
  readonly #rows = new Map<string, Row<Item>[]>();
  /** How many items got no row, because their name already had the maximum number of rows. */
  refused = 0;

  /** Puts an item into the first free row of its name. */
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
