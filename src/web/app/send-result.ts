import type { Exchange } from "../../http/index.ts";
import { HttpResponse } from "../message/http-response.ts";
import { type BodySource, toBody } from "../message/from-result.ts";
import { toResponse } from "../message/to-response.ts";

/**
 * Answers an exchange with what a view returned.
 *
 * @param source The view that returned it, for an error to name it.
 * @throws {TypeError} If no response can be made from it.
 * @throws What `respond` throws.
 */
export function sendResult(exchange: Exchange, result: unknown, source?: BodySource): Promise<void> {
  if (result instanceof HttpResponse || result instanceof Response) return sendResponse(exchange, toResponse(result));
  // The usual case, without a response in between.
  const { content, headers } = toBody(result, source);
  return exchange.respond(200, headers, content);
}

/** Answers an exchange with a response. */
export function sendResponse(exchange: Exchange, { status, headers, body }: HttpResponse): Promise<void> {
  return exchange.respond(status, headers.raw, body);
}
