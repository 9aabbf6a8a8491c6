import { encodePath } from "../routing/build-path.ts";
import { HTTPError, MethodNotAllowed } from "../errors/http-error.ts";
import { NotFound } from "../errors/statuses.ts";
import { makeResponse } from "../message/from-result.ts";
import type { HttpResponse } from "../message/http-response.ts";
import type { Match } from "../routing/router.ts";

type Unrouted = Exclude<Match<unknown>, { kind: "found" }>;

type Missing = Extract<Unrouted, { kind: "missing" }>;

/**
 * Answers a request that has no route.
 *
 * @param basePath The path under which the application is mounted.
 * @throws {MethodNotAllowed} If the path answers other methods.
 * @throws {NotFound} If it answers none.
 */
export function answerUnrouted(
  match: Unrouted,
  method: string,
  path: string,
  query: string,
  basePath: string,
): HttpResponse {
  if (match.kind === "moved") return respondToMoved(basePath + match.path, query);
  return respondToMissing(method, path, match);
}

/**
 * Sends the client on to another spelling of the path. The method and the body stay the same: 308.
 *
 * The location is a path, not a URL, so that no `Host` header gets into it. It never begins with two slashes, so it
 * cannot lead to another server.
 */
function respondToMoved(path: string, query: string): HttpResponse {
  const encoded = encodePath(path).replace(/^\/{2,}/, "/");
  const location = query === "" ? encoded : `${encoded}?${query.replace(/[^\x21-\x7e]/g, encodeURIComponent)}`;
  return makeResponse("", 308, { Location: location });
}

function respondToMissing(method: string, path: string, { allowed, answersOptions }: Missing): HttpResponse {
  // `OPTIONS *` asks for the server, not for a path.
  if (method === "OPTIONS" && path === "*") return makeResponse("");
  if (allowed.size === 0) throw new NotFound();
  const methods = [...new Set([...allowed, ...(answersOptions ? ["OPTIONS"] : [])])].toSorted();
  if (method === "OPTIONS" && answersOptions) return makeResponse("", 200, { Allow: methods.join(", ") });
  throw new MethodNotAllowed(methods);
}

/** 426: there is a WebSocket at this address, and nothing else. */
export function upgradeRequired(): HTTPError {
  const headers = ["Upgrade", "websocket", "Connection", "Upgrade"];
  return new HTTPError(426, "This address answers WebSockets only.", { headers });
}
