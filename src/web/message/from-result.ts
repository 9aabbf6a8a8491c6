import { isResponse } from "../../base/fetch-classes.ts";
import { timeout } from "../../asyncio/index.ts";
import { type Exchange, HeaderList, type HeadersLike, type RawHeaders, type ResponseBody } from "../../http/index.ts";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { type Html, isHtml } from "../html/html.ts";
import { currentContext } from "./context.ts";
import { HttpResponse } from "./http-response.ts";
import { defaultJSON, type JSONProvider } from "./json-provider.ts";

/**
 * A value that a view may return: a string is HTML, bytes are bytes, an async iterable is a stream, a response is itself,
 * and every other object or array is JSON. `undefined` is excluded, so a view that forgets to return does not compile.
 */
export type ViewResult = string | Uint8Array | (object & { then?: never });

/**
 * Makes a response with a status and headers from a value that a view could return too: a string, bytes, an object, an
 * array, an async iterable. Its `Content-Type` is the one that the value would get then, unless `headers` has one.
 *
 * @param status From 200 to 599.
 * @throws {TypeError} If no response can be made from `body`.
 * @throws {RangeError} If `status` is not a whole number from 200 to 599.
 * @example
 * const app = new Pottle(import.meta);
 * app.post("/todos", async (_, request) => makeResponse(await request.json<object>(), 201, { Location: "/todos/1" }));
 * const response = await app.testClient().post("/todos", { json: { title: "write a test" } });
 * console.log(response.status, response.headers.get("location")); // 201 /todos/1
 */
export function makeResponse(body: string | object, status: number = 200, headers: HeadersLike = []): HttpResponse {
  option("make a response", "status", status).count({ from: 200, to: 599 });
  const { content, headers: typed } = toBody(body);
  const list = new HeaderList(headers);
  if (!list.has("Content-Type")) for (const [name, value] of new HeaderList(typed)) list.append(name, value);
  return new HttpResponse(content, status, list);
}

// Headers of a connection, not of a message. A response that came from another server has some of them.
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
// `fetch` has undone the encoding, but not the headers that speak of it.
const undoneByFetch: ReadonlySet<string> = new Set(["content-encoding", "content-length"]);

/**
 * Makes a response from the result of a view. It can still be changed.
 *
 * @param source The view that returned it.
 * @throws {TypeError} If no response can be made from it.
 */
export function toResponse(result: unknown, source?: Source): HttpResponse {
  if (result instanceof HttpResponse) return result;
  if (isResponse(result)) return fromPlatform(result);
  const { content, headers } = toBody(result, source);
  return new HttpResponse(content, 200, new HeaderList(headers));
}

function fromPlatform(response: Response): HttpResponse {
  if (response.bodyUsed) throw new TypeError("Cannot send the Response as its body was read already");
  const wasFetched = response.url !== "";
  const headers = [...response.headers].filter(
    ([name]) => !hopByHop.has(name) && !(wasFetched && undoneByFetch.has(name)),
  );
  return new HttpResponse(response.body ?? "", response.status, new HeaderList(headers));
}

/**
 * Answers an exchange with the result of a view.
 *
 * @param source The view that returned it.
 * @throws {TypeError} If no response can be made from it.
 * @throws The errors of `respond`.
 */
export function sendResult(exchange: Exchange, result: unknown, source?: Source): Promise<void> {
  if (result instanceof HttpResponse || isResponse(result)) return sendResponse(exchange, toResponse(result));
  // The usual case, without a response in between.
  const { content, headers } = toBody(result, source);
  return exchange.respond(200, headers, content);
}

/** Answers an exchange with a response. */
export function sendResponse(exchange: Exchange, response: HttpResponse): Promise<void> {
  const { status, headers, body, trailers } = response;
  const respond = (): Promise<void> =>
    trailers === undefined
      ? exchange.respond(status, headers.raw, body)
      : exchange.respond(status, headers.raw, body, { trailers });
  return response.timeout === undefined ? respond() : timeout(response.timeout, respond);
}

/** The body of a response, and its type. */
export interface TypedBody {
  readonly content: ResponseBody;
  /** `Content-Type` and its value. */
  readonly headers: RawHeaders;
}

/** The view that returned a value, for an error to name it. */
interface Source {
  /** The path of its route. */
  readonly path: string;
  readonly view: { readonly name: string };
}

/** A piece of a stream. */
type Piece = string | Uint8Array;

const html: RawHeaders = ["Content-Type", "text/html; charset=utf-8"];
const bytes: RawHeaders = ["Content-Type", "application/octet-stream"];
const json: RawHeaders = ["Content-Type", defaultJSON.mimetype];

/**
 * Makes a body from a value: a string and `html` are HTML, bytes are bytes, an async iterable is a stream of HTML or
 * bytes, and every other object is JSON.
 *
 * JSON is the text that `app.json` makes: properties in the order in which they were written, no blanks, no line break at its
 * end.
 *
 * An error that a view returns is thrown, unless it has a `toJSON()`: what went wrong should not look like success.
 *
 * @param source The view that returned it.
 * @throws {TypeError} If there is no body for such a value.
 * @throws The value itself, if it is an error that a view returned.
 */
export function toBody(value: unknown, source?: Source): TypedBody {
  if (typeof value === "string") return { content: value, headers: html };
  if (value instanceof Uint8Array) return { content: value, headers: bytes };
  if (isHtml(value)) return { content: value.toString(), headers: html };
  if (isAsyncIterable(value)) return { content: new HtmlStream(value), headers: html };
  const provider = currentJSON();
  const headers = provider === defaultJSON ? json : ["Content-Type", provider.mimetype];
  return { content: toJson(provider, value, source), headers };
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

/** The JSON of the current application. */
function currentJSON(): JSONProvider {
  return currentContext.get()?.app.json ?? defaultJSON;
}

function toJson(provider: JSONProvider, value: unknown, source: Source | undefined): string {
  if (typeof value === "object" && value !== null && !isLostInJson(value)) return provider.dumps(value);
  if (value instanceof Error && source !== undefined) throw value;
  const action = source === undefined ? "make a response" : `answer with what ${describeView(source)} returned`;
  const must = "it must be a string, bytes, an object, an array, an async iterable or a response";
  throw wrongType(action, must, value, showKind);
}

function describeView({ path, view }: Source): string {
  return view.name === "" ? `the view of '${path}'` : `view '${view.name}' of '${path}'`;
}

/** A generator or another iterator would silently be `{}`, and so would an error. */
function isLostInJson(value: object): boolean {
  if (value instanceof Map || value instanceof Set) return false;
  if (!(Symbol.iterator in value) && !(value instanceof Error)) return false;
  return !Array.isArray(value) && !("toJSON" in value);
}

/**
 * Makes a response of any value as JSON, even of a string or a number, which a view would send as a page or not at all.
 *
 * @param values The value; several of them are an array.
 * @throws {TypeError} If JSON cannot have it.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/count", () => jsonify(3));
 * const response = await app.testClient().get("/count");
 * console.log(response.headers.get("content-type"), response.text()); // application/json 3
 */
export function jsonify(...values: readonly unknown[]): HttpResponse {
  const provider = currentJSON();
  const content = provider.dumps(values.length === 1 ? values[0] : values);
  return new HttpResponse(content, 200, new HeaderList(["Content-Type", provider.mimetype]));
}
