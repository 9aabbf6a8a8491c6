/**
 * WebSockets on any duplex: a socket of HTTP/1.1 that is upgraded, or a stream of HTTP/2.
 *
 *     a listener ── head, socket ──> serveWebSocket ──┬── fault? ──> refused: 400, 426
 *                                                     └── DuplexWebSocket ── task: Application.websocket
 *
 * From then on the connection is its own: it closes it, and the listener only tells it what happens to the server.
 */

import {
  type AccessEntry,
  type Application,
  serveWebSocketConnection,
  type ServeExchangeOptions,
} from "../../http/index.ts";
import type { ServedConnection } from "../served-connection.ts";
import { DuplexWebSocket, type WebSocketLimits } from "./duplex-web-socket.ts";
import { findHandshakeFault, type HandshakeRefusal } from "./handshake.ts";
import { HandshakeExchange, type WebSocketRequest } from "./handshake-exchange.ts";

/** How a WebSocket is served. */
export interface ServeWebSocketOptions extends ServeExchangeOptions {
  readonly limits: WebSocketLimits;
  /** Called with the request if it is refused. */
  readonly onRefused: (entry: AccessEntry) => void;
}

/**
 * A WebSocket that is being served, as the owner of its connection has it. The time limits of WebSockets have timers of
 * their own; that of a client which takes nothing stays with the owner, who calls `cut`.
 */
export type ServedWebSocket = Omit<ServedConnection, "look">;

/**
 * Serves a request for a WebSocket, whose head must ask for one. What is wrong with it besides is answered here, and is in
 * the access log; then there is no WebSocket.
 *
 * @returns The WebSocket; `undefined` if it was refused.
 */
export function serveWebSocket(
  app: Application,
  request: WebSocketRequest,
  options: ServeWebSocketOptions,
): ServedWebSocket | undefined {
  const handshake = new HandshakeExchange(request);
  const made = make(request, handshake, options.limits);
  if (!(made instanceof DuplexWebSocket)) {
    options.onRefused(handshake.refuse(made));
    return undefined;
  }
  const task = serveWebSocketConnection(app, made, options);
  return {
    closeWhenIdle: () => made.goAway(),
    cancel: (reason) => task.cancel(reason),
    cut: (why) => made.cutOff(why),
  };
}

function make(
  request: WebSocketRequest,
  handshake: HandshakeExchange,
  limits: WebSocketLimits,
): DuplexWebSocket | HandshakeRefusal {
  const fault = findHandshakeFault(request.head);
  if (fault !== undefined) return fault;
  try {
    return new DuplexWebSocket(request, handshake, limits);
  } catch {
    return { status: 400, reason: "Sec-WebSocket-Extensions is malformed, or offers what cannot be done" };
  }
}
