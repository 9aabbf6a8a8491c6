import { AsyncLocalStorage } from "node:async_hooks";
import { ambient } from "./ambient.ts";
import type { TimerDriver, TimerQueue } from "./timers.ts";

// Taken when the first copy of the package is loaded, because a second copy may be loaded inside a task.
const runOutside = ambient("outside", () => AsyncLocalStorage.snapshot());

/**
 * Runs `fn` outside every task and request. A socket, timer or pool that `fn` opens then keeps no task alive, and tasks
 * that it creates belong to the process. For authors of drivers; use `bind` for callbacks that must run in the scope of
 * a caller.
 *
 * @example
 * await createTask(async () => {
 *   console.log(currentTask() === undefined, outside(currentTask)); // false undefined
 * });
 */
export function outside<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  return runOutside(fn, ...args);
}

/** @internal Waits for one turn of Node's event loop. Neither a cancellation nor a virtual clock affects this wait. */
export function platformTurn(): Promise<void> {
  return new Promise((resolve) => void outside(setImmediate, resolve));
}

// Node's timers take at most 31 bits of milliseconds; a longer wait takes several timers.
const longest = 2 ** 31 - 1;

/** @internal Drives a timer queue by the machine's clock, with one Node timer. */
export class RealTime implements TimerDriver {
  #timeout: NodeJS.Timeout | undefined;
  #at = Infinity;
  #held = false;

  now(): number {
    return performance.now();
  }

  arm(when: number, queue: TimerQueue): void {
    if (when === Infinity) return this.#hold(false);
    // A Node timer that is set to an earlier time stays set: one useless wake-up is cheaper than replacing the timer
    // each time.
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

  // The Node timer stays set when its wait has ended early, but must not keep the process alive then.
  #hold(held: boolean): void {
    if (held === this.#held || this.#timeout === undefined) return;
    this.#held = held;
    if (held) this.#timeout.ref();
    else this.#timeout.unref();
  }
}
