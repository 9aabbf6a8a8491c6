import type { Exchange, RawHeaders, WebSocketConnection } from "../../http/index.ts";

const plainText: RawHeaders = ["Content-Type", "text/plain; charset=utf-8"];

/**
 * Answers a request that no application is there for.
 *
 * @param headers - Headers besides `Content-Type`.
 * @default none (headers)
 */
export function answerPlainly(
  exchange: Exchange,
  status: number,
  text: string,
  headers: RawHeaders = [],
): Promise<void> {
  return exchange.respond(status, [...plainText, ...headers], `${text}\n`);
}

/** Rejects a WebSocket that no application is there for. */
export function rejectPlainly(connection: WebSocketConnection, status: number, text: string): Promise<void> {
  return connection.reject(status, plainText, `${text}\n`);
}
