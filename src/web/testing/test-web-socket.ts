import { Event } from "../../asyncio/index.ts";
import {
  type AccessEntry,
  type Application,
  Disconnect,
  HeaderList,
  type HeadersLike,
  MemoryWebSocket,
  type ResponseHead,
  serveWebSocketConnection,
  WebSocketClosed,
} from "../../http/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import type { UrlValues } from "../routing/build-path.ts";
import { KeptContext } from "./_kept-context.ts";
import type { TestConnectionOptions } from "./test-connection-options.ts";
import { TestResponse } from "./test-response.ts";

/** The parts of a request for a WebSocket besides its path. */
export interface TestWebSocketOptions extends TestConnectionOptions {
  /** Headers; those of the client are added, unless they are among these. */
  readonly headers?: HeadersLike;
  /** Arguments for the query, besides those in the path. */
  readonly query?: UrlValues;
  /**
   * The subprotocols that the client offers.
   * @default []
   */
  readonly subprotocols?: readonly string[];
  /**
   * Time, in milliseconds, that a view has to notice that the client has closed, before it is cancelled.
   * @default 1_000
   */
  readonly closeTimeout?: number;
}

/** A test sends to a WebSocket, or receives from it, that was refused. */
export class WebSocketRejected extends Error {
  override readonly name = "WebSocketRejected";
  /** The answer. */
  readonly response: TestResponse;

  constructor(response: TestResponse) {
    super(`The WebSocket was refused: status is ${response.status}`);
    this.response = response;
  }
}

/**
 * The client's end of a WebSocket, for tests. `await using` closes it, and waits until it is over with every task that it
 * started.
 */
export class TestWebSocket implements AsyncDisposable {
  readonly #memory: MemoryWebSocket;
  readonly #over = new Event({ name: "WebSocket over" });
  #entry: AccessEntry | undefined;
  #head: ResponseHead | undefined;
  #response: Promise<TestResponse> | undefined;
  readonly #context = new KeptContext();
  readonly #onHead: (head: ResponseHead) => void;

  /** @internal Use `client.websocket()`. */
  constructor(app: Application, target: string, options: TestWebSocketOptions, onHead: (head: ResponseHead) => void) {
    this.#onHead = onHead;
    const { closeTimeout = 1_000, headers, scheme, ...others } = options;
    const { raw: rawHeaders } = new HeaderList(headers);
    this.#memory = new MemoryWebSocket({
      ...others,
      target,
      rawHeaders,
      closeTimeout,
      scheme: scheme === "https" ? "wss" : "ws",
    });
    void serveWebSocketConnection(this.#context.watch(app), this.#memory.connection, {
      onAccess: (entry) => {
        this.#entry = entry;
        this.#over.set();
      },
    });
  }

  /** The subprotocol that the view has chosen; `undefined` if it has chosen none, or not accepted yet. */
  get subprotocol(): string | undefined {
    return new HeaderList(this.#head?.headers).get("sec-websocket-protocol");
  }

  /** The code of the first Close, whichever side sent it; `undefined` as long as it is not closing. */
  get closeCode(): number | undefined {
    return this.#memory.closeCode;
  }

  /**
   * Waits for the head of the answer: the status is 101 if the WebSocket was accepted.
   *
   * @throws {ResponseAborted} If the application could not answer.
   * @throws {ClientDisconnected} If the test has left.
   */
  async answer(): Promise<ResponseHead> {
    if (this.#head !== undefined) return this.#head;
    const head = await this.#memory.head();
    // Another task may have waited for it as well.
    if (this.#head === undefined) this.#onHead(head);
    return (this.#head = head);
  }

  /**
   * Waits for the response that refuses the WebSocket.
   *
   * @throws {TypeError} If it was accepted.
   */
  async rejection(): Promise<TestResponse> {
    const { status } = await this.answer();
    if (status === 101) throw wrongType("read the response", "the WebSocket must be refused", status);
    return await (this.#response ??= this.#readResponse());
  }

  /**
   * Sends a message: a string as text, bytes as binary. It waits until the WebSocket is accepted, and as long as the view
   * does not receive.
   *
   * @throws {WebSocketRejected} If it is refused.
   * @throws {WebSocketClosed} If it is closed.
   * @throws {Disconnect} If the connection has ended without a Close.
   */
  async send(message: string | Uint8Array): Promise<void> {
    if (typeof message !== "string" && !(message instanceof Uint8Array)) {
      throw wrongType("send the message", "it must be a string or bytes", message, showKind);
    }
    await this.#accepted();
    await this.#memory.send(message);
  }

  /** Sends a value as JSON. @throws The errors of {@link send}. */
  async sendJson(value: unknown): Promise<void> {
    await this.send(JSON.stringify(value));
  }

  /**
   * Waits for the next message: a string if it is text, bytes if it is binary.
   *
   * @throws {WebSocketRejected} If it is refused.
   * @throws {WebSocketClosed} If it is closed, and all messages before that were received; it has the code and the reason.
   * @throws {Disconnect} If the connection has ended without a Close.
   */
  async receive(): Promise<string | Uint8Array> {
    await this.#accepted();
    return await this.#memory.receive();
  }

  /** Waits for the next message, and reads it as JSON. @throws The errors of {@link receive}. */
  async receiveJson<T = unknown>(): Promise<T> {
    const message = await this.receive();
    return JSON.parse(typeof message === "string" ? message : new TextDecoder().decode(message)) as T;
  }

  /**
   * Closes the WebSocket, behind the messages that were sent.
   *
   * @default 1000 (code), "" (reason)
   * @throws {RangeError} If `code` or `reason` may not be sent.
   * @throws {WebSocketRejected} If it is refused.
   * @throws {WebSocketClosed} If it is closed.
   */
  async close(code?: number, reason?: string): Promise<void> {
    await this.#accepted();
    await this.#memory.close(code, reason);
  }

  /** Vanishes without a Close, as a client does whose network fails. */
  disconnect(): void {
    this.#memory.disconnect();
  }

  /** Waits until it is over, with every task that it started, and says how it ended. */
  async over(): Promise<AccessEntry> {
    await this.#over.wait();
    return this.#entry as AccessEntry;
  }

  /**
   * Runs a function in the context of the WebSocket once it is over, as `inContext()` of a response does.
   *
   * @throws The errors of `inContext()` of a response.
   */
  async inContext<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    await this.over();
    return await this.#context.run(fn);
  }

  /** Closes it, if that was not done, and waits until it is over. One that was not answered yet is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#head === undefined && !this.#memory.connection.responded) this.disconnect();
    else if (this.#memory.connection.status === 101) await this.#closeOnce();
    await this.over();
  }

  async #closeOnce(): Promise<void> {
    try {
      if (this.closeCode === undefined) await this.#memory.close();
    } catch (error) {
      if (!(error instanceof WebSocketClosed) && !(error instanceof Disconnect)) throw error;
    }
  }

  async #accepted(): Promise<void> {
    if ((await this.answer()).status !== 101) throw new WebSocketRejected(await this.rejection());
  }

  async #readResponse(): Promise<TestResponse> {
    const { status, headers } = await this.answer();
    const chunks: Uint8Array[] = [];
    const { download } = this.#memory;
    for (let chunk = await download.read(); chunk !== undefined; chunk = await download.read()) chunks.push(chunk);
    const { outcome } = await this.over();
    return new TestResponse(status, new HeaderList(headers), Buffer.concat(chunks), outcome, this.#context);
  }
}
