import type { RawHeaders, ResponseBody } from "../../http/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { type Html, isHtml } from "./html.ts";

/** What a value is sent as. */
export interface TypedBody {
  readonly content: ResponseBody;
  /** `Content-Type` and its value. */
  readonly headers: RawHeaders;
}

/** The view that a value came from. */
export interface BodySource {
  /** The path of its route. */
  readonly path: string;
  /** The view itself. */
  readonly target: { readonly name: string };
}

/** A piece of a stream. */
type Piece = string | Uint8Array;

const html: RawHeaders = ["Content-Type", "text/html; charset=utf-8"];
const bytes: RawHeaders = ["Content-Type", "application/octet-stream"];
const json: RawHeaders = ["Content-Type", "application/json"];

/**
 * Makes a body from a value: a string and `html` are HTML, bytes are bytes, an async iterable is a stream of HTML or
 * bytes, and every other object is JSON.
 *
 * JSON is what `JSON.stringify` makes: properties in the order in which they were written, no blanks, no line break at
 * its end.
 *
 * @param source The view that returned the value, for the error to name it.
 * @throws {TypeError} If there is no body for such a value.
 */
export function toBody(value: unknown, source?: BodySource): TypedBody {
  if (typeof value === "string") return { content: value, headers: html };
  if (value instanceof Uint8Array) return { content: value, headers: bytes };
  if (isHtml(value)) return { content: value.toString(), headers: html };
  if (isAsyncIterable(value)) return { content: new HtmlStream(value), headers: html };
  return { content: toJson(value, source), headers: json };
}

/** A stream whose pieces may be `html`, as pieces that can be sent. */
class HtmlStream implements AsyncIterable<string | Uint8Array> {
  readonly #source: AsyncIterable<Piece | Html>;

  constructor(source: AsyncIterable<Piece | Html>) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): AsyncIterator<Piece> {
    const iterator = this.#source[Symbol.asyncIterator]();
    return {
      next: async () => plain(await iterator.next()),
      return: async () => plain((await iterator.return?.()) ?? { done: true, value: undefined }),
    };
  }
}

function plain(result: IteratorResult<Piece | Html>): IteratorResult<Piece> {
  return isHtml(result.value) ? { done: result.done ?? false, value: String(result.value) } : (result as never);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<Piece | Html> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function toJson(value: unknown, source: BodySource | undefined): string {
  const text = typeof value === "object" && value !== null && !isLostInJson(value) ? JSON.stringify(value) : undefined;
  if (text !== undefined) return text;
  const action = source === undefined ? "make a response" : `answer with what ${describeView(source)} returned`;
  const must = "it must be a string, bytes, an object, an array, an async iterable or a response";
  throw wrongType(action, must, value, showKind);
}

function describeView({ path, target }: BodySource): string {
  return target.name === "" ? `the view of '${path}'` : `view '${target.name}' of '${path}'`;
}

/** A Map, a Set or a generator would silently be `{}`. */
function isLostInJson(value: object): boolean {
  return Symbol.iterator in value && !Array.isArray(value) && !("toJSON" in value);
}
