import { HeaderList } from "../http/index.ts";
import { ClientPayloadError, InvalidRedirectUrl, type ResponseInfo, withoutPassword } from "./errors.ts";
import { infoOf, isAskable, isStream, type OutgoingRequest, takeCredentials } from "./request.ts";

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

// Headers that must not be sent to another origin: they contain secrets, or, like `Host`, name the wrong origin.
const secrets = ["Authorization", "Cookie", "Proxy-Authorization", "Host"];

// Headers that describe a body; they are dropped if the body is not sent again.
const aboutBody = ["Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Location"];

/**
 * The request that follows a redirect; `undefined` if the response is not a redirect.
 *
 * @throws {InvalidRedirectUrl} If the redirect does not lead to an HTTP URL.
 * @throws {ClientPayloadError} If the body would have to be sent again, but can be sent only once.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.4
 */
export function redirectOf(request: OutgoingRequest, response: ResponseInfo): OutgoingRequest | undefined {
  const location = response.headers.get("location");
  if (!redirects.has(response.status) || location === undefined) return undefined;
  const url = targetOf(request, location);
  const headers = new HeaderList(request.headers);
  if (url.origin !== request.url.origin) for (const name of secrets) headers.delete(name);
  takeCredentials(url, headers);
  const method = methodAfter(request.method, response.status);
  if (method !== request.method) {
    for (const name of aboutBody) headers.delete(name);
    return { info: infoOf(method, url), method, url, headers, body: undefined };
  }
  refuseStream(request, response.status);
  return { ...request, info: infoOf(method, url), url, headers };
}

function targetOf({ info, url: from }: OutgoingRequest, location: string): URL {
  const url = URL.parse(location, from);
  if (url === null || !isAskable(url)) {
    const shown = withoutPassword(location);
    const reason = `Cannot ${info.method} ${info.url} as it redirects to something that is not a URL of HTTP: ${shown}`;
    throw new InvalidRedirectUrl(info, reason);
  }
  if (url.hash === "") url.hash = from.hash;
  return url;
}

function methodAfter(method: string, status: number): string {
  if (status === 303) return method === "HEAD" ? "HEAD" : "GET";
  return (status === 301 || status === 302) && method === "POST" ? "GET" : method;
}

function refuseStream({ info, body }: OutgoingRequest, status: number): void {
  if (!isStream(body)) return;
  const reason = `Cannot ${info.method} ${info.url} as a redirect asks for its body again, which was a stream: status is ${status}`;
  throw new ClientPayloadError(info, reason);
}
