import { outside } from "../asyncio/index.ts";
import { longestTimeout } from "../base/platform-timer.ts";
import type { TimeLimitName } from "./errors.ts";

/** Runs out for one limit at a time, outside any scope. */
export class LimitTimer {
  readonly #onExpire: (limit: TimeLimitName) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onExpire: (limit: TimeLimitName) => void) {
    this.#onExpire = onExpire;
  }

  /** Sets it for `limit`, in place of what it was set for. With `ms` ≤ 0 it runs out at once. */
  set(limit: TimeLimitName, ms: number): void {
    this.clear();
    if (ms <= 0) this.#onExpire(limit);
    // Beyond what a timer of the platform takes, it is as good as never.
    else if (ms <= longestTimeout) this.#timer = outside(setTimeout, this.#onExpire, ms, limit);
  }

  /** Has it begin anew, for the same limit. */
  refresh(): void {
    this.#timer?.refresh();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
