import { requireTime } from "../../base/options.ts";
import { ambient, runtime, type TimerDriver, TimerQueue } from "../core/index.ts";
import { waitAllTasksParked } from "./wait-all-tasks-parked.ts";

// The clocks beneath the one that is installed, the real one first.
const clocks = ambient<TimerQueue[]>("testing.clocks", () => []);

// One that is disposed while another is on top must not come back when that one goes.
function forget(timers: TimerQueue): void {
  const index = clocks.indexOf(timers);
  if (index !== -1) clocks.splice(index, 1);
}

/**
 * A clock that stands still until it is told to advance. While it is installed, sleeps and time limits follow it.
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

  /** The time now, in milliseconds since it was made. */
  now(): number {
    return this.#now;
  }

  /** @internal It wakes nobody by itself. */
  arm(): void {}

  /** How many sleeps and time limits wait for it. */
  get timers(): number {
    return this.#timers.size;
  }

  /** When the next sleep or time limit is due, or `Infinity`. */
  get next(): number {
    return this.#timers.next;
  }

  /**
   * Lets `ms` milliseconds pass: every sleep and limit on the way ends at its moment, and all tasks come to rest between
   * one moment and the next.
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

  /** Lets time pass until the next sleep or limit is due. Returns `false` if there is none. */
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

  /** Puts the clock before it back. */
  [Symbol.dispose](): void {
    if (runtime.timers === this.#timers) runtime.timers = clocks.pop()!;
    else forget(this.#timers);
  }
}
