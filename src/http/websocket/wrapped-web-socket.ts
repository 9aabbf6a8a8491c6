import type { AcceptOptions, Peer, RawHeaders, ResponseBody, WebSocketConnection } from "../application.ts";
import type { Disconnect } from "../errors.ts";
import type { Message } from "./message-queue.ts";

/** The parts of a request that a {@link WrappedWebSocket} shows in place of those of the connection that it wraps. */
export interface WebSocketView {
  /** @default that of the wrapped connection */
  readonly target?: string;
  /** @default those of the wrapped connection */
  readonly rawHeaders?: RawHeaders;
  /** @default that of the wrapped connection */
  readonly scheme?: "ws" | "wss";
  /** @default that of the wrapped connection */
  readonly peer?: Peer | undefined;
  /** @default that of the wrapped connection */
  readonly basePath?: string;
}

/**
 * A WebSocket that shows an application another view of its request, and leaves the rest to the connection that it wraps:
 * for authors of gateway middlewares.
 *
 * @example
 * const socket = new MemoryWebSocket({ target: "/chat" });
 * const shouted = new WrappedWebSocket(socket.connection, { target: "/CHAT" });
 * console.log(shouted.target, shouted.scheme); // /CHAT ws
 */
export class WrappedWebSocket implements WebSocketConnection {
  readonly #inner: WebSocketConnection;
  readonly #view: WebSocketView;

  constructor(inner: WebSocketConnection, view: WebSocketView) {
    this.#inner = inner;
    this.#view = view;
  }

  /** The connection that it wraps. */
  get inner(): WebSocketConnection {
    return this.#inner;
  }

  get target(): string {
    return this.#view.target ?? this.#inner.target;
  }

  get rawHeaders(): RawHeaders {
    return this.#view.rawHeaders ?? this.#inner.rawHeaders;
  }

  get scheme(): "ws" | "wss" {
    return this.#view.scheme ?? this.#inner.scheme;
  }

  get httpVersion(): string {
    return this.#inner.httpVersion;
  }

  get peer(): Peer | undefined {
    return "peer" in this.#view ? this.#view.peer : this.#inner.peer;
  }

  get basePath(): string {
    return this.#view.basePath ?? this.#inner.basePath ?? "";
  }

  get subprotocols(): readonly string[] {
    return this.#inner.subprotocols;
  }

  get responded(): boolean {
    return this.#inner.responded;
  }

  get closeCode(): number | undefined {
    return this.#inner.closeCode;
  }

  accept(options?: AcceptOptions): Promise<void> {
    return this.#inner.accept(options);
  }

  reject(status: number, headers?: RawHeaders, body?: ResponseBody): Promise<void> {
    return this.#inner.reject(status, headers, body);
  }

  receive(): Promise<Message> {
    return this.#inner.receive();
  }

  send(message: Message): Promise<void> {
    return this.#inner.send(message);
  }

  close(code?: number, reason?: string): Promise<void> {
    return this.#inner.close(code, reason);
  }

  onDisconnect(listener: (reason: Disconnect) => void): void {
    this.#inner.onDisconnect(listener);
  }
}
