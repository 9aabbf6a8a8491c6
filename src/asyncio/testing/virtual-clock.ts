import { requireTime } from "../../base/options.ts";
import { ambient, runtime, type TimerDriver, TimerQueue } from "../core/index.ts";
import { waitAllTasksParked } from "./wait-all-tasks-parked.ts";

// The clocks that were replaced by the installed one, the real clock first.
const clocks = ambient<TimerQueue[]>("testing.clocks", () => []);

// If a clock is disposed while a later one is installed, it must not be restored when the later one is disposed.
function forget(timers: TimerQueue): void {
  const index = clocks.indexOf(timers);
  if (index !== -1) clocks.splice(index, 1);
}

/**
 * A clock that stands still until it is advanced. While it is installed, sleeps and time limits use it.
 *
 * @example
 * import { VirtualClock } from "pottle/asyncio/testing";
 * using clock = new VirtualClock();
 * const nap = createTask(() => sleep(3_600_000, "rested"));
 * await clock.advance(3_600_000);
 * console.log(await nap); // rested
 * @see https://trio.readthedocs.io/en/stable/reference-testing.html#trio.testing.MockClock
 */
export class VirtualClock implements Disposable, TimerDriver {
  readonly #timers: TimerQueue = new TimerQueue(this);
  #now = 0;

  constructor() {
    clocks.push(runtime.timers);
    runtime.timers = this.#timers;
  }

  /** The current time, in milliseconds since the clock was made. */
  now(): number {
    return this.#now;
  }

  /** @internal Does nothing: the clock never fires timers by itself. */
  arm(): void {}

  /** How many sleeps and time limits are pending. */
  get timers(): number {
    return this.#timers.size;
  }

  /** The time when the next sleep or time limit is due, or `Infinity`. */
  get next(): number {
    return this.#timers.next;
  }

  /**
   * Advances the clock by `ms` milliseconds. Each sleep and limit on the way ends at its time, and all tasks run until
   * they wait before the clock moves on.
   *
   * @throws {RangeError} If `ms` is NaN or negative.
   * @throws {TypeError} If `ms` is not a number.
   */
  async advance(ms: number): Promise<void> {
    requireTime(ms, "advance the clock");
    if (ms < 0) throw new RangeError(`Cannot advance the clock as time does not run backwards: current value is ${ms}`);
    const end = this.#now + ms;
    await waitAllTasksParked();
    while (this.next <= end) await this.#step(this.next);
    this.#now = end;
  }

  /** Advances the clock until the next sleep or limit is due. Returns `false` if there is none. */
  async advanceToNext(): Promise<boolean> {
    if (this.next === Infinity) return false;
    await this.#step(this.next);
    return true;
  }

  async #step(when: number): Promise<void> {
    this.#now = Math.max(this.#now, when);
    this.#timers.fire();
    await waitAllTasksParked();
  }

  /** Restores the previous clock. */
  [Symbol.dispose](): void {
    if (runtime.timers === this.#timers) runtime.timers = clocks.pop()!;
    else forget(this.#timers);
  }
}
