import type { Application, Exchange, WebSocketConnection } from "../application.ts";
import { WrappedExchange } from "../wrapped-exchange.ts";
import { ServerWebSocket } from "./server-web-socket.ts";
import { WrappedWebSocket } from "./wrapped-web-socket.ts";

/**
 * Hands a WebSocket to an application, for authors of gateway middlewares. An application without `websocket` receives the
 * request as an ordinary one, as it does from a server.
 *
 * Over HTTP/2, where a status from 200 to 299 would open the WebSocket, the request is answered with 501 instead; so is one
 * on a connection that does not extend {@link ServerWebSocket}.
 *
 * @example
 * import type { Application } from "pottle/http";
 * const hello: Application = { handle: (exchange) => exchange.respond(200, [], `Hello from ${exchange.target}`) };
 * const middleware: Application = {
 *   handle: (exchange) => hello.handle(exchange),
 *   websocket: (connection) => passWebSocket(hello, connection),
 * };
 * const socket = new MemoryWebSocket({ target: "/chat" });
 * void serveWebSocketConnection(middleware, socket.connection);
 * console.log((await socket.head()).status); // 200
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.8
 * @see https://www.rfc-editor.org/rfc/rfc8441#section-4
 */
export function passWebSocket(application: Application, connection: WebSocketConnection): void | PromiseLike<void> {
  if (application.websocket !== undefined) return application.websocket(connection);
  const exchange = toExchange(connection);
  if (exchange !== undefined) return application.handle(exchange);
  const headers = ["Content-Type", "text/plain; charset=utf-8"];
  return connection.reject(501, headers, "Not Implemented: there is no WebSocket here\n");
}

/** The request for a WebSocket as an ordinary one, as the wrappers around it show it; `undefined` if it cannot be one. */
function toExchange(connection: WebSocketConnection): Exchange | undefined {
  let innermost = connection;
  while (innermost instanceof WrappedWebSocket) innermost = innermost.inner;
  if (!(innermost instanceof ServerWebSocket) || connection.httpVersion.startsWith("2")) return undefined;
  if (innermost === connection) return innermost.handshake;
  const { target, rawHeaders, peer, basePath = "" } = connection;
  const scheme = connection.scheme === "wss" ? "https" : "http";
  return new WrappedExchange(innermost.handshake, { target, rawHeaders, scheme, peer, basePath });
}
