import { HeaderList } from "../../http/index.ts";
import { wrongType } from "../../base/refusal.ts";
import type { TestRequestOptions } from "./test-call.ts";
import type { TestResponse } from "./test-response.ts";

/** A request that a test client sends. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly options: TestRequestOptions;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** The host of requests that name none. Nothing but relative URLs is resolved by it. */
const noHost = "localhost";

/**
 * The request that a redirect asks for; `undefined` if the response is no redirect. As in browsers, 303 makes every method
 * but HEAD a GET, 301 and 302 make a POST one, and a GET has no body.
 *
 * @throws {TypeError} If it leads to another host, or a body that was a stream would have to be sent again.
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
export function redirectedRequest(request: SentRequest, { status, headers }: TestResponse): SentRequest | undefined {
  const location = headers.get("location");
  if (!redirects.has(status) || location === undefined) return undefined;
  const host = new HeaderList(request.options.headers).get("host") ?? noHost;
  const url = new URL(location, new URL(request.path, `http://${host}`));
  if (url.host !== new URL(`http://${host}`).host) {
    throw wrongType("follow the redirect", `it must lead to the same host, ${host}`, location);
  }
  const path = url.pathname + url.search;
  const { query: _, ...options } = request.options;
  if (becomesGet(status, request.method)) return { method: "GET", path, options: withoutBody(options) };
  if (typeof options.body === "object" && !(options.body instanceof Uint8Array)) {
    throw wrongType("follow the redirect", "a body that is to be sent again must not be a stream", status);
  }
  return { method: request.method, path, options };
}

function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== "HEAD" && method !== "GET";
  return (status === 301 || status === 302) && method === "POST";
}

function withoutBody(options: TestRequestOptions): TestRequestOptions {
  const { body: _, json: __, form: ___, ...rest } = options;
  const kept = new HeaderList(rest.headers);
  for (const name of ["Content-Type", "Content-Length"]) kept.delete(name);
  return { ...rest, headers: kept };
}
