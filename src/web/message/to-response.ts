import { HeaderList } from "../../http/index.ts";
import { HttpResponse } from "./http-response.ts";
import { type BodySource, toBody } from "./from-result.ts";

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
 * Makes a response of what a view returned, which can still be changed.
 *
 * @param source The view that returned it, for an error to name it.
 * @throws {TypeError} If no response can be made from it.
 */
export function toResponse(result: unknown, source?: BodySource): HttpResponse {
  if (result instanceof HttpResponse) return result;
  if (result instanceof Response) return fromPlatform(result);
  const { content, headers } = toBody(result, source);
  return new HttpResponse(content, 200, new HeaderList(headers));
}

function fromPlatform(response: Response): HttpResponse {
  if (response.bodyUsed) throw new TypeError("Cannot send the Response as its body was read already");
  const wasFetched = response.url !== "";
  const headers = [...response.headers].filter(
    ([name]) => !hopByHop.has(name) && !(wasFetched && undoneByFetch.has(name)),
  );
  return new HttpResponse(response.body ?? "", response.status, new HeaderList(headers));
}
