import { option } from "../../base/options.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import {
  type Application,
  type Exchange,
  findHeader,
  isFieldValue,
  passWebSocket,
  splitTarget,
  type WebSocketConnection,
  wrapApplications,
} from "../../http/index.ts";
import { answerPlainly, rejectPlainly } from "./plain-answer.ts";
import { requireApplication } from "./require-application.ts";

const action = "redirect to HTTPS";
const badRequest = [400, "Bad Request"] as const;
const hostSyntax = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d*)?$/i;

/** Options of {@link redirectToHttps}. */
export interface RedirectToHttpsOptions {
  /** The host to redirect to, with its port if that is not 443. @default the host of the request, without a port */
  readonly host?: string;
  /** The status of the redirect; 307 and 308 keep method and body, 308 and 301 are remembered by clients. @default 307 */
  readonly status?: 301 | 302 | 307 | 308;
}

/**
 * Answers every request that came over plain HTTP by a redirect to the same URL with `https`; others reach `application`.
 * Behind a proxy that ends TLS, put {@link trustProxies} around it, or every request is redirected for ever.
 *
 * A request without a usable `Host` is answered with 400, if no `host` is given. A WebSocket over plain HTTP is rejected by
 * the same redirect, to `wss`; over HTTP/2, whose requests have no such scheme, to `https`. Browsers do not follow it.
 *
 * @throws {TypeError} If `application` is not an application, or an option has a wrong type.
 * @throws {RangeError} If `host` is not a host, or `status` not one of those above.
 * @example
 * const application = redirectToHttps({ handle: (exchange) => exchange.respond(200, [], "secret") });
 * const exchange = new MemoryExchange({ target: "/login?next=/", rawHeaders: ["Host", "example.com:8080"] });
 * void application.handle(exchange);
 * console.log((await exchange.head()).headers[1]); // https://example.com/login?next=/
 */
export function redirectToHttps(application: Application, options: RedirectToHttpsOptions = {}): Application {
  requireApplication(action, "application", application);
  const status = option(action, "status", options.status ?? 307).oneOf([301, 302, 307, 308]);
  const host = options.host === undefined ? undefined : requireHost(options.host);
  const authorityOf = (request: RequestParts): string | undefined => host ?? hostOf(request);
  const { lifespan } = application;
  return wrapApplications([application], {
    handle: (exchange) => {
      if (exchange.scheme === "https") return application.handle(exchange);
      const authority = authorityOf(exchange);
      if (authority === undefined) return answerPlainly(exchange, ...badRequest);
      return exchange.respond(status, ["Location", `https://${authority}${pathOf(exchange)}`]);
    },
    websocket: (connection) => {
      if (connection.scheme === "wss") return passWebSocket(application, connection);
      const authority = authorityOf(connection);
      if (authority === undefined) return rejectPlainly(connection, ...badRequest);
      return connection.reject(status, ["Location", `${schemeFor(connection)}://${authority}${pathOf(connection)}`]);
    },
    ...(lifespan && { lifespan }),
  });
}

type RequestParts = Pick<Exchange, "target" | "rawHeaders" | "basePath">;

function schemeFor({ httpVersion }: WebSocketConnection): "https" | "wss" {
  return httpVersion.startsWith("2") ? "https" : "wss";
}

function requireHost(host: unknown): string {
  const rule = "'host' must be a host, such as example.com or example.com:8443";
  if (typeof host !== "string") throw wrongType(action, rule, host);
  if (hostSyntax.test(host)) return host;
  throw outOfRange(action, rule, host);
}

function hostOf({ rawHeaders }: RequestParts): string | undefined {
  const host = findHeader(rawHeaders, "host") ?? "";
  return hostSyntax.test(host) ? host.replace(/:\d*$/, "") : undefined;
}

// Bytes that may not stand in a header are no part of a URL either.
function pathOf(request: RequestParts): string {
  const { path, query } = splitTarget(request.target);
  const target = path === "*" ? "/" : query === "" ? path : `${path}?${query}`;
  const base = (request.basePath ?? "").split("/").map(encodeURIComponent).join("/");
  return isFieldValue(target) ? base + target : "/";
}
