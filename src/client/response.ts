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

// Closes what still holds a connection when its response has been collected: nobody can read it any more.
const forgotten: FinalizationRegistry<WeakRef<HttpCall>> = new FinalizationRegistry((ref) => ref.deref()?.close());

/**
 * A response, whose body may still be on its way.
 *
 * Read the body, or close the response: `await using response = await session.get(url)` does that at the end of the
 * block. One that is neither read nor closed holds its connection until the task, group or request that asked for it
 * has ended, the session is closed, its time is over, or it is collected as garbage.
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
  /** The text next to the status code; may be empty. */
  readonly reason: string;
  /** The headers as they came; changing them changes nothing but this list. */
  readonly headers: HeaderList;
  /** The URL that answered: the last one, if there were redirects. */
  readonly url: string;
  /** The method that was answered, which a redirect may have changed. */
  readonly method: string;
  /** The redirects that led here, first to last. Their bodies are gone. */
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
   * The body, piece by piece as it arrives, decoded. It is read once; leaving the loop closes the response. No more of
   * it is taken from the server than is asked for, but for 64 KiB.
   *
   * @throws {InvalidStateError} If it was read already, or the response was closed.
   * @throws {ClientPayloadError} If it breaks off, or cannot be decoded.
   * @throws {PayloadTooLarge} If it is larger than `maxBodySize`.
   * @throws {ClientTimeoutError} If time ran out.
   */
  get body(): AsyncIterable<Uint8Array> {
    return this.#pieces();
  }

  /**
   * The whole body, decoded. It may be asked for again; but being cancelled while it arrives closes the response.
   *
   * @throws What reading {@link body} throws.
   */
  bytes(): Promise<Uint8Array> {
    return this.#reading.with(async () => (this.#bytes ??= await this.#collect()));
  }

  /**
   * The whole body as text: by its byte order mark, else the charset of its `Content-Type`, else UTF-8. What cannot be
   * decoded becomes U+FFFD.
   *
   * @throws What reading {@link body} throws.
   */
  async text(): Promise<string> {
    return textOf(await this.bytes(), this.headers.get("content-type"));
  }

  /**
   * The whole body, parsed as JSON, whatever its `Content-Type` says. Its type is the caller's word: nothing checks it.
   *
   * @throws {ContentTypeError} If it is not JSON, and does not say that it is.
   * @throws {InvalidJsonError} If it says that it is JSON, and is not.
   * @throws What reading {@link body} throws.
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
   * Throws if the status is 400 or more, and closes the response then. Returns the response.
   *
   * @throws {ClientResponseError} If the status is 400 or more.
   */
  raiseForStatus(): this {
    if (this.ok) return this;
    this.close();
    throw new ClientResponseError(this.#request, this);
  }

  /** Lets go of what has not been read. Does nothing if the whole body has arrived. */
  close(): void {
    this.#isClosed = true;
    this.#body.close();
  }

  /** Closes it. */
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
    // What was decoded may have ended before what was sent.
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
