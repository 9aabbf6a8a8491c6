/** What a limit allows: `count` requests at once, and one more after each `interval`. */
export interface RateRule {
  /** The time, in milliseconds, after which one more request is allowed. */
  readonly interval: number;
  /** The time, in milliseconds, after which all of them are allowed again. */
  readonly period: number;
}

/** The answer of a {@link RateLimitStore}. */
export interface RateDecision {
  /** How long a client has to wait, in milliseconds, before its request is allowed; 0 if it is allowed now. */
  readonly wait: number;
  /** How long it takes, in milliseconds, until all requests of a period are allowed again. */
  readonly reset: number;
}

/**
 * Counts requests by keys. It keeps one number for each: the time at which the key is as good as new, by the generic cell
 * rate algorithm (GCRA).
 *
 * @see https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export interface RateLimitStore {
  /** Counts a request of a key if it is allowed. It must be one step: of two at the same time, both are counted. */
  take(key: string, rule: RateRule): RateDecision | Promise<RateDecision>;
}

/** @internal How far a wait may exceed 0 by rounding, as a part of the interval. */
export const tolerance = 0.01;
