import type { StandardSchemaV1 } from "@standard-schema/spec";
import { Lock } from "../../asyncio/index.ts";
import {
  type CookieList,
  HeaderList,
  type HeadersLike,
  type Peer,
  WebSocketClosed,
  type WebSocketConnection,
} from "../../http/index.ts";
import { makeResponse } from "../message/from-result.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { applySchema, formatJsonMessage, parseJsonMessage } from "./json-message.ts";

/** How a view accepts a WebSocket. */
export interface AcceptWebSocketOptions {
  /**
   * The subprotocol that is spoken from now on: one of `requestedSubprotocols`.
   * @default none
   */
  readonly subprotocol?: string;
  /**
   * Headers for the answer. The server writes those of the handshake itself.
   * @default []
   */
  readonly headers?: HeadersLike;
}

/**
 * A WebSocket, as a view gets it: first a client's request for one, then messages both ways. It is accepted by `accept()`,
 * or by the first message that the view receives or sends.
 *
 * @example
 * const app = new Pottle(import.meta);
 * app.websocket("/echo", async (_, socket) => {
 *   for await (const message of socket) await socket.send(message);
 * });
 * await using socket = app.testClient().websocket("/echo");
 * await socket.send("Hello");
 * console.log(await socket.receive()); // Hello
 */
export class HttpWebSocket implements AsyncIterable<string | Uint8Array> {
  /** The request for it: an ordinary GET request without a body, which `request()` gives too. */
  readonly request: HttpRequest;
  readonly #connection: WebSocketConnection;
  readonly #onAccept: () => void;
  #isAccepted = false;
  #accepting: Lock | undefined;

  /** @internal Made by the application. */
  constructor(connection: WebSocketConnection, request: HttpRequest, onAccept: () => void) {
    this.#connection = connection;
    this.request = request;
    this.#onAccept = onAccept;
  }

  /** The decoded path. */
  get path(): string {
    return this.request.path;
  }

  /** The arguments of the query, decoded. */
  get args(): URLSearchParams {
    return this.request.args;
  }

  /** The headers of the request. */
  get headers(): HeaderList {
    return this.request.headers;
  }

  /** The cookies that the client sent. */
  get cookies(): CookieList {
    return this.request.cookies;
  }

  /** `wss` if the connection to the server is encrypted, else `ws`. */
  get scheme(): "ws" | "wss" {
    return this.#connection.scheme;
  }

  /** The other end of the connection; `undefined` if it has no address. */
  get peer(): Peer | undefined {
    return this.#connection.peer;
  }

  /** The IP address of the client; `undefined` if the connection has no address. */
  get remoteAddress(): string | undefined {
    return this.#connection.peer?.address;
  }

  /** The subprotocols that the client offers, in its order of preference. */
  get requestedSubprotocols(): readonly string[] {
    return this.#connection.subprotocols;
  }

  /** Whether it was accepted. */
  get accepted(): boolean {
    return this.#isAccepted;
  }

  /**
   * The code of the first Close, whichever side sent it; 1005 if there was none in it, 1006 if the connection ended without
   * a Close; `undefined` as long as it is not closing.
   */
  get closeCode(): number | undefined {
    return this.#connection.closeCode;
  }

  /**
   * Opens the WebSocket. Only a view that chooses a subprotocol or adds headers must call it.
   *
   * @throws {AlreadyRespondedError} If it was accepted or refused already.
   * @throws {RangeError} If the client did not offer the subprotocol.
   * @throws {InvalidHeaderError} If a header may not be sent, or the server writes it itself.
   * @throws {Disconnect} If the connection has ended, and the task was not cancelled.
   * @example
   * const app = new Pottle(import.meta);
   * app.websocket("/chat", async (_, socket) => {
   *   if (!socket.requestedSubprotocols.includes("chat.v2")) abort(400, "Speak chat.v2.");
   *   await socket.accept({ subprotocol: "chat.v2" });
   * });
   * await using socket = app.testClient().websocket("/chat", { subprotocols: ["chat.v1"] });
   * console.log((await socket.answer()).status); // 400
   */
  async accept({ subprotocol, headers }: AcceptWebSocketOptions = {}): Promise<void> {
    await this.#connection.accept({
      ...(subprotocol !== undefined && { subprotocol }),
      ...(headers !== undefined && { headers: new HeaderList(headers).raw }),
    });
    this.#isAccepted = true;
    this.#onAccept();
  }

  /**
   * Refuses the WebSocket with an ordinary response, and waits until that has left. `abort()` does so as well, and ends the
   * view.
   *
   * @param status From 300 to 599.
   * @default 403 (status), "" (body), [] (headers)
   * @throws {AlreadyRespondedError} If it was accepted or refused already.
   * @throws {RangeError} If `status` is not a whole number from 300 to 599.
   * @throws {TypeError} If no response can be made from `body`.
   */
  async reject(status: number = 403, body: string | object = "", headers: HeadersLike = []): Promise<void> {
    const response = makeResponse(body, status, headers);
    await this.#connection.reject(status, response.headers.raw, response.body);
  }

  /**
   * Waits for the next message: a string if it is text, bytes if it is binary. The client is held back as long as the view
   * does not receive.
   *
   * @throws {WebSocketClosed} If the WebSocket is closed, and all messages before that were received. A view may let it
   *   pass.
   * @throws {CancelledError} If the task is cancelled, as it is if the client vanishes.
   * @throws {InvalidStateError} If it was refused, or another task is waiting for a message already.
   */
  async receive(): Promise<string | Uint8Array> {
    await this.#acceptOnce();
    return await this.#connection.receive();
  }

  /**
   * Waits for the next message, and reads it as JSON, be it text or binary. Its type is the caller's word, unless there is
   * a schema.
   *
   * @param schema A schema of any library that has the Standard Schema interface: its output is returned.
   * @throws {WebSocketMessageError} If it is not JSON, or the schema refuses it. A view that lets it pass closes the
   *   WebSocket with 1007; one that catches it can go on.
   * @throws The errors of {@link receive}.
   * @see https://standardschema.dev
   */
  receiveJson<T = unknown>(): Promise<T>;
  receiveJson<S extends StandardSchemaV1>(schema: S): Promise<StandardSchemaV1.InferOutput<S>>;
  async receiveJson(schema?: StandardSchemaV1): Promise<unknown> {
    const value = parseJsonMessage(await this.receive());
    return schema === undefined ? value : await applySchema(schema, value);
  }

  /**
   * Sends a message: a string as text, bytes as binary. It waits as long as the client does not take what was sent before.
   *
   * @throws {WebSocketClosed} If the WebSocket is closed or closing. A view may let it pass.
   * @throws {CancelledError} If the task is cancelled, as it is if the client vanishes.
   * @throws {InvalidStateError} If it was refused.
   * @throws {TypeError} If `message` is neither a string nor bytes.
   */
  async send(message: string | Uint8Array): Promise<void> {
    await this.#acceptOnce();
    await this.#connection.send(message);
  }

  /**
   * Sends a value as JSON.
   *
   * @throws {TypeError} If there is no JSON for it, as for `undefined`, or it would lose what is in it, as a `Map` would.
   * @throws The errors of {@link send}.
   */
  async sendJson(value: unknown): Promise<void> {
    await this.send(formatJsonMessage(value));
  }

  /**
   * Closes the WebSocket, and waits until the client has answered or its time to do so is over. Before it is accepted, this
   * refuses it with 403.
   *
   * @param code From 1000 to 1003, from 1007 to 1014, or from 3000 to 4999, which are yours.
   * @param reason At most 123 bytes of UTF-8, for those who look for errors.
   * @default 1000 (code), "" (reason)
   * @throws {RangeError} If `code` or `reason` is not one of those.
   * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4
   */
  async close(code?: number, reason?: string): Promise<void> {
    if (this.#connection.responded) await this.#connection.close(code, reason);
    else await this.reject();
  }

  /** Yields the messages until the WebSocket is closed; `closeCode` says how. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array, void, undefined> {
    for (let message = await this.#next(); message !== undefined; message = await this.#next()) yield message;
  }

  async #next(): Promise<string | Uint8Array | undefined> {
    try {
      return await this.receive();
    } catch (error) {
      if (error instanceof WebSocketClosed) return undefined;
      throw error;
    }
  }

  async #acceptOnce(): Promise<void> {
    if (this.#connection.responded) return;
    // A session may have to be saved first, and meanwhile another task may send or receive.
    await (this.#accepting ??= new Lock()).with(async () => {
      if (!this.#connection.responded) await this.accept();
    });
  }
}
