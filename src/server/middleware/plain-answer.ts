import type { Exchange } from "../../http/index.ts";

/** Answers a request that no application is there for. */
export function answerPlainly(exchange: Exchange, status: number, text: string): Promise<void> {
  return exchange.respond(status, ["Content-Type", "text/plain; charset=utf-8"], `${text}\n`);
}
