import type { AccessEntry, ServedExchange } from "../http/index.ts";

/** How to serve. */
export interface ServeOptions {
  /**
   * The address to listen on. `0.0.0.0` or `::` lets other machines in.
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
   * How many milliseconds a connection is kept without a request.
   * @default 5_000
   */
  readonly keepAliveTimeout?: number;
  /**
   * How many milliseconds a client may take to send a request's head; it is answered with 408 otherwise.
   * @default 30_000
   */
  readonly headersTimeout?: number;
  /**
   * How many milliseconds a client may take to send a whole request.
   * @default 300_000
   */
  readonly requestTimeout?: number;
  /**
   * Hears of each error that the application threw.
   * @default reports it to the exception handler, which prints it with its stack
   */
  readonly onError?: (error: unknown, exchange: ServedExchange) => void;
  /**
   * Hears of each request when it is over.
   * @default nobody does
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
  readonly onError: ServeOptions["onError"];
  readonly onAccess: ServeOptions["onAccess"];
}

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} If a number is not one that its option can have.
 * @throws {TypeError} If the host is no string or a hook no function.
 */
export function checkServeOptions(options: ServeOptions): ServeSettings {
  return {
    host: checkHost(options.host ?? "127.0.0.1"),
    port: checkPort(options.port ?? 5000),
    drainTimeout: checkTime("drainTimeout", options.drainTimeout ?? 5_000),
    cancelGrace: checkTime("cancelGrace", options.cancelGrace ?? 3_000),
    bodyBuffer: checkSize("bodyBuffer", options.bodyBuffer ?? 2 ** 21),
    keepAliveTimeout: checkTime("keepAliveTimeout", options.keepAliveTimeout ?? 5_000),
    headersTimeout: checkTime("headersTimeout", options.headersTimeout ?? 30_000),
    requestTimeout: checkTime("requestTimeout", options.requestTimeout ?? 300_000),
    onError: checkHook("onError", options.onError),
    onAccess: checkHook("onAccess", options.onAccess),
  };
}

function checkHost(host: unknown): string {
  if (typeof host === "string" && host !== "") return host;
  throw new TypeError(`Cannot serve as 'host' must be a name or an address: current value is ${JSON.stringify(host)}`);
}

function checkPort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw refuse("port", "a whole number from 0 to 65535", port);
}

function checkTime(name: string, ms: number): number {
  if (typeof ms === "number" && ms >= 0 && ms <= 2 ** 31 - 1) return ms;
  throw refuse(name, "milliseconds from 0 to 2147483647", ms);
}

function checkSize(name: string, bytes: number): number {
  if (Number.isInteger(bytes) && bytes >= 1) return bytes;
  throw refuse(name, "a whole number of bytes >= 1", bytes);
}

function checkHook<Hook>(name: string, hook: Hook): Hook {
  if (hook === undefined || typeof hook === "function") return hook;
  throw new TypeError(`Cannot serve as '${name}' must be a function: current value is ${String(hook)}`);
}

function refuse(name: string, must: string, value: unknown): RangeError {
  return new RangeError(`Cannot serve as '${name}' must be ${must}: current value is ${String(value)}`);
}
