import { isHeaders } from "../base/fetch-classes.ts";
import type { RawHeaders } from "./application.ts";

/** What a list of headers can be made from: a flat or a nested list, an object, or the platform's `Headers`. */
export type HeadersLike =
  | RawHeaders
  | readonly (readonly [name: string, value: string])[]
  | Readonly<Record<string, string | readonly string[]>>
  | Headers
  | HeaderList;

/**
 * Headers in their order. Names are compared without regard to case and kept as they were written. Values are plain
 * strings; a name may have several. Unlike the platform's `Headers` it neither joins values nor sorts names.
 *
 * @example
 * const headers = new HeaderList({ "Content-Type": "text/plain", "Set-Cookie": ["a=1", "b=2"] });
 * headers.get("content-type"); // "text/plain"
 * headers.getAll("set-cookie"); // ["a=1", "b=2"]
 */
export class HeaderList implements Iterable<[name: string, value: string]> {
  readonly #flat: string[];

  /** @throws {RangeError} If a flat list has a name without a value. */
  constructor(headers: HeadersLike = []) {
    this.#flat = flatten(headers);
  }

  /** The headers as a flat list, as the gateway takes it. It is a view: it changes with the list. */
  get raw(): RawHeaders {
    return this.#flat;
  }

  /** How many headers there are; a name with two values counts twice. */
  get size(): number {
    return this.#flat.length / 2;
  }

  /** The first value of `name`; `undefined` if there is none. */
  get(name: string): string | undefined {
    return findHeader(this.#flat, name.toLowerCase());
  }

  /** All values of `name` in their order. */
  getAll(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.#pairs().flatMap(([key, value]) => (key.toLowerCase() === wanted ? [value] : []));
  }

  /** Whether `name` has a value. */
  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Gives `name` this one value in place of those that it has. */
  set(name: string, value: string): this {
    this.delete(name);
    return this.append(name, value);
  }

  /** Adds a value to those that `name` has. */
  append(name: string, value: string): this {
    this.#flat.push(name, value);
    return this;
  }

  /** Removes all values of `name`; says whether there were any. */
  delete(name: string): boolean {
    const wanted = name.toLowerCase();
    const kept = this.#pairs().filter(([key]) => key.toLowerCase() !== wanted);
    const found = kept.length < this.size;
    if (found) this.#flat.splice(0, this.#flat.length, ...kept.flat());
    return found;
  }

  /** Walks over names and values in their order. */
  [Symbol.iterator](): ArrayIterator<[name: string, value: string]> {
    return this.#pairs()[Symbol.iterator]();
  }

  #pairs(): [name: string, value: string][] {
    const pairs: [string, string][] = [];
    for (let i = 0; i + 1 < this.#flat.length; i += 2) pairs.push([this.#flat[i] ?? "", this.#flat[i + 1] ?? ""]);
    return pairs;
  }
}

/**
 * The first value of a header in a flat list, without making anything of the list.
 *
 * @param lowerCaseName The name in lower case.
 */
export function findHeader(headers: RawHeaders, lowerCaseName: string): string | undefined {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i];
    // Most names differ in length, so that few need to be lower-cased.
    if (name?.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName) return headers[i + 1];
  }
  return undefined;
}

function flatten(headers: HeadersLike): string[] {
  if (headers instanceof HeaderList) return [...headers.raw];
  if (isHeaders(headers)) return [...headers].flat();
  if (Array.isArray(headers)) return flattenList(headers);
  return Object.entries(headers).flatMap(([name, value]) =>
    typeof value === "string" ? [name, value] : [...value].flatMap((one: string) => [name, one]),
  );
}

function flattenList(list: readonly (string | readonly [string, string])[]): string[] {
  const flat: string[] = list.flat();
  if (flat.length % 2 === 0) return flat;
  throw new RangeError(`Cannot make headers as each name must have a value: current list is ${JSON.stringify(list)}`);
}
