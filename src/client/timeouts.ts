import { outside } from "../asyncio/index.ts";
import { option } from "../base/options.ts";
import { longestTimeout } from "../base/platform-timer.ts";
import type { TimeLimitName } from "./errors.ts";

/** The time that each part of a request may take, in milliseconds. `Infinity` sets no limit. */
export interface ClientTimeout {
  /**
   * The whole request with its redirects and its body, from when it is sent: waiting for one of the session's
   * connections to be free does not count.
   * @default 300_000
   */
  readonly total?: number;
  /** Opening a connection. @default 10_000 */
  readonly connect?: number;
  /**
   * From when the request has been sent until the response begins. An interim response (1xx) starts it anew, and 100 of
   * them are too many.
   * @default 30_000
   */
  readonly headers?: number;
  /** Between two pieces of a body, either way. Not counted while 64 KiB wait to be read. @default 30_000 */
  readonly idle?: number;
}

/** @internal {@link ClientTimeout} with nothing left open. */
export type TimeLimits = Readonly<Record<TimeLimitName, number>>;

/** @internal The limits that hold unless others are set. */
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

/**
 * @internal Measures one limit at a time, outside any scope: a response outlives the scope of the call that asked for
 * it, and its limits with it.
 */
export class LimitTimer {
  readonly #onExpire: (limit: TimeLimitName) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onExpire: (limit: TimeLimitName) => void) {
    this.#onExpire = onExpire;
  }

  /** Starts it for `limit`, in place of the limit that it was started for. With `ms` ≤ 0 it runs out at once. */
  start(limit: TimeLimitName, ms: number): void {
    this.clear();
    if (ms <= 0) this.#onExpire(limit);
    // Beyond the longest time of a platform timer, 24.8 days, there is no limit.
    else if (ms <= longestTimeout) this.#timer = outside(setTimeout, this.#onExpire, ms, limit);
  }

  /** Starts it anew, for the same limit. */
  refresh(): void {
    this.#timer?.refresh();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
