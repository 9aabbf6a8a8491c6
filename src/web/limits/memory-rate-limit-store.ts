import { getEventLoop } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";
import { type RateDecision, type RateLimitStore, type RateRule, tolerance } from "./rate-limit-store.ts";

/** Options of {@link MemoryRateLimitStore}. */
export interface MemoryRateLimitStoreOptions {
  /** The most keys that are kept: beyond it, the one that was not asked for longest is dropped. @default 100_000 */
  readonly maxKeys?: number;
}

/**
 * Counts requests in the memory of this process. A key is dropped when it is as good as new; no timer is needed.
 *
 * @example
 * const app = new Pottle(import.meta);
 * const store = new MemoryRateLimitStore({ maxKeys: 10_000 });
 * app.beforeRequest(rateLimit(100, 60_000, { store, name: "all" }));
 */
export class MemoryRateLimitStore implements RateLimitStore {
  readonly #maxKeys: number;
  // When each key is as good as new, by the clock of the event loop. The key that was asked last stands last.
  readonly #times = new Map<string, number>();

  /**
   * @throws {RangeError} If `maxKeys` is not a whole number from 1.
   * @throws {TypeError} If `maxKeys` is not a number.
   */
  constructor(options: MemoryRateLimitStoreOptions = {}) {
    this.#maxKeys = option("make a store of limits", "maxKeys", options.maxKeys ?? 100_000).count({ from: 1 });
  }

  /** Current counts, for monitoring. */
  statistics(): { readonly keys: number } {
    return { keys: this.#times.size };
  }

  take(key: string, { interval, period }: RateRule): RateDecision {
    const now = getEventLoop().time();
    const before = Math.max(this.#times.get(key) ?? now, now);
    const wait = before + interval - period - now;
    const isAllowed = wait <= interval * tolerance;
    const time = isAllowed ? before + interval : before;
    this.#times.delete(key);
    this.#dropOld(now);
    this.#times.set(key, time);
    return { wait: isAllowed ? 0 : wait, reset: time - now };
  }

  // Two for each that comes, so that the map shrinks, and no request pays for all.
  #dropOld(now: number): void {
    for (let i = 0; i < 2; i++) {
      const [first] = this.#times;
      if (first === undefined) return;
      if (first[1] <= now || this.#times.size >= this.#maxKeys) this.#times.delete(first[0]);
    }
  }
}
