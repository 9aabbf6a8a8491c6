import { option } from "../base/options.ts";
import type { TimeLimitName } from "./errors.ts";

/** How long the parts of a request may take, in milliseconds. `Infinity` sets no limit. */
export interface ClientTimeout {
  /**
   * The whole request with its redirects and its body, from when it is sent: waiting for one of the session's
   * connections to be free does not count.
   * @default 300_000
   */
  readonly total?: number;
  /** Opening a connection. @default 10_000 */
  readonly connect?: number;
  /** From when the request has been sent until the response begins. @default 30_000 */
  readonly headers?: number;
  /** Between two pieces of a body, either way. Not counted while 64 KiB wait to be read. @default 30_000 */
  readonly idle?: number;
}

/** @internal {@link ClientTimeout} with nothing left open. */
export type TimeLimits = Readonly<Record<TimeLimitName, number>>;

/** @internal What holds unless something else is said. */
export const defaultLimits: TimeLimits = { total: 300_000, connect: 10_000, headers: 30_000, idle: 30_000 };

const names: readonly TimeLimitName[] = ["total", "connect", "headers", "idle"];

/**
 * @internal Fills in what is not given. A number alone is the total.
 *
 * @throws {TypeError} If a limit is not a number.
 * @throws {RangeError} If a limit is NaN.
 */
export function timeLimits(timeout: number | ClientTimeout | undefined, defaults: TimeLimits): TimeLimits {
  if (timeout === undefined) return defaults;
  const given: ClientTimeout = typeof timeout === "object" ? timeout : { total: timeout };
  const limits = { ...defaults };
  for (const name of names) {
    limits[name] = option("set a time limit", name, given[name] ?? defaults[name]).milliseconds();
  }
  return limits;
}
