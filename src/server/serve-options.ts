import type { AccessEntry, ServerExchange } from "../http/index.ts";
import { option } from "../base/options.ts";
import { longestTimeout } from "../base/platform-timer.ts";
import { outOfRange, wrongType } from "../base/refusal.ts";

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
   * @default reports it to the exception handler, which prints it with its stack
   */
  readonly onError?: (error: unknown, exchange: ServerExchange) => void;
  /**
   * Called with each request when it is over, and with each WebSocket, including those that the server refused before the application saw them.
   * @default none
   */
  readonly onAccess?: (entry: AccessEntry) => void;
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
  readonly webSocketMaxMessage: number;
  readonly webSocketPingInterval: number;
  readonly webSocketCloseTimeout: number;
  readonly webSocketDeflate: boolean;
  readonly onError: ServeOptions["onError"];
  readonly onAccess: ServeOptions["onAccess"];
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
    webSocketMaxMessage: checkMaxMessage(options.webSocketMaxMessage ?? 2 ** 24),
    webSocketPingInterval: checkLimit("webSocketPingInterval", options.webSocketPingInterval ?? 20_000),
    webSocketCloseTimeout: checkLimit("webSocketCloseTimeout", options.webSocketCloseTimeout ?? 10_000),
    webSocketDeflate: option("serve", "webSocketDeflate", options.webSocketDeflate ?? false).boolean(),
    onError: checkHook("onError", options.onError),
    onAccess: checkHook("onAccess", options.onAccess),
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
