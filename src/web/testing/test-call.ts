import { createTask, Event, InvalidStateError, isCancelled, type Task, wait } from "../../asyncio/index.ts";
import {
  type AccessEntry,
  type Application,
  HeaderList,
  type HeadersLike,
  MemoryExchange,
  ResponseAborted,
  type ResponseHead,
  serveExchange,
  toBytes,
} from "../../http/index.ts";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { EventStreamParser, type ReceivedEvent } from "../events/event-stream-parser.ts";
import { encodeQuery, type UrlValues } from "../routing/build-path.ts";
import { KeptContext } from "./_kept-context.ts";
import type { TestConnectionOptions } from "./test-connection-options.ts";
import { TestResponse } from "./test-response.ts";

/** The parts of a request besides method and path. At most one of `body`, `json`, `form` and `streamsBody`. */
export interface TestRequestOptions extends TestConnectionOptions {
  /** Headers; those of the client are added, unless they are among these. */
  readonly headers?: HeadersLike;
  /** Arguments for the query, besides those in the path. */
  readonly query?: UrlValues;
  /** The body. An async iterable is sent piece by piece, no faster than the application reads it. */
  readonly body?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  /** A value to be sent as JSON. */
  readonly json?: unknown;
  /** A form to be sent: `FormData` as `multipart/form-data`, else as `application/x-www-form-urlencoded`. */
  readonly form?: FormData | URLSearchParams | Readonly<Record<string, string>>;
  /**
   * Whether the body is sent by the test, with `send()` and `sendComplete()` of the call that `open()` returns.
   * @default false
   */
  readonly streamsBody?: boolean;
  /**
   * Whether redirects are followed, until there is another answer. `open()` never follows.
   * @default `followRedirects` of the client
   */
  readonly followRedirects?: boolean;
}

/** `undefined` if the test sends it. */
type RequestBody = TestRequestOptions["body"];

/** A request of a test client that is under way. */
export class TestCall {
  readonly #exchange: MemoryExchange;
  readonly #over = new Event({ name: "request over" });
  #entry: AccessEntry | undefined;
  readonly #upload: Task<void> | undefined;
  readonly #context = new KeptContext();
  #isSending: boolean;
  readonly #onHead: (head: ResponseHead) => void;

  /** @internal Use `client.open()`. */
  constructor(
    app: Application,
    method: string,
    path: string,
    options: TestRequestOptions,
    onHead: (head: ResponseHead) => void,
  ) {
    this.#onHead = onHead;
    const { body, headers } = prepareBody(options);
    this.#exchange = new MemoryExchange({
      ...options,
      method,
      target: toTarget(path, options.query),
      rawHeaders: headers.raw,
    });
    this.#isSending = body === undefined;
    this.#upload = this.#startUpload(body);
    void serveExchange(this.#context.watch(app), this.#exchange, {
      onAccess: (entry) => {
        this.#entry = entry;
        this.#upload?.cancel("the request is over");
        this.#over.set();
      },
    });
  }

  /**
   * Waits for status and headers. The body can be read after that.
   *
   * @throws {ResponseAborted} If the application could not respond.
   * @throws {ClientDisconnected} If the test has left.
   */
  async head(): Promise<ResponseHead> {
    const head = await this.#exchange.head();
    this.#onHead(head);
    return head;
  }

  /**
   * Sends a piece of the body of a request with `streamsBody`. It waits as long as the application does not read what was
   * sent before. What is sent to an application that has answered, and reads no more, is dropped.
   *
   * @throws {InvalidStateError} If the request has no `streamsBody`, or its body was completed.
   * @throws {TypeError} If `piece` is neither text nor bytes.
   * @throws {ClientDisconnected} If the test has left.
   * @throws {ResponseAborted} If the application failed in the middle of its response.
   * @example
   * const app = new Pottle(import.meta);
   * app.post("/shout", (_, request) =>
   *   (async function* () {
   *     for await (const piece of request.body) yield new TextDecoder().decode(piece).toUpperCase();
   *   })(),
   * );
   * const call = app.testClient().open("POST", "/shout", { streamsBody: true });
   * await call.send("hello");
   * await call.head();
   * console.log(new TextDecoder().decode(await call.read())); // HELLO
   * await call.send("bye");
   * await call.sendComplete();
   * console.log(new TextDecoder().decode(await call.read())); // BYE
   */
  async send(piece: string | Uint8Array): Promise<void> {
    const action = "send a piece of the body";
    this.#requireSending(action);
    if (typeof piece !== "string" && !(piece instanceof Uint8Array)) {
      throw wrongType(action, "it must be a string or bytes", piece, showKind);
    }
    const { upload } = this.#exchange;
    // Copied: the test may use its bytes for something else.
    upload.push(Uint8Array.from(toBytes(piece)));
    await upload.room();
  }

  /**
   * Ends the body of a request with `streamsBody`.
   *
   * @throws {InvalidStateError} If the request has no `streamsBody`, or its body was completed.
   */
  async sendComplete(): Promise<void> {
    this.#requireSending("complete the body");
    this.#isSending = false;
    this.#exchange.upload.end();
  }

  /**
   * Waits for the next piece of the response's body; `undefined` means that it is over.
   *
   * @throws {ResponseAborted} If the application failed in the middle.
   * @throws {ClientDisconnected} If the test has left.
   */
  read(): Promise<Uint8Array | undefined> {
    return this.#exchange.download.read();
  }

  /**
   * Yields the events of the response's body as they come, as an `EventSource` would. A test that leaves the loop leaves the
   * request too.
   *
   * @throws The errors of {@link read}.
   * @example
   * const app = new Pottle(import.meta);
   * app.get("/numbers", () =>
   *   sse(async function* () {
   *     for (let n = 1; ; n++) yield n;
   *   }),
   * );
   * for await (const { data } of app.testClient().open("GET", "/numbers").events()) {
   *   console.log(data); // 1
   *   break;
   * }
   */
  async *events(): AsyncGenerator<ReceivedEvent, void, undefined> {
    const parser = new EventStreamParser();
    try {
      await this.head();
      for (let piece = await this.read(); piece !== undefined; piece = await this.read()) yield* parser.push(piece);
    } finally {
      this.disconnect();
    }
  }

  /** Leaves, as a client does that closes its connection. */
  disconnect(): void {
    this.#exchange.disconnect();
  }

  /**
   * Waits until the request is over, with every task that it started, and says how it ended.
   *
   * @throws The error that the async iterable of the request's body threw.
   */
  async over(): Promise<AccessEntry> {
    await this.#over.wait();
    await this.#uploaded();
    return this.#entry as AccessEntry;
  }

  /**
   * Waits for the whole response, and until the request is over. A test that stops waiting, leaves.
   *
   * @throws {ResponseAborted} If the application failed in the middle; its `cause` is the error.
   * @throws {ClientDisconnected} If the test has left.
   */
  async response(): Promise<TestResponse> {
    try {
      const { status, headers } = await this.head();
      const body = await this.#readAll();
      const { outcome } = await this.over();
      return new TestResponse(status, new HeaderList(headers), body, outcome, this.#context);
    } catch (error) {
      throw await this.#explain(error);
    }
  }

  async #readAll(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for (let chunk = await this.read(); chunk !== undefined; chunk = await this.read()) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async #explain(error: unknown): Promise<unknown> {
    if (isCancelled(error)) this.disconnect();
    const { outcome } = await this.over();
    if (error instanceof ResponseAborted && outcome.kind === "failed") error.cause = outcome.error;
    return error;
  }

  #requireSending(action: string): void {
    if (this.#isSending) return;
    const must = "the request must have 'streamsBody', and its body must not be complete";
    throw new InvalidStateError(`Cannot ${action} as ${must}: it is not so`);
  }

  /** Sends the body, unless the test does; a stream of it is a task of its own. */
  #startUpload(body: RequestBody): Task<void> | undefined {
    if (body === undefined) return undefined;
    if (typeof body !== "string" && !(body instanceof Uint8Array)) {
      return createTask(() => this.#stream(body), { name: "upload" });
    }
    this.#exchange.upload.push(toBytes(body));
    this.#exchange.upload.end();
    return undefined;
  }

  /** Waits for the task that sends the body, which was cancelled if the request did not want it all. */
  async #uploaded(): Promise<void> {
    const task = this.#upload;
    if (task === undefined) return;
    await wait([task]);
    if (!task.cancelled() && task.exception() !== this.#exchange.disconnected) task.result();
  }

  async #stream(body: AsyncIterable<string | Uint8Array>): Promise<void> {
    const { upload } = this.#exchange;
    try {
      for await (const piece of body) {
        upload.push(toBytes(piece));
        await upload.room();
        if (upload.isDiscarding) return;
      }
      upload.end();
    } catch (error) {
      // A body that is not sent to its end is a client that breaks off.
      this.disconnect();
      throw error;
    }
  }
}

function prepareBody(options: TestRequestOptions): { body: RequestBody; headers: HeaderList } {
  const list = new HeaderList(options.headers);
  const { content, type } = encodeBody(options);
  if (type !== undefined && !list.has("Content-Type")) list.append("Content-Type", type);
  frame(list, content);
  return { body: content, headers: list };
}

function encodeBody(options: TestRequestOptions): { content: RequestBody; type?: string } {
  const { body, json, form } = options;
  const streamsBody = option("send the request", "streamsBody", options.streamsBody ?? false).boolean() || undefined;
  const given = Object.entries({ body, json, form, streamsBody }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const must = "it must have at most one of 'body', 'json', 'form' and 'streamsBody'";
    throw new TypeError(
      `Cannot send the request as ${must}: current value has ${given.map(([name]) => name).join(" and ")}`,
    );
  }
  if (streamsBody === true) return { content: undefined };
  if (form !== undefined) return encodeForm(form);
  return json === undefined ? { content: body ?? "" } : { content: JSON.stringify(json), type: "application/json" };
}

function encodeForm(form: NonNullable<TestRequestOptions["form"]>): { content: RequestBody; type: string } {
  if (!(form instanceof FormData)) {
    return { content: new URLSearchParams(form).toString(), type: "application/x-www-form-urlencoded" };
  }
  const encoded = new Response(form);
  return { content: wholeBody(encoded), type: encoded.headers.get("Content-Type") ?? "" };
}

/** The platform's stream of a form fails somewhere behind if it is left in the middle. So all of it is sent at once. */
async function* wholeBody(response: Response): AsyncGenerator<Uint8Array, void, undefined> {
  yield new Uint8Array(await response.arrayBuffer());
}

function frame(headers: HeaderList, body: RequestBody): void {
  if (headers.has("Content-Length") || headers.has("Transfer-Encoding")) return;
  if (typeof body !== "string" && !(body instanceof Uint8Array)) headers.append("Transfer-Encoding", "chunked");
  else if (body.length > 0) headers.append("Content-Length", String(toBytes(body).byteLength));
}

/** @internal Encodes what may not stand in a target, and nothing that is encoded already. */
export function toTarget(path: string, query: UrlValues = {}): string {
  const encoded = path.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
  const more = encodeQuery(query);
  return more === "" ? encoded : `${encoded}${encoded.includes("?") ? "&" : "?"}${more}`;
}
