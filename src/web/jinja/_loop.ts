import { TemplateFault } from "../jinja-syntax/template-errors.ts";
import { isEqual } from "./_values.ts";

/** What a loop says of itself: `loop.index`, `loop.last`. */
export class Loop {
  /** The number of the round, counted from 0. */
  index0 = -1;
  /** How many loops of the same name are around it. */
  readonly depth0: number;
  previtem: unknown;
  nextitem: unknown;
  /** Whether this is the last round. */
  last = false;
  readonly #length: number | undefined;
  #current: unknown;
  #seen: unknown;

  constructor(length: number | undefined, depth0: number) {
    this.#length = length;
    this.depth0 = depth0;
  }

  get index(): number {
    return this.index0 + 1;
  }

  get first(): boolean {
    return this.index0 === 0;
  }

  get depth(): number {
    return this.depth0 + 1;
  }

  /** The number of rounds. */
  get length(): number {
    if (this.#length === undefined) throw new TemplateFault("the length of an async iterable is not known");
    return this.#length;
  }

  get revindex(): number {
    return this.length - this.index0;
  }

  get revindex0(): number {
    return this.length - this.index0 - 1;
  }

  /** One of the values, in turn. */
  cycle(...values: readonly unknown[]): unknown {
    if (values.length === 0) throw new TemplateFault("there are no values to cycle");
    return values[this.index0 % values.length];
  }

  /** Whether the values are not those of the last call. */
  changed(...values: readonly unknown[]): boolean {
    if (this.#seen !== undefined && isEqual(this.#seen, values)) return false;
    this.#seen = values;
    return true;
  }

  /** Begins a round. */
  advance(item: unknown, next: { readonly item: unknown } | undefined): void {
    this.previtem = this.#current;
    this.#current = item;
    this.index0++;
    this.nextitem = next?.item;
    this.last = next === undefined;
  }
}
