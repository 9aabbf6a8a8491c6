import type { ConnectionOptions } from "node:tls";
import { option } from "../base/options.ts";
import { wrongType } from "../base/refusal.ts";
import { HeaderList, type HeadersLike } from "../http/index.ts";
import { withoutPassword } from "./errors.ts";
import type { RequestDefaults, RequestOptions } from "./request.ts";
import { type ClientTimeout, defaultLimits, type TimeLimits, timeLimits } from "./timeouts.ts";
import { type Dispatcher, dispatcherTransport, ownTransport, type Transport } from "./undici.ts";

/** Options of a session. */
export interface ClientSessionOptions {
  /**
   * The base of relative URLs. Its path should end with a slash, because the part after the last slash is replaced.
   * @default URLs must be absolute
   */
  readonly baseUrl?: string | URL;
  /** Headers to send with every request. */
  readonly headers?: HeadersLike;
  /**
   * The maximum number of connections. Further requests wait for one, first come, first served.
   * @default 100
   */
  readonly limit?: number;
  /**
   * The maximum number of connections in use for one host (and port).
   * @default Infinity
   */
  readonly limitPerHost?: number;
  /** Time limits of each request, in milliseconds; a single number is the total limit. */
  readonly timeout?: number | ClientTimeout;
  /**
   * Whether a status of 400 or more is thrown as a `ClientResponseError`.
   * @default false
   */
  readonly raiseForStatus?: boolean;
  /**
   * The maximum number of redirects to follow. With 0, none is followed, and the redirect itself is returned.
   * @default 10
   */
  readonly maxRedirects?: number;
  /**
   * The maximum size of a decoded body, in bytes, for every way of reading it. `Infinity` means no limit.
   * @default 67_108_864
   */
  readonly maxBodySize?: number;
  /** Settings of `node:tls`: `ca`, `cert`, `key`. Certificates are checked unless `rejectUnauthorized` is false. */
  readonly tls?: ConnectionOptions;
  /**
   * Sends all requests instead of the session's own connections, such as undici's `ProxyAgent`, or its `MockAgent` in
   * tests. It is not closed with the session.
   */
  readonly dispatcher?: Dispatcher;
}

/** @internal {@link ClientSessionOptions} with all defaults filled in. */
export interface SessionSettings extends CallSettings, RequestDefaults {
  readonly limit: number;
  readonly limitPerHost: number;
  readonly transport: Transport;
}

/** @internal The settings that a request may change. */
export interface CallSettings {
  readonly limits: TimeLimits;
  readonly raiseForStatus: boolean;
  readonly maxRedirects: number;
  readonly maxBodySize: number;
}

const defaults: CallSettings = {
  limits: defaultLimits,
  raiseForStatus: false,
  maxRedirects: 10,
  maxBodySize: 2 ** 26,
};

/** @internal Fills in the defaults. @throws {TypeError} or {RangeError} If an option has an invalid value. */
export function sessionSettings(options: ClientSessionOptions): SessionSettings {
  return {
    ...callSettings(options, defaults),
    baseUrl: options.baseUrl === undefined ? undefined : checkBase(options.baseUrl),
    headers: new HeaderList(options.headers),
    limit: checkCount("limit", options.limit ?? 100, 1),
    limitPerHost: checkCount("limitPerHost", options.limitPerHost ?? Infinity, 1),
    transport:
      options.dispatcher === undefined ? ownTransport(options.tls ?? {}) : dispatcherTransport(options.dispatcher),
  };
}

/** @internal The settings of one request. */
export function callSettings(
  options: Pick<RequestOptions, "timeout" | "raiseForStatus" | "maxRedirects" | "maxBodySize">,
  session: CallSettings,
): CallSettings {
  return {
    limits: timeLimits(options.timeout, session.limits),
    raiseForStatus: options.raiseForStatus ?? session.raiseForStatus,
    maxRedirects: checkCount("maxRedirects", options.maxRedirects ?? session.maxRedirects, 0),
    maxBodySize: checkCount("maxBodySize", options.maxBodySize ?? session.maxBodySize, 0),
  };
}

function checkBase(base: string | URL): URL {
  const url = URL.parse(base);
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname.endsWith("/")) return url;
  const rule = "'baseUrl' must be a URL of HTTP whose path ends with a slash";
  throw wrongType("make a session", rule, withoutPassword(String(base)));
}

function checkCount(name: string, count: unknown, least: number): number {
  return option("make a request", name, count).count({ from: least, orInfinity: true });
}
