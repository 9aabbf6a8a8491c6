import { ExceptionGroup, type Task } from "../../asyncio/index.ts";
import type { Application } from "../application.ts";
import { WebSocketClosed } from "../errors.ts";
import { runServed, type ServeExchangeOptions } from "../serve-exchange.ts";
import { splitTarget } from "../target.ts";
import type { ServerWebSocket } from "./server-web-socket.ts";

/**
 * Runs an application for one WebSocket, as a task. The task is done when the WebSocket is over: it was rejected, closed or
 * has vanished, and every task that the application started for it has ended. It fails only by being cancelled.
 *
 * @throws {TypeError} If the application has no `websocket`.
 */
export function serveWebSocketConnection(
  app: Application,
  connection: ServerWebSocket,
  options: ServeExchangeOptions = {},
): Task<void> {
  if (typeof app.websocket !== "function")
    throw new TypeError("Cannot serve a WebSocket as the application has no method 'websocket'");
  const name = `WebSocket ${splitTarget(connection.target).path}`;
  return runServed(
    { served: connection, request: connection.handshake, name, handle: () => run(app, connection) },
    options,
  );
}

async function run(app: Application, connection: ServerWebSocket): Promise<void> {
  try {
    await app.websocket?.(connection);
  } catch (error) {
    if (!isClosing(error, connection)) throw error;
  } finally {
    connection.settle();
  }
}

/** Whether an error only says that the WebSocket is closed; so may all those of a group of tasks. */
function isClosing(error: unknown, connection: ServerWebSocket): boolean {
  if (error instanceof ExceptionGroup) return error.errors.every((one) => isClosing(one, connection));
  return error instanceof WebSocketClosed && connection.closeCode !== undefined;
}
