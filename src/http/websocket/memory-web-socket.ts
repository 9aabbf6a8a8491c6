import { Event } from "../../asyncio/index.ts";
import type { Peer, RawHeaders } from "../application.ts";
import type { BytePipe } from "../byte-pipe.ts";
import { ClientDisconnected, type Disconnect, WebSocketClosed } from "../errors.ts";
import { MemoryExchange, type MemoryRequestHead, type ResponseHead } from "../memory-exchange.ts";
import type { Acceptance } from "./check-accept.ts";
import { checkClose } from "./check-close.ts";
import { type Message, MessageQueue } from "./message-queue.ts";
import { ServerWebSocket, type ServerWebSocketOptions } from "./server-web-socket.ts";

/** The request for a WebSocket, and how its messages are buffered. */
export interface MemoryWebSocketOptions extends ServerWebSocketOptions {
  /** The request target, encoded: `/a%20b?x=1`. */
  readonly target: string;
  /** @default [] */
  readonly rawHeaders?: RawHeaders;
  /** The subprotocols that the client offers. @default [] */
  readonly subprotocols?: readonly string[];
  /** @default { address: "127.0.0.1", port: 0 } */
  readonly peer?: Peer;
  /** @default "ws" */
  readonly scheme?: "ws" | "wss";
  /** @default "1.1" */
  readonly httpVersion?: string;
  /** The part of the path, decoded, that dispatchers and proxies in front have taken off. @default "" */
  readonly basePath?: string;
  /**
   * From how many bytes of messages that the client has not received the server must wait.
   * @default 65_536
   */
  readonly bufferSize?: number;
}

/**
 * The client's end of a WebSocket without sockets; the server's end, to be given to an application, is its `connection`. It
 * keeps the rules of a real connection, backpressure and the client's vanishing included.
 *
 * @example
 * const socket = new MemoryWebSocket({ target: "/echo" });
 * const task = serveWebSocketConnection(
 *   {
 *     handle: (exchange) => exchange.respond(404, []),
 *     async websocket(connection) {
 *       await connection.accept();
 *       for (;;) await connection.send(await connection.receive());
 *     },
 *   },
 *   socket.connection,
 * );
 * await socket.send("Hello");
 * console.log(await socket.receive()); // Hello
 * await socket.close();
 * await task;
 */
export class MemoryWebSocket {
  readonly #connection: MemoryConnection;

  constructor(options: MemoryWebSocketOptions) {
    this.#connection = new MemoryConnection(options);
  }

  /** The server's end. */
  get connection(): ServerWebSocket {
    return this.#connection;
  }

  /** The body of the response, if the WebSocket was rejected. */
  get download(): BytePipe {
    return this.#connection.handshake.download;
  }

  /** The code of the first Close, whichever side sent it; 1006 if there was none; `undefined` as long as it is not closing. */
  get closeCode(): number | undefined {
    return this.#connection.closeCode;
  }

  /**
   * Waits for the head of the answer: the status is 101 if the WebSocket was accepted.
   *
   * @throws {ResponseAborted} If the server broke the connection off before there was one.
   * @throws {ClientDisconnected} If the client left before there was one.
   */
  head(): Promise<ResponseHead> {
    return this.#connection.handshake.head();
  }

  /**
   * Sends a message. It waits until the WebSocket is accepted, and as long as the server does not receive.
   *
   * @throws {WebSocketClosed} If the WebSocket is closed.
   * @throws {Disconnect} If the connection has ended without a Close.
   */
  async send(message: Message): Promise<void> {
    await this.#connection.room();
    this.#connection.deliver(typeof message === "string" ? message : Uint8Array.from(message));
  }

  /**
   * Waits for the next message.
   *
   * @throws {WebSocketClosed} If the WebSocket is closed, and all messages before that were received.
   * @throws {Disconnect} If the connection has ended without a Close.
   */
  async receive(): Promise<Message> {
    const message = await this.#connection.outgoing.take();
    if (message !== undefined) return message;
    throw new WebSocketClosed(this.#connection.closeCode ?? 1005, this.#connection.closeReason);
  }

  /**
   * Closes the WebSocket, behind the messages that were sent.
   *
   * @throws {RangeError} If `code` or `reason` may not be sent.
   */
  async close(code: number = 1000, reason = ""): Promise<void> {
    checkClose(code, reason);
    await this.#connection.room();
    this.#connection.closeByClient(code, reason);
  }

  /**
   * Ends the connection without a Close: the client vanishes, unless `reason` says otherwise.
   *
   * @default a ClientDisconnected (reason)
   */
  disconnect(reason?: Disconnect): void {
    const { peer, elapsed } = this.#connection;
    this.#connection.disconnect(reason ?? new ClientDisconnected(peer, elapsed));
  }
}

/** The handshake, whose head says also that the WebSocket was accepted. */
class MemoryHandshake extends MemoryExchange {
  accept(status: number, headers: string[]): void {
    this.start({ status, headers, body: undefined, length: 0, declaredLength: undefined });
  }
}

function toHead({
  target,
  rawHeaders = [],
  peer,
  scheme,
  httpVersion,
  basePath,
}: MemoryWebSocketOptions): MemoryRequestHead {
  return {
    target,
    rawHeaders,
    scheme: scheme === "wss" ? "https" : "http",
    ...(peer && { peer }),
    ...(httpVersion !== undefined && { httpVersion }),
    ...(basePath !== undefined && { basePath }),
  };
}

/** The server's end. */
class MemoryConnection extends ServerWebSocket {
  declare readonly handshake: MemoryHandshake;
  readonly scheme: "ws" | "wss";
  readonly basePath?: string;
  protected readonly acceptedStatus = 101;
  /** The messages for the client. */
  readonly outgoing: MessageQueue;
  closeReason: string | undefined;
  readonly #room = new Event({ name: "WebSocket client has room" });
  #isClosedByClient = false;

  constructor(options: MemoryWebSocketOptions) {
    const { subprotocols = [], bufferSize = 65_536, scheme = "ws", basePath } = options;
    super(new MemoryHandshake(toHead(options)), subprotocols, options);
    this.scheme = scheme;
    if (basePath !== undefined) this.basePath = basePath;
    this.handshake.upload.end();
    this.outgoing = new MessageQueue({ bound: bufferSize, onRoom: () => this.roomFreed() });
    this.onDisconnect((reason) => this.#lose(reason));
  }

  protected get isWritable(): boolean {
    return !this.#isClosedByClient;
  }

  protected get hasRoom(): boolean {
    return !this.outgoing.isFull;
  }

  /** Waits until the client may send. */
  async room(): Promise<void> {
    await this.#room.wait();
    const over = this.disconnected ?? (this.closeCode === undefined ? undefined : new WebSocketClosed(this.closeCode));
    if (over !== undefined) throw over;
  }

  deliver(message: Message): void {
    this.arrived(message);
  }

  closeByClient(code: number, reason: string): void {
    this.#isClosedByClient = true;
    this.#end(code, reason);
  }

  protected override open({ subprotocol, headers }: Acceptance): void {
    const own = subprotocol === undefined ? [] : ["Sec-WebSocket-Protocol", subprotocol];
    this.handshake.accept(this.acceptedStatus, [...own, ...headers]);
    this.#room.set();
  }

  protected override transmit(message: Message): void {
    this.outgoing.push(typeof message === "string" ? message : Uint8Array.from(message));
  }

  // The client answers at once.
  protected override startClose(code: number, reason: string): void {
    this.#end(code, reason);
  }

  // The client hears of it as any listener does.
  protected override cut(): void {}

  protected override pause(): void {
    this.#room.clear();
  }

  protected override resume(): void {
    this.#room.set();
  }

  #end(code: number, reason: string): void {
    this.closeReason = reason;
    this.outgoing.end();
    this.#room.set();
    this.closed(code, reason);
  }

  #lose(reason: Disconnect): void {
    this.outgoing.fail(reason);
    this.#room.set();
  }
}
