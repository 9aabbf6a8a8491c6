import type { HeaderList } from "../../http/index.ts";
import { option } from "../../base/options.ts";
import { parseParameters, quoteIfNeeded, splitQuoted } from "./split-quoted.ts";

type Flag = "no-store" | "no-cache" | "no-transform" | "must-revalidate" | "public" | "private" | "immutable";
type Time = "max-age" | "s-maxage" | "stale-while-revalidate" | "stale-if-error";

/** The directives of `Cache-Control`, to be set together. Times are in milliseconds, and are sent as whole seconds. */
export interface CacheDirectives {
  /** Whether no cache may store it. */
  readonly noStore?: boolean;
  /** Whether a cache must ask each time whether it is still the same. */
  readonly noCache?: boolean;
  /** Whether nothing in between may change it. */
  readonly noTransform?: boolean;
  /** Whether a cache must ask once it is stale. */
  readonly mustRevalidate?: boolean;
  /** Whether any cache may store it. */
  readonly public?: boolean;
  /** Whether only the cache of the user may store it. */
  readonly private?: boolean;
  /** Whether it never changes. */
  readonly immutable?: boolean;
  /** The time that it stays fresh, in milliseconds. */
  readonly maxAge?: number;
  /** The same for shared caches. */
  readonly sMaxage?: number;
  /** The time after that in which it may be used while it is asked for, in milliseconds. */
  readonly staleWhileRevalidate?: number;
  /** The time after that in which it may be used if the server fails, in milliseconds. */
  readonly staleIfError?: number;
}

const flags: Readonly<Record<string, Flag>> = {
  noStore: "no-store",
  noCache: "no-cache",
  noTransform: "no-transform",
  mustRevalidate: "must-revalidate",
  public: "public",
  private: "private",
  immutable: "immutable",
};
const times: Readonly<Record<string, Time>> = {
  maxAge: "max-age",
  sMaxage: "s-maxage",
  staleWhileRevalidate: "stale-while-revalidate",
  staleIfError: "stale-if-error",
};

/**
 * The directives of a `Cache-Control` header. It is a view: a change of it changes the header. Directives that it does not
 * know are kept.
 *
 * @example
 * const response = makeResponse("Hello");
 * response.cacheControl.set({ public: true, maxAge: 60_000 });
 * console.log(response.headers.get("Cache-Control")); // public, max-age=60
 * @see https://www.rfc-editor.org/rfc/rfc9111#section-5.2
 */
export class CacheControl {
  readonly #headers: HeaderList;

  /** @internal Made by `response.cacheControl` and `request.cacheControl`. */
  constructor(headers: HeaderList) {
    this.#headers = headers;
  }

  /** Whether no cache may store it. */
  get noStore(): boolean {
    return this.has("no-store");
  }

  /** Whether a cache must ask each time whether it is still the same. */
  get noCache(): boolean {
    return this.has("no-cache");
  }

  /** The time that it stays fresh, in milliseconds; `undefined` if it is not said, or is not a number. */
  get maxAge(): number | undefined {
    return this.#time("max-age");
  }

  /** Whether any cache may store it. */
  get public(): boolean {
    return this.has("public");
  }

  /** Whether only the cache of the user may store it. */
  get private(): boolean {
    return this.has("private");
  }

  /** Whether a directive is there, by its name in the header: `no-transform`. */
  has(directive: string): boolean {
    return this.#read().has(directive.toLowerCase());
  }

  /** The value of a directive, by its name in the header; empty if it has none, `undefined` if it is not there. */
  get(directive: string): string | undefined {
    return this.#read().get(directive.toLowerCase());
  }

  /**
   * Sets directives, and removes those that are `false` or `undefined`. The others stay as they are.
   *
   * @throws {RangeError} If a time is not a number of milliseconds >= 0.
   * @throws {TypeError} If a directive is of the wrong type, or unknown.
   */
  set(directives: CacheDirectives): this {
    const all = this.#read();
    for (const [name, value] of Object.entries(directives)) apply(all, name, value);
    this.#headers.delete("Cache-Control");
    const text = Array.from(all, ([name, value]) => (value === "" ? name : `${name}=${quoteIfNeeded(value)}`)).join(
      ", ",
    );
    if (text !== "") this.#headers.append("Cache-Control", text);
    return this;
  }

  #time(name: Time): number | undefined {
    const text = this.get(name);
    return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) * 1000 : undefined;
  }

  #read(): Map<string, string> {
    return parseParameters(splitQuoted(this.#headers.getAll("Cache-Control").join(","), ","));
  }
}

function apply(all: Map<string, string>, name: string, value: unknown): void {
  const known = Object.hasOwn(flags, name) ? flags[name] : Object.hasOwn(times, name) ? times[name] : undefined;
  if (known === undefined) throw new TypeError(`Cannot set 'Cache-Control' as there is no such directive: ${name}`);
  const text = value === undefined || value === false ? undefined : format(name, value);
  if (text === undefined) all.delete(known);
  else all.set(known, text);
}

function format(name: string, value: unknown): string {
  const action = "set 'Cache-Control'";
  if (Object.hasOwn(times, name)) {
    const ms = option(action, name, value).milliseconds({ from: 0, to: Number.MAX_SAFE_INTEGER });
    return String(Math.floor(ms / 1000));
  }
  option(action, name, value).boolean();
  return "";
}
