import type { Exchange } from "../http/index.ts";
import { HttpResponse } from "./http-response.ts";
import { type BodySource, toBody } from "./to-body.ts";

// What belongs to a connection, not to a message. A response that came from another server has some of them.
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
// `fetch` has undone the encoding, but not the headers that speak of it.
const undoneByFetch: ReadonlySet<string> = new Set(["content-encoding", "content-length"]);

/**
 * Answers an exchange with what a view returned.
 *
 * @param source The view that returned it, for an error to name it.
 * @throws {TypeError} If no response can be made from it.
 * @throws What `respond` throws.
 */
export function sendResult(exchange: Exchange, result: unknown, source?: BodySource): Promise<void> {
  if (result instanceof HttpResponse) return exchange.respond(result.status, result.headers.raw, result.body);
  if (result instanceof Response) return sendPlatformResponse(exchange, result);
  const { content, headers } = toBody(result, source);
  return exchange.respond(200, headers, content);
}

function sendPlatformResponse(exchange: Exchange, response: Response): Promise<void> {
  if (response.bodyUsed) throw new TypeError("Cannot send the Response as its body was read already");
  const wasFetched = response.url !== "";
  const headers = [...response.headers].filter(
    ([name]) => !hopByHop.has(name) && !(wasFetched && undoneByFetch.has(name)),
  );
  return exchange.respond(response.status, headers.flat(), response.body ?? "");
}
