import type { AccessEntry, ServerExchange } from "../http/index.ts";
import { option } from "../base/options.ts";
import { longestTimeout } from "../base/platform-timer.ts";
import { outOfRange, wrongType } from "../base/refusal.ts";
import type { AccessFormatName } from "./logs/access-format.ts";
import type { AccessLogOptions } from "./logs/access-log.ts";
import type { ErrorLogOptions } from "./logs/error-log.ts";
import { checkServerLogs } from "./logs/server-logs.ts";
import { type Bind, parseBind } from "./listening/bind.ts";
import type { Http2Options } from "./http2/options.ts";
import { checkTlsOptions, type TlsOptions } from "./listening/tls-options.ts";
import type { TrustProxiesOptions } from "./middleware/trust-proxies.ts";
import { TrustedAddresses } from "./middleware/trusted-addresses.ts";

/** What speaks HTTP/1.1. */
export type Engine = "pottle" | "node:http";

/** How to serve. */
export interface ServeOptions {
  /**
   * The address to listen on, or `unix:` and the path of a socket, which has no port. `0.0.0.0` or `::` lets other machines
   * in. A socket that a killed server has left is replaced, and the socket is removed when the server ends.
   * @default "127.0.0.1"
   */
  readonly host?: string;
  /**
   * The port to listen on; 0 for any that is free.
   * @default 5000
   */
  readonly port?: number;
  /**
   * All places to listen on, in place of `host` and `port`: `127.0.0.1:8000`, `[::]:8000`, `unix:/run/app.sock`, or `fd://3`
   * for a socket that listens already. With `tls`, all speak HTTPS but those that begin with `http://`.
   * @default `host` and `port`
   */
  readonly bind?: string | readonly string[];
  /**
   * The rights of a Unix socket, such as `0o660`.
   * @default those that the umask of the process leaves
   */
  readonly socketMode?: number;
  /**
   * How to speak TLS. Needs the engine `pottle`.
   * @default not at all
   */
  readonly tls?: TlsOptions;
  /**
   * The proxies that are believed when they name their clients in `X-Forwarded-For`, `-Proto`, `-Host`, `-Port` and `-Prefix`, or in `Forwarded`:
   * addresses, networks such as `10.0.0.0/8`, and `unix` for whatever connects by a Unix socket, whose rights decide who can.
   * They must set or remove each of these headers. It puts {@link trustProxies} around the application.
   * @default none
   */
  readonly trustedProxies?: readonly string[];
  /**
   * How many trusted proxies there are one behind the other, at most; from 1 to 100. Needs `trustedProxies`.
   * @default 1
   */
  readonly proxyHops?: number;
  /**
   * The headers that the trusted proxies write: `X-Forwarded-For` and the others of that family, or `Forwarded`. The other
   * ones are not looked at. Needs `trustedProxies`.
   * @default "x-forwarded"
   */
  readonly proxyHeaders?: "x-forwarded" | "forwarded";
  /**
   * How many milliseconds running requests are given to end when the server is closed, before they are cancelled.
   * @default 5_000
   */
  readonly drainTimeout?: number;
  /**
   * After how many milliseconds a request that was cancelled, and goes on, is cancelled again at every wait; and after
   * how many a closing server no longer waits for it.
   * @default 3_000
   */
  readonly cancelGrace?: number;
  /**
   * How many bytes of a request's body, or of the messages of a WebSocket, are read before anybody asks for them. While that
   * many are unread nothing more is read, and a client's leaving is not noticed.
   * @default 2_097_152
   */
  readonly bodyBuffer?: number;
  /**
   * How many milliseconds a connection is kept without a request. `Infinity` lifts the limit.
   * @default 5_000
   */
  readonly keepAliveTimeout?: number;
  /**
   * How many milliseconds a client may take to send a request's head, from its first byte or the opening of the connection
   * on; after that it is answered with 408. Not above `requestTimeout`. `Infinity` lifts the limit.
   * @default 30_000, or `requestTimeout` if that is less
   */
  readonly headersTimeout?: number;
  /**
   * How many milliseconds a client may take to send a whole request, including the time in which the application does not
   * read its body; after that it is answered with 408, and the request is cancelled with a `ConnectionCut`. `Infinity` lifts
   * the limit.
   * @default 300_000
   */
  readonly requestTimeout?: number;
  /**
   * How many milliseconds a client may take none of a response that waits to be sent; after that the connection is cut, and
   * the request is cancelled with a `ConnectionCut`. `Infinity` lifts the limit.
   * @default 60_000
   */
  readonly writeTimeout?: number;
  /**
   * How to speak HTTP/2: over TLS with clients that choose it, in the clear with those that begin with it. `false` for not at
   * all.
   * @default with the defaults of its options
   */
  readonly http2?: Http2Options | false;
  /**
   * How many bytes a request line may have; a longer one is answered with 414.
   * @default 8_192
   */
  readonly maxRequestLine?: number;
  /**
   * How many bytes the header lines of a request may have in all; more are answered with 431.
   * @default 16_384
   */
  readonly maxHeaderSize?: number;
  /**
   * How many header lines a request may have; more are answered with 431.
   * @default 100
   */
  readonly maxHeaderCount?: number;
  /**
   * How many bytes a second a client must send of a body that is being read, on average after the first five seconds; a slower
   * one is answered with 408, and the request is cancelled with a `ConnectionCut`. 0 lifts the limit.
   * @default 240
   */
  readonly minBodyRate?: number;
  /**
   * How many requests a connection serves before it is closed. `Infinity` lifts the limit.
   * @default 10_000
   */
  readonly maxRequestsPerConnection?: number;
  /**
   * How many connections may be open; one more is answered with 503. `Infinity` lifts the limit.
   * @default Infinity
   */
  readonly maxConnections?: number;
  /**
   * What speaks HTTP/1.1: Pottle's own engine, or `node:http` where a fault of ours has to be told from one of the client.
   * @default "pottle"
   */
  readonly engine?: Engine;
  /**
   * How many bytes a message of a WebSocket may have, when it is decompressed; at a larger one the WebSocket is closed with
   * 1009, and its task is cancelled with a `ConnectionCut`. `Infinity` lifts the limit.
   * @default 16_777_216
   */
  readonly webSocketMaxMessage?: number;
  /**
   * How many milliseconds there are between two pings to the client of a WebSocket. A client from which nothing has come
   * back when the next one is due has vanished: its connection is cut. `Infinity` sends none.
   * @default 20_000
   */
  readonly webSocketPingInterval?: number;
  /**
   * How many milliseconds either side has to notice that the other has closed the WebSocket: the client to answer the Close,
   * after which its connection is cut; the application to send or to receive, after which its task is cancelled with a
   * `ClientDisconnected`. `Infinity` lifts the limit for the application; the client has 24.8 days then.
   * @default 10_000
   */
  readonly webSocketCloseTimeout?: number;
  /**
   * Whether the messages of a WebSocket are compressed, if its client offers that (permessage-deflate). It costs CPU time, and
   * memory for each connection.
   * @default false
   */
  readonly webSocketDeflate?: boolean;
  /**
   * Hears of each error that the application threw.
   * @default reports it to the exception handler, which prints it with its stack, unless there is an `errorLog`
   */
  readonly onError?: (error: unknown, exchange: ServerExchange) => void;
  /**
   * Called with each request and WebSocket when it is over, including those that the server refused before the application saw them:
   * these have no exchange. What is not in the entry, such as headers, is in the exchange, which should not be kept: that
   * would keep the whole request.
   * @default none
   */
  readonly onAccess?: (entry: AccessEntry, exchange: ServerExchange | undefined) => void;
  /**
   * The access log: a format (`combined`, `json`, `hypercorn`, `development`, or one of your own), or options. `onAccess` is
   * called as well.
   * @default none, except of `app.run()` and `pottle run`, which print one for people
   */
  readonly accessLog?: AccessFormatName | (string & {}) | AccessLogOptions | false;
  /**
   * A log of the errors that the application throws, in place of the exception handler; `onError` is called as well.
   * @default none
   */
  readonly errorLog?: ErrorLogOptions;
}

/** What `node:http` cannot do, or not as we do. */
const onlyOurs = [
  "bind",
  "tls",
  "http2",
  "maxRequestLine",
  "maxHeaderSize",
  "maxHeaderCount",
  "minBodyRate",
  "maxRequestsPerConnection",
  "maxConnections",
] as const;

/** {@link ServeOptions} with nothing left open. */
export interface ServeSettings {
  readonly binds: readonly Bind[];
  readonly socketMode: number | undefined;
  readonly tls: TlsOptions | undefined;
  readonly proxies: TrustProxiesOptions | undefined;
  readonly drainTimeout: number;
  readonly cancelGrace: number;
  readonly bodyBuffer: number;
  readonly keepAliveTimeout: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly writeTimeout: number;
  readonly http2: Http2Options | false;
  readonly maxRequestLine: number;
  readonly maxHeaderSize: number;
  readonly maxHeaderCount: number;
  readonly minBodyRate: number;
  readonly maxRequestsPerConnection: number;
  readonly maxConnections: number;
  readonly engine: Engine;
  readonly webSocketMaxMessage: number;
  readonly webSocketPingInterval: number;
  readonly webSocketCloseTimeout: number;
  readonly webSocketDeflate: boolean;
  readonly onError: ServeOptions["onError"];
  readonly onAccess: ServeOptions["onAccess"];
  readonly accessLog: AccessLogOptions | undefined;
  readonly errorLog: ErrorLogOptions | undefined;
}

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} If a number is not one that its option can have.
 * @throws {TypeError} If the host is not a string, a hook not a function, or a number not one.
 */
export function checkServeOptions(options: ServeOptions): ServeSettings {
  const requestTimeout = checkLimit("requestTimeout", options.requestTimeout ?? 300_000);
  return {
    binds: checkBinds(options),
    socketMode: options.socketMode === undefined ? undefined : checkMode(options.socketMode),
    tls: checkTlsOptions(options.tls),
    proxies: checkProxies(options),
    drainTimeout: checkTime("drainTimeout", options.drainTimeout ?? 5_000),
    cancelGrace: checkTime("cancelGrace", options.cancelGrace ?? 3_000),
    bodyBuffer: option("serve", "bodyBuffer", options.bodyBuffer ?? 2 ** 21).count({ from: 1, unit: "bytes" }),
    keepAliveTimeout: checkLimit("keepAliveTimeout", options.keepAliveTimeout ?? 5_000),
    headersTimeout: checkHeadersTimeout(options.headersTimeout ?? Math.min(30_000, requestTimeout), requestTimeout),
    requestTimeout,
    writeTimeout: checkLimit("writeTimeout", options.writeTimeout ?? 60_000),
    http2: checkHttp2(options.http2 ?? {}),
    maxRequestLine: checkSize("maxRequestLine", options.maxRequestLine ?? 8_192),
    maxHeaderSize: checkSize("maxHeaderSize", options.maxHeaderSize ?? 16_384),
    maxHeaderCount: option("serve", "maxHeaderCount", options.maxHeaderCount ?? 100).count({ from: 1 }),
    minBodyRate: option("serve", "minBodyRate", options.minBodyRate ?? 240).count({ from: 0, unit: "bytes" }),
    maxRequestsPerConnection: checkCount("maxRequestsPerConnection", options.maxRequestsPerConnection ?? 10_000),
    maxConnections: checkCount("maxConnections", options.maxConnections ?? Infinity),
    engine: checkEngine(options),
    webSocketMaxMessage: checkMaxMessage(options.webSocketMaxMessage ?? 2 ** 24),
    webSocketPingInterval: checkLimit("webSocketPingInterval", options.webSocketPingInterval ?? 20_000),
    webSocketCloseTimeout: checkLimit("webSocketCloseTimeout", options.webSocketCloseTimeout ?? 10_000),
    webSocketDeflate: option("serve", "webSocketDeflate", options.webSocketDeflate ?? false).boolean(),
    onError: checkHook("onError", options.onError),
    onAccess: checkHook("onAccess", options.onAccess),
    ...checkServerLogs("serve", options.accessLog, options.errorLog),
  };
}

function checkHost(host: unknown): string {
  if (typeof host === "string" && host !== "" && host !== "unix:") return host;
  throw wrongType("serve", "'host' must be a name, an address, or 'unix:' and a path", host);
}

function checkBinds({ bind, host, port = 5000, tls }: ServeOptions): Bind[] {
  option("serve", "port", port).count({ from: 0, to: 65_535 });
  if (bind === undefined) return [{ host: checkHost(host ?? "127.0.0.1"), port, isSecure: tls !== undefined }];
  if (host !== undefined) throw outOfRange("serve", "'bind' and 'host' exclude each other", host);
  const all = typeof bind === "string" ? [bind] : bind;
  if (!Array.isArray(all) || all.length === 0) throw wrongType("serve", "'bind' must name a place to listen on", bind);
  return all.map((text: unknown) => parseBind(text, port, tls !== undefined));
}

function checkProxies(options: ServeOptions): TrustProxiesOptions | undefined {
  const { trustedProxies: trusted, proxyHops, proxyHeaders } = options;
  const hops = option("serve", "proxyHops", proxyHops ?? 1).count({ from: 1, to: 100 });
  const headers = option("serve", "proxyHeaders", proxyHeaders ?? "x-forwarded").oneOf(["x-forwarded", "forwarded"]);
  if (trusted !== undefined) {
    void new TrustedAddresses("serve", "trustedProxies", trusted);
    return { trusted: [...trusted], hops, headers };
  }
  for (const [name, value] of Object.entries({ proxyHops, proxyHeaders })) {
    if (value !== undefined) throw outOfRange("serve", `'${name}' needs 'trustedProxies', which is not set`, value);
  }
  return undefined;
}

function checkHttp2(http2: Http2Options | false): Http2Options | false {
  if (http2 === false || (typeof http2 === "object" && http2 !== null)) return http2;
  throw wrongType("serve", "'http2' must be an object of options, or false", http2);
}

function checkMode(mode: number): number {
  return option("serve", "socketMode", mode).count({ from: 0, to: 0o777 });
}

function checkSize(name: string, bytes: number): number {
  return option("serve", name, bytes).count({ from: 16, unit: "bytes" });
}

function checkCount(name: string, count: number): number {
  return option("serve", name, count).count({ from: 1, orInfinity: true });
}

// What the fallback cannot do is refused: an option that does nothing is a trap.
function checkEngine({ engine = "pottle", ...options }: ServeOptions): Engine {
  if (engine === "pottle") return engine;
  if (engine !== "node:http") throw wrongType("serve", "'engine' must be 'pottle' or 'node:http'", engine);
  for (const name of onlyOurs) {
    if (options[name] === undefined) continue;
    throw outOfRange("serve", `'${name}' needs the engine 'pottle'`, engine);
  }
  return engine;
}

function checkTime(name: string, ms: number): number {
  return option("serve", name, ms).milliseconds({ from: 0, to: longestTimeout });
}

/** A limit beyond what a timer of the platform can do is none. */
function checkLimit(name: string, ms: number): number {
  const limit = option("serve", name, ms).milliseconds({ above: 0 });
  return limit > longestTimeout ? Infinity : limit;
}

/** `ws` counts in 31 bits. */
function checkMaxMessage(bytes: number): number {
  const range = { from: 1, to: bytes === Infinity ? Infinity : 0x7fff_ffff, unit: "bytes", orInfinity: true };
  return option("serve", "webSocketMaxMessage", bytes).count(range);
}

function checkHeadersTimeout(ms: number, requestTimeout: number): number {
  const limit = checkLimit("headersTimeout", ms);
  if (limit <= requestTimeout) return limit;
  throw outOfRange("serve", `'headersTimeout' must not be above 'requestTimeout', which is ${requestTimeout}`, ms);
}

function checkHook<Hook>(name: string, hook: Hook): Hook {
  return hook === undefined ? hook : option("serve", name, hook).function();
}
