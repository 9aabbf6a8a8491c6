import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";

/**
 * Makes JSON of values and values of JSON: `app.json`. Extend it, and set `app.json` to an instance, to have views, `jsonify`
 * and `request.json()` use another one.
 *
 * Besides what `JSON.stringify` does, bigints are strings, as most clients would round them; a Map is an object of its
 * entries, a Set is an array. Dates are strings in ISO 8601. A class that stands for a decimal number gets a
 * `toJSON()` that returns a string. A promise, an iterator or a generator is refused instead of being `{}`.
 *
 * @example
 * class Sorted extends JSONProvider {
 *   override dumps(value: unknown): string {
 *     return super.dumps(Object.fromEntries(Object.entries(value as object).toSorted()));
 *   }
 * }
 * const app = new Pottle(import.meta);
 * app.json = new Sorted();
 * app.get("/", () => ({ b: 2n, a: new Set([1]) }));
 * console.log((await app.testClient().get("/")).text()); // {"a":[1],"b":"2"}
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export class JSONProvider {
  /** The `Content-Type` of what it makes. */
  readonly mimetype: string = "application/json";

  /**
   * Makes JSON of a value.
   *
   * @throws {TypeError} If JSON cannot have it: it is circular, or is or contains a promise, an iterator or a generator; or if
   *   there is nothing of it in JSON, as of `undefined` or a function.
   */
  dumps(value: unknown): string {
    const text = stringify(value);
    if (text !== undefined) return text;
    throw wrongType("make JSON", "it must be a value that JSON has", value, showKind);
  }

  /** Makes a value of JSON. @throws {SyntaxError} If it is not JSON. */
  loads(text: string): unknown {
    return JSON.parse(text) as unknown;
  }
}

/** The provider of an application that has no other. */
export const defaultJSON: JSONProvider = new JSONProvider();

/** An object that has a provider: an application. */
export interface JSONSource {
  readonly json: JSONProvider;
}

/** A bigint makes `JSON.stringify` throw; a Map, a Set and their kin are `{}` in its text. Only then is there more to do. */
function stringify(value: unknown): string | undefined {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(value, replace);
  }
  return text !== undefined && text.includes("{}") ? JSON.stringify(value, replace) : text;
}

function replace(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (value instanceof Map) return Object.fromEntries(value as ReadonlyMap<string, unknown>);
  if (value instanceof Set) return [...(value as ReadonlySet<unknown>)];
  if (isLost(value)) throw wrongType("make JSON", "there must be nothing in it that JSON would lose", value, showKind);
  return value;
}

/** Whether a value would silently be `{}`: a forgotten `await`, or items that were not taken out. */
function isLost(value: object): boolean {
  if (ArrayBuffer.isView(value) || Object.keys(value).length > 0) return false;
  return value instanceof Promise || Symbol.iterator in value || Symbol.asyncIterator in value;
}
