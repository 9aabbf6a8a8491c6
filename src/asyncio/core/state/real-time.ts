import { AsyncLocalStorage } from "node:async_hooks";
import { ambient } from "./ambient.ts";
import type { TimerDriver, TimerQueue } from "./timers.ts";

// Taken by the first copy of the package: a second one may be loaded from within a task.
const runOutside = ambient("outside", () => AsyncLocalStorage.snapshot());

/**
 * Runs `fn` outside every task and request, so that a socket, a timer or a pool that it opens keeps none of them alive,
 * and what is created in it belongs to the process. For authors of drivers; callbacks that serve a caller go back to it
 * through `bind`.
 *
 * @example
 * await createTask(async () => {
 *   console.log(currentTask() === undefined, outside(currentTask)); // false undefined
 * });
 */
export function outside<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  return runOutside(fn, ...args);
}

/** @internal Waits once round the platform's event loop, in a way that no cancellation reaches and no clock shifts. */
export function platformTurn(): Promise<void> {
  return new Promise((resolve) => void outside(setImmediate, resolve));
}

// A platform timer takes 31 bits of milliseconds; longer waits are reached in several.
const longest = 2 ** 31 - 1;

/** @internal Drives a timer queue by the machine's clock, with one platform timer. */
export class RealTime implements TimerDriver {
  #timeout: NodeJS.Timeout | undefined;
  #at = Infinity;
  #held = false;

  now(): number {
    return performance.now();
  }

  arm(when: number, queue: TimerQueue): void {
    if (when === Infinity) return this.#hold(false);
    // An armed timer that comes earlier stays: it fires for nothing once, which is cheaper than replacing it each time.
    if (when < this.#at) this.#set(when, queue);
    this.#hold(true);
  }

  #set(when: number, queue: TimerQueue): void {
    clearTimeout(this.#timeout);
    this.#at = when;
    const ms = Math.min(Math.max(Math.ceil(when - this.now()), 1), longest);
    this.#timeout = outside(setTimeout, () => this.#fire(queue), ms);
    this.#held = true;
  }

  #fire(queue: TimerQueue): void {
    this.#at = Infinity;
    this.#timeout = undefined;
    this.#held = false;
    queue.fire();
  }

  // The platform timer outlives the wait it was set for, but must not hold the process open for nothing.
  #hold(held: boolean): void {
    if (held === this.#held || this.#timeout === undefined) return;
    this.#held = held;
    if (held) this.#timeout.ref();
    else this.#timeout.unref();
  }
}
