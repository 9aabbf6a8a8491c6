import { outside } from "../asyncio/index.ts";
import { option } from "../base/options.ts";
import { longestTimeout } from "../base/platform-timer.ts";
import type { TimeLimitName } from "./errors.ts";

/** The time limits for the parts of a request, in milliseconds. `Infinity` means no limit. */
export interface ClientTimeout {
  /**
   * The limit for the whole request with its redirects and its body. It begins when the request is sent: the wait for a
   * free connection of the session does not count.
   * @default 300_000
   */
  readonly total?: number;
  /** The limit for opening a connection. @default 10_000 */
  readonly connect?: number;
  /**
   * The limit between the end of sending the request and the beginning of the response. An interim response (1xx)
   * restarts it; at most 100 of them are allowed.
   * @default 30_000
   */
  readonly headers?: number;
  /**
   * The limit between two pieces of a body, sent or received. It is suspended while 64 KiB are waiting to be read.
   * @default 30_000
   */
  readonly idle?: number;
}

/** @internal {@link ClientTimeout} with all limits filled in. */
export type TimeLimits = Readonly<Record<TimeLimitName, number>>;

/** @internal The default limits. */
export const defaultLimits: TimeLimits = { total: 300_000, connect: 10_000, headers: 30_000, idle: 30_000 };

const names: readonly TimeLimitName[] = ["total", "connect", "headers", "idle"];

/**
 * @internal Fills in the limits that are not given. A single number is the total limit.
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
 * @internal Measures one limit at a time. It runs outside any scope, because a response, and its limits, may outlive
 * the scope of the call that requested it.
 */
export class LimitTimer {
  readonly #onExpire: (limit: TimeLimitName) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onExpire: (limit: TimeLimitName) => void) {
    this.#onExpire = onExpire;
  }

  /** Starts the timer for `limit`, instead of the previous limit. With `ms` ≤ 0 it runs out at once. */
  start(limit: TimeLimitName, ms: number): void {
    this.clear();
    if (ms <= 0) this.#onExpire(limit);
    // A limit that is longer than a Node timer supports, 24.8 days, counts as no limit.
    else if (ms <= longestTimeout) this.#timer = outside(setTimeout, this.#onExpire, ms, limit);
  }

  /** Restarts the timer for the same limit. */
  refresh(): void {
    this.#timer?.refresh();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
