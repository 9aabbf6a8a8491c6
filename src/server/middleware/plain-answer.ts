import type { Exchange, RawHeaders } from "../../http/index.ts";

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
  return exchange.respond(status, ["Content-Type", "text/plain; charset=utf-8", ...headers], `${text}\n`);
}
