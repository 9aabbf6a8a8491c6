import { outside } from "../state/real-time.ts";
import { runtime } from "../state/runtime.ts";
import type { Scope } from "./scope.ts";
import type { Timer } from "../state/timers.ts";

/**
 * A time limit of a scope, for authors of servers. When the time is over, a function is called, which decides what to
 * do. Inspectors show the limit as the deadline of the scope. It is cheaper than `timeout`: it takes only one entry in
 * the runtime's timers, and no scope of its own.
 *
 * @example
 * await createTask(async () => {
 *   const task = currentTask();
 *   const timer = new ScopeTimer(currentScope(), 10, () => task?.cancel("too late"));
 *   await sleep(60_000).catch((error: CancelledError) => console.log(error.reason)); // too late
 *   timer.stop();
 *   task?.uncancel();
 * });
 */
export class ScopeTimer {
  /** The time when the limit ends, in milliseconds of the runtime's clock. */
  readonly when: number;
  readonly #scope: Scope;
  readonly #deadlineBefore: number | undefined;
  readonly #onOver: () => void;
  #timer: Timer | undefined;

  /**
   * @param ms Milliseconds from now; `Infinity` for never.
   * @param onOver Called outside any scope when the time is over; must not throw.
   */
  constructor(scope: Scope, ms: number, onOver: () => void) {
    this.when = runtime.timers.now() + ms;
    this.#scope = scope;
    this.#deadlineBefore = scope.deadline;
    this.#onOver = onOver;
    scope.deadline = Math.min(this.when, scope.deadline ?? Infinity);
    if (ms !== Infinity) this.#timer = runtime.timers.add(ms, expire, this, runtime.schedule?.tie());
  }

  /** Removes the limit, if the time is not over. If a scope has several limits, stop the last one first. */
  stop(): void {
    this.#scope.deadline = this.#deadlineBefore;
    if (this.#timer === undefined) return;
    runtime.timers.remove(this.#timer);
    this.#timer = undefined;
  }

  /** @internal Called when the time is over. */
  expire(): void {
    this.stop();
    outside(this.#onOver);
  }
}

function expire(timer: ScopeTimer): void {
  timer.expire();
}
