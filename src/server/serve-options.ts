import type { AccessEntry, ServerExchange } from "../http/index.ts";
import { option } from "../base/options.ts";
import { longestTimeout } from "../base/platform-timer.ts";
import { outOfRange, wrongType } from "../base/refusal.ts";
import type { AccessFormatName } from "./logs/access-format.ts";
import type { AccessLogOptions } from "./logs/access-log.ts";
import type { ErrorLogOptions } from "./logs/error-log.ts";
import { checkServerLogs } from "./logs/server-logs.ts";

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
   * How many bytes of a request's body are read before anybody asks for them. While that many are unread nothing more
   * is read, and a client's leaving is not noticed.
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
   * Hears of each error that the application threw.
   * @default reports it to the exception handler, which prints it with its stack, unless there is an `errorLog`
   */
  readonly onError?: (error: unknown, exchange: ServerExchange) => void;
  /**
   * Called with each request when it is over, including those that the server refused before the application saw them:
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

/** {@link ServeOptions} with nothing left open. */
export interface ServeSettings {
  readonly host: string;
  readonly port: number;
  readonly drainTimeout: number;
  readonly cancelGrace: number;
  readonly bodyBuffer: number;
  readonly keepAliveTimeout: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly writeTimeout: number;
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
    host: checkHost(options.host ?? "127.0.0.1"),
    port: option("serve", "port", options.port ?? 5000).count({ from: 0, to: 65_535 }),
    drainTimeout: checkTime("drainTimeout", options.drainTimeout ?? 5_000),
    cancelGrace: checkTime("cancelGrace", options.cancelGrace ?? 3_000),
    bodyBuffer: option("serve", "bodyBuffer", options.bodyBuffer ?? 2 ** 21).count({ from: 1, unit: "bytes" }),
    keepAliveTimeout: checkLimit("keepAliveTimeout", options.keepAliveTimeout ?? 5_000),
    headersTimeout: checkHeadersTimeout(options.headersTimeout ?? Math.min(30_000, requestTimeout), requestTimeout),
    requestTimeout,
    writeTimeout: checkLimit("writeTimeout", options.writeTimeout ?? 60_000),
    onError: checkHook("onError", options.onError),
    onAccess: checkHook("onAccess", options.onAccess),
    ...checkServerLogs("serve", options.accessLog, options.errorLog),
  };
}

function checkHost(host: unknown): string {
  if (typeof host === "string" && host !== "" && host !== "unix:") return host;
  throw wrongType("serve", "'host' must be a name, an address, or 'unix:' and a path", host);
}

function checkTime(name: string, ms: number): number {
  return option("serve", name, ms).milliseconds({ from: 0, to: longestTimeout });
}

/** A limit beyond what a timer of the platform can do is none. */
function checkLimit(name: string, ms: number): number {
  const limit = option("serve", name, ms).milliseconds({ above: 0 });
  return limit > longestTimeout ? Infinity : limit;
}

function checkHeadersTimeout(ms: number, requestTimeout: number): number {
  const limit = checkLimit("headersTimeout", ms);
  if (limit <= requestTimeout) return limit;
  throw outOfRange("serve", `'headersTimeout' must not be above 'requestTimeout', which is ${requestTimeout}`, ms);
}

function checkHook<Hook>(name: string, hook: Hook): Hook {
  return hook === undefined ? hook : option("serve", name, hook).function();
}
