import type { Exchange, Peer, RawHeaders, ResponseBody, WebSocketConnection } from "../../http/index.ts";

const none: RawHeaders = [];

/**
 * The request for a WebSocket as an exchange, so that the code which reads requests and sends responses need not know of
 * WebSockets. To respond is to reject.
 */
export class HandshakeExchange implements Exchange {
  readonly method = "GET";
  readonly trailers: RawHeaders = none;
  readonly #connection: WebSocketConnection;

  constructor(connection: WebSocketConnection) {
    this.#connection = connection;
  }

  get target(): string {
    return this.#connection.target;
  }

  get rawHeaders(): RawHeaders {
    return this.#connection.rawHeaders;
  }

  get scheme(): "http" | "https" {
    return this.#connection.scheme === "wss" ? "https" : "http";
  }

  get httpVersion(): string {
    return this.#connection.httpVersion;
  }

  get peer(): Peer | undefined {
    return this.#connection.peer;
  }

  get basePath(): string {
    return this.#connection.basePath ?? "";
  }

  get responded(): boolean {
    return this.#connection.responded;
  }

  /** The request for a WebSocket has no body. */
  read(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  respond(status: number, headers: RawHeaders, body?: ResponseBody): Promise<void> {
    return this.#connection.reject(status, headers, body);
  }

  /** There are no hints for a WebSocket. */
  sendEarlyHints(): boolean {
    return false;
  }

  onDisconnect(listener: Parameters<Exchange["onDisconnect"]>[0]): void {
    this.#connection.onDisconnect(listener);
  }
}
