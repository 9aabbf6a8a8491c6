/**
 * Which pages may open a WebSocket. A browser lets a page of any site open one to any host, and sends the cookies of that
 * host along: without a check, each page that a user visits can talk to the application in the user's name (cross-site
 * WebSocket hijacking). Only the header `Origin`, which scripts cannot set, tells which page it is.
 */

import type { HttpRequest } from "../message/http-request.ts";

/**
 * The pages that may open a WebSocket: `same`, those of the host that is asked; a list, those and these:
 * `https://app.example.com`; `any`, all of them; or a function that says so.
 */
export type AllowedOrigins =
  | "same"
  | "any"
  | readonly string[]
  | ((origin: string, request: HttpRequest) => boolean | PromiseLike<boolean>);

const defaultPorts: Readonly<Record<string, string>> = { "http:": ":80", "https:": ":443" };

/**
 * Whether a page may open a WebSocket. A client that sends no `Origin` is no browser, and has no cookies of others.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-10.2
 */
export async function isOriginAllowed(request: HttpRequest, allowed: AllowedOrigins): Promise<boolean> {
  const origins = request.headers.getAll("origin");
  const [origin] = origins;
  if (origin === undefined || allowed === "any") return true;
  if (origins.length > 1) return false;
  if (typeof allowed === "function") return await allowed(origin, request);
  if (isSameHost(origin, request.headers.getAll("host"))) return true;
  return allowed !== "same" && allowed.some((one) => one.toLowerCase() === origin.toLowerCase());
}

// The scheme is not compared: a proxy that ends TLS speaks plain HTTP to the application.
function isSameHost(origin: string, hosts: readonly string[]): boolean {
  const url = URL.parse(origin);
  const [host] = hosts;
  if (url === null || url.host === "" || host === undefined || hosts.length > 1) return false;
  const port = defaultPorts[url.protocol];
  const asked = host.toLowerCase();
  return url.host === (port !== undefined && asked.endsWith(port) ? asked.slice(0, -port.length) : asked);
}
