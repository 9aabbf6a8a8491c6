import type { HeaderList } from "../../http/index.ts";
import { splitQuoted } from "./split-quoted.ts";

/**
 * A header that is a set of names, such as `Vary`. Names are compared without regard to case. It is a view: a change of it
 * changes the header.
 */
export class HeaderSet implements Iterable<string> {
  readonly #headers: HeaderList;
  readonly #name: string;

  /** @internal Made by `response.vary`. */
  constructor(headers: HeaderList, name: string) {
    this.#headers = headers;
    this.#name = name;
  }

  /** The number of names. */
  get size(): number {
    return this.#names().length;
  }

  /** Whether a name is in it. */
  has(name: string): boolean {
    return this.#names().some((other) => isSame(other, name));
  }

  /** Adds names that are not in it yet. `*`, which stands for all, is left alone. */
  add(...names: readonly string[]): this {
    const all = this.#names();
    if (all.includes("*")) return this;
    const added = names.filter((name, i) => ![...all, ...names.slice(0, i)].some((other) => isSame(other, name)));
    if (added.length > 0) this.#headers.set(this.#name, [...all, ...added].join(", "));
    return this;
  }

  /** Removes a name; says whether it was in it. */
  delete(name: string): boolean {
    const all = this.#names();
    const kept = all.filter((other) => !isSame(other, name));
    if (kept.length === all.length) return false;
    this.#headers.delete(this.#name);
    if (kept.length > 0) this.#headers.append(this.#name, kept.join(", "));
    return true;
  }

  /** The value of the header. */
  toString(): string {
    return this.#names().join(", ");
  }

  /** Walks over the names. */
  [Symbol.iterator](): ArrayIterator<string> {
    return this.#names().values();
  }

  #names(): string[] {
    return splitQuoted(this.#headers.getAll(this.#name).join(","), ",");
  }
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
