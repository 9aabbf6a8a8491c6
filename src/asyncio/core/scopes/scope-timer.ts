import { outside } from "../state/real-time.ts";
import { runtime } from "../state/runtime.ts";
import type { Scope } from "./scope.ts";
import type { Timer } from "../state/timers.ts";

/**
 * A time that a scope has, for authors of servers: when it is over, a function is called, which decides what comes of
 * that. Until then nothing waits for it, and inspectors show it as the time of the scope. It costs one entry in the
 * runtime's timers, where `timeout` takes a scope of its own.
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
  /** When it is over, in milliseconds of the loop's clock. */
  readonly when: number;
  readonly #scope: Scope;
  readonly #deadlineBefore: number | undefined;
  readonly #onOver: () => void;
  #timer: Timer | undefined;

  /**
   * @param ms Milliseconds from now; `Infinity` for never.
   * @param onOver Is called outside any scope, and must not throw.
   */
  constructor(scope: Scope, ms: number, onOver: () => void) {
    this.when = runtime.timers.now() + ms;
    this.#scope = scope;
    this.#deadlineBefore = scope.deadline;
    this.#onOver = onOver;
    scope.deadline = Math.min(this.when, scope.deadline ?? Infinity);
    if (ms !== Infinity) this.#timer = runtime.timers.add(ms, expire, this, runtime.schedule?.tie());
  }

  /** Takes the time back, if it is not over. Of several on one scope, the last is stopped first. */
  stop(): void {
    this.#scope.deadline = this.#deadlineBefore;
    if (this.#timer === undefined) return;
    runtime.timers.remove(this.#timer);
    this.#timer = undefined;
  }

  /** @internal Its time is over. */
  expire(): void {
    this.stop();
    outside(this.#onOver);
  }
}

function expire(timer: ScopeTimer): void {
  timer.expire();
}
