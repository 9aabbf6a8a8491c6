import { option } from "../../base/options.ts";
import { checkDeadline, type RequestLimit, toRequestLimit, usualLimit } from "./deadline.ts";

/** What an application knows of the module that it is made in: its `import.meta`. */
export interface ModuleMeta {
  /** The module's folder. */
  readonly dirname?: string;
  /** The module's URL. */
  readonly url?: string;
}

/** How an application is set up. */
export interface PottleOptions {
  /**
   * How many bytes a request's body may have. A larger one is answered with 413 when it is read.
   * @default 16_777_216
   */
  readonly maxContentLength?: number;
  /**
   * How many milliseconds a request has, until its response has left; a route may have a `timeout` of its own. After that
   * it is cancelled, and answered with 503; a response that was begun is cut off. `Infinity` lifts the limit.
   * @default 120_000 until the response begins; then it may take as long as it likes
   */
  readonly requestTimeout?: number;
  /**
   * How many milliseconds background tasks are given to end when the application stops, before they are cancelled.
   * @default 5_000
   */
  readonly backgroundTaskTimeout?: number;
  /**
   * Whether a page with the stack and the source shows an error of the application to whoever asked.
   * @default in development, as {@link isDevelopment} says, and to clients on the same machine
   */
  readonly development?: boolean;
}

/** @internal What is counted of {@link PottleOptions}, with nothing left open. */
export interface PottleLimits {
  readonly maxContentLength: number;
  readonly requestLimit: RequestLimit;
  readonly backgroundTaskTimeout: number;
}

/**
 * @internal Fills in the defaults.
 *
 * @throws {RangeError} If an option is not a number that it can have.
 * @throws {TypeError} If an option is not a number.
 */
export function checkPottleOptions(options: PottleOptions): PottleLimits {
  const { maxContentLength = 2 ** 24, requestTimeout, backgroundTaskTimeout = 5_000 } = options;
  checkDeadline("make the application", "requestTimeout", requestTimeout);
  return {
    maxContentLength: checkLimit("maxContentLength", maxContentLength),
    requestLimit: toRequestLimit(requestTimeout) ?? usualLimit,
    backgroundTaskTimeout: checkLimit("backgroundTaskTimeout", backgroundTaskTimeout),
  };
}

function checkLimit(name: string, limit: number): number {
  return option("make the application", name, limit).number({ from: 0 });
}
