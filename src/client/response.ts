import { InvalidStateError, Lock } from "../asyncio/index.ts";
import type { HeaderList } from "../http/index.ts";
import { ResponseBody, textOf } from "./body.ts";
import type { HttpCall } from "./call.ts";
import {
  ClientResponseError,
  ContentTypeError,
  InvalidJsonError,
  type RequestInfo,
  type ResponseInfo,
} from "./errors.ts";

// Closes a call that still holds a connection when its response was garbage-collected, because no code can read it any
// more.
const forgotten: FinalizationRegistry<WeakRef<HttpCall>> = new FinalizationRegistry((ref) => ref.deref()?.close());

/**
 * The response to a request. Its body may still be arriving.
 *
 * Read the body or close the response: `await using response = await session.get(url)` closes it at the end of the
 * block. A response that is neither read nor closed holds its connection until one of these happens: the task, group or
 * request that requested it ends, the session is closed, a time limit runs out, or the response is garbage-collected.
 *
 * @example
 * import { createServer } from "node:http";
 * const server = createServer((_, response) => response.end('{"temperature":21}')).listen(0, "127.0.0.1");
 * await new Promise((resolve) => server.once("listening", resolve));
 * const { port } = server.address() as { port: number };
 *
 * await using session = new ClientSession({ baseUrl: `http://127.0.0.1:${port}/` });
 * await using response = await session.get("weather");
 * console.log(response.status, await response.json()); // 200 { temperature: 21 }
 * server.close();
 * @see https://docs.aiohttp.org/en/stable/client_reference.html#response-object
 */
export class ClientResponse implements AsyncDisposable {
  /** The status code. */
  readonly status: number;
  /** The reason phrase of the status; may be empty. */
  readonly reason: string;
  /** The received headers. Changing this list has no other effect. */
  readonly headers: HeaderList;
  /** The URL that answered; the last one if there were redirects. */
  readonly url: string;
  /** The method of the answered request, which a redirect may have changed. */
  readonly method: string;
  /** The redirects that led to this response, the first one first. Their bodies cannot be read. */
  readonly history: readonly ClientResponse[];
  readonly #request: RequestInfo;
  readonly #body: ResponseBody;
  readonly #reading: Lock = new Lock();
  #bytes: Uint8Array | undefined;
  #isStreamed = false;
  #isClosed = false;

  /** @internal Made by the session. */
  constructor(call: HttpCall, head: ResponseInfo, history: readonly ClientResponse[], maxBodySize: number) {
    this.status = head.status;
    this.reason = head.reason;
    this.headers = head.headers;
    this.#request = call.request.info;
    this.url = this.#request.url;
    this.method = this.#request.method;
    this.history = history;
    this.#body = new ResponseBody(call, head, maxBodySize);
    if (!call.isComplete) forgotten.register(this, new WeakRef(call));
  }

  /** Whether the status is below 400. */
  get ok(): boolean {
    return this.status < 400;
  }

  /**
   * The decoded body, piece by piece as it arrives. It can be read only once; leaving the loop closes the response. At
   * most 64 KiB are read ahead of the loop.
   *
   * @throws {InvalidStateError} If the body was already read, or the response was closed.
   * @throws {ClientPayloadError} If the body is cut off or cannot be decoded.
   * @throws {PayloadTooLarge} If the body is larger than `maxBodySize`.
   * @throws {ClientTimeoutError} If a time limit ran out.
   */
  get body(): AsyncIterable<Uint8Array> {
    return this.#pieces();
  }

  /**
   * The whole decoded body. You may call this more than once, but a cancellation while the body arrives closes the
   * response.
   *
   * @throws The same errors as reading {@link body}.
   */
  bytes(): Promise<Uint8Array> {
    return this.#reading.with(async () => (this.#bytes ??= await this.#collect()));
  }

  /**
   * The whole body as text. The charset is determined by the byte order mark, else by `Content-Type`, else it is UTF-8.
   * Bytes that cannot be decoded become U+FFFD.
   *
   * @throws The same errors as reading {@link body}.
   */
  async text(): Promise<string> {
    return textOf(await this.bytes(), this.headers.get("content-type"));
  }

  /**
   * The whole body, parsed as JSON whatever its `Content-Type` is. The type `T` is not checked.
   *
   * @throws {ContentTypeError} If the body is not JSON, and its `Content-Type` is not JSON either.
   * @throws {InvalidJsonError} If the `Content-Type` is JSON but the body is not.
   * @throws The same errors as reading {@link body}.
   */
  async json<T = unknown>(): Promise<T> {
    const text = await this.text();
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw this.#notJson(error as Error);
    }
  }

  /**
   * Closes the response and throws if the status is 400 or more. Otherwise returns the response.
   *
   * @throws {ClientResponseError} If the status is 400 or more.
   */
  raiseForStatus(): this {
    if (this.ok) return this;
    this.close();
    throw new ClientResponseError(this.#request, this);
  }

  /** Discards the unread rest of the body, and releases the connection. Does nothing if the whole body has arrived. */
  close(): void {
    this.#isClosed = true;
    this.#body.close();
  }

  /** Closes the response: see {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  async *#pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#requireUnread();
    this.#isStreamed = true;
    try {
      for (let piece = await this.#body.read(); piece !== undefined; piece = await this.#body.read()) yield piece;
    } finally {
      this.close();
    }
  }

  async #collect(): Promise<Uint8Array> {
    this.#requireUnread();
    const pieces: Uint8Array[] = [];
    for (let piece = await this.#body.read(); piece !== undefined; piece = await this.#body.read()) pieces.push(piece);
    // The decoded data may have ended before the sent data.
    this.#body.close();
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  #requireUnread(): void {
    if (!this.#isStreamed && !this.#isClosed) return;
    const { method, url } = this.#request;
    const reason = this.#isStreamed ? "it was read already" : "the response was closed";
    throw new InvalidStateError(`Cannot read the body of ${method} ${url} as ${reason}`);
  }

  #notJson(cause: Error): Error {
    const { method, url } = this.#request;
    const type = this.headers.get("content-type");
    const reading = `Cannot read the body of ${method} ${url} as JSON`;
    if (type === undefined || /\bjson\b/i.test(type)) {
      return new InvalidJsonError(this.#request, `${reading}: ${cause.message}`, { cause });
    }
    return new ContentTypeError(this.#request, this, `${reading} as its type is another: ${type}`, { cause });
  }
}
