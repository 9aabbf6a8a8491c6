import type { Awaitable, Watcher } from "./awaitable.ts";
import { TimeoutError } from "./errors.ts";
import { Park, type Resource } from "./park.ts";
import { requireTime } from "./require.ts";
import { runtime } from "./runtime.ts";
import { currentScope, type Scope, takePending, throwPending } from "./scope.ts";
import { type AwaitableInput, type OutputOf, toAwaitable } from "./to-task.ts";
import { Waiters } from "./waiters.ts";

/** How long {@link asCompleted} waits. */
export interface AsCompletedOptions {
  /** The longest wait for all of them, in milliseconds. @default Infinity */
  readonly timeout?: number;
}

/**
 * Gives tasks in the order in which they are done: `for await` gives the tasks themselves, a plain `for` gives promises
 * of their results. Functions run as tasks; what is passed twice comes once. Leaving the loop cancels nothing, and a new
 * loop goes on where it was left.
 *
 * @throws {TypeError} If `awaitables` is not a list of functions, tasks and promises.
 * @throws {RangeError} If `timeout` is NaN.
 * @throws {TimeoutError} From the loop, if time runs out; it cancels nothing.
 * @example
 * for await (const task of asCompleted([() => sleep(20, "late"), () => sleep(10, "early")])) {
 *   console.log(await task); // early, then late
 * }
 * @see https://docs.python.org/3/library/asyncio-task.html#asyncio.as_completed
 */
export function asCompleted<A extends AwaitableInput<unknown>>(
  awaitables: Iterable<A>,
  options: AsCompletedOptions = {},
): AsCompleted<OutputOf<A>> {
  const { timeout = Infinity } = options;
  requireTime(timeout, "wait");
  if (typeof awaitables !== "object" || awaitables === null || !(Symbol.iterator in awaitables)) {
    const current = typeof awaitables === "function" ? "a function" : String(awaitables);
    throw new TypeError(`Cannot wait as a list of functions, tasks or promises is needed: current value is ${current}`);
  }
  const all = [...new Set(awaitables)].map((input) => toAwaitable(input, "wait"));
  return new AsCompleted(all as Awaitable<OutputOf<A>>[], timeout);
}

/** Tasks in the order in which they are done; made by {@link asCompleted}. */
export class AsCompleted<T> implements AsyncIterable<Awaitable<T>>, Iterable<Promise<T>>, Watcher, Resource {
  /** What it is. */
  readonly kind = "asCompleted";
  readonly #done: Box<T>[] = [];
  readonly #waiters = new Waiters();
  readonly #timeout: number;
  readonly #deadline: number;
  #left: number;

  /** @internal Use {@link asCompleted}. */
  constructor(all: Awaitable<T>[], timeout: number) {
    this.#left = all.length;
    this.#timeout = timeout;
    this.#deadline = runtime.timers.now() + timeout;
    for (const awaitable of all) {
      if (awaitable.done()) this.settled(awaitable);
      else awaitable.watch(this);
    }
  }

  /** @internal */
  settled(awaitable: Awaitable<unknown>): void {
    // Boxed: a promise resolved with a task would wait for it.
    const box = { awaitable: awaitable as Awaitable<T> };
    if (!this.#waiters.wakeOne(box)) this.#done.push(box);
  }

  /** The tasks, each when it is done. */
  [Symbol.asyncIterator](): AsyncIterator<Awaitable<T>, undefined> {
    return {
      next: async () => {
        if (this.#left === 0) return { done: true, value: undefined };
        const { awaitable } = await this.#next();
        return { done: false, value: awaitable };
      },
    };
  }

  /** Promises of the results; the first one is of the task that is done first, whichever is awaited first. */
  *[Symbol.iterator](): Generator<Promise<T>, undefined> {
    while (this.#left > 0) yield this.#next().then((box) => box.awaitable);
  }

  async #next(): Promise<Box<T>> {
    this.#left--;
    try {
      const scope = currentScope();
      throwPending(scope);
      return this.#done.shift() ?? (await this.#wait(scope));
    } catch (error) {
      this.#left++;
      throw error;
    }
  }

  async #wait(scope: Scope): Promise<Box<T>> {
    const park = new Park<Box<T>>(scope, this);
    this.#waiters.add(park as Park);
    if (this.#timeout !== Infinity) {
      const ms = Math.max(this.#deadline - runtime.timers.now(), 0);
      park.timer = runtime.timers.add(
        ms,
        () => park.fail(new TimeoutError(this.#timeout)),
        undefined,
        runtime.schedule?.tie(),
      );
    }
    const box = await park.promise();
    const pending = takePending(scope);
    if (pending === undefined) return box;
    if (!this.#waiters.wakeOne(box)) this.#done.unshift(box);
    throw pending;
  }
}

interface Box<T> {
  readonly awaitable: Awaitable<T>;
}
