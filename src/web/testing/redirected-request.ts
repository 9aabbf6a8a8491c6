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

/**
 * The request that a redirect asks for; `undefined` if the response is no redirect. As in browsers, 303 makes every method
 * but HEAD a GET, 301 and 302 make a POST one, and a GET has no body.
 *
 * @param host - The host that was asked; nothing but URLs is resolved by it.
 * @throws {TypeError} If it leads to another host or out of the `basePath`, or a body that was a stream would have to be sent again.
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
export function redirectedRequest(
  request: SentRequest,
  { status, headers }: TestResponse,
  host: string,
): SentRequest | undefined {
  const location = headers.get("location");
  if (!redirects.has(status) || location === undefined) return undefined;
  const { query: _, ...others } = request.options;
  const { basePath = "" } = others;
  const origin = `${others.scheme ?? "http"}://${host}`;
  const url = new URL(location, new URL(encodeURI(basePath) + request.path, origin));
  if (url.host !== new URL(`${url.protocol}//${host}`).host) {
    throw wrongType("follow the redirect", `it must lead to the same host, ${host}`, location);
  }
  const path = withoutBase(url.pathname, encodeURI(basePath), location) + url.search;
  const options: TestRequestOptions = url.protocol === "https:" ? { ...others, scheme: "https" } : others;
  if (becomesGet(status, request.method)) return { method: "GET", path, options: withoutBody(options) };
  if (typeof options.body === "object" && !(options.body instanceof Uint8Array)) {
    throw wrongType("follow the redirect", "a body that is to be sent again must not be a stream", status);
  }
  return { method: request.method, path, options };
}

function withoutBase(path: string, base: string, location: string): string {
  if (path === base || path.startsWith(`${base}/`)) return path.slice(base.length) || "/";
  throw wrongType("follow the redirect", `it must lead below the base path, ${base}`, location);
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
