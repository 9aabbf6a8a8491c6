import {
  type Awaitable,
  type AwaitableInput,
  currentScope,
  isCancelled,
  type OutputOf,
  requireInput,
  type Resource,
  runtime,
  throwPending,
  TimeoutError,
  toAwaitable,
  type Watch,
  type Watcher,
  WaitQueue,
} from "../core/index.ts";
import { RingBuffer } from "../../base/ring-buffer.ts";
import { requireTime, show } from "../../base/options.ts";

/** Options of {@link asCompleted}. */
export interface AsCompletedOptions {
  /** The maximum time to wait for all of them, in milliseconds. @default Infinity */
  readonly timeout?: number;
}

/**
 * A task or future that is done, so that there is nothing left to await. The type has only the methods that read the
 * outcome. With the full type, which is a promise, TypeScript would give the loop variable of `for await` the type of
 * the promise's value.
 */
export type DoneTask<T> = Pick<Awaitable<T>, "kind" | "name" | "done" | "cancelled" | "result" | "exception">;

/**
 * Yields tasks in the order in which they are done. `for await` yields the tasks themselves; a plain `for` yields
 * promises of their results. Each function is run as a task, once for each time it is passed; a task or promise that is
 * passed twice is yielded once. Leaving the loop early cancels nothing, and a new loop continues where the last one
 * stopped.
 *
 * @throws {TypeError} If `awaitables` is not a list of functions, tasks and promises; nothing is started then.
 * @throws {RangeError} If `timeout` is NaN.
 * @throws {TimeoutError} From the loop, if time runs out; no task is cancelled.
 * @example
 * for await (const task of asCompleted([() => sleep(20, "late"), () => sleep(10, "early")])) {
 *   console.log(task.result()); // early, then late
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
    const current = show(awaitables);
    throw new TypeError(`Cannot wait as a list of functions, tasks or promises is needed: current value is ${current}`);
  }
  const inputs = withoutRepeats(awaitables);
  for (const input of inputs) requireInput(input, "wait");
  const all = inputs.map((input) => toAwaitable(input, "wait"));
  return new AsCompleted(all as Awaitable<OutputOf<A>>[], timeout);
}

function withoutRepeats<A>(awaitables: Iterable<A>): A[] {
  const seen = new Set<A>();
  return Array.from(awaitables).filter((each) => {
    if (typeof each === "function") return true;
    return !seen.has(each) && seen.add(each);
  });
}

/** An iterable of tasks in the order in which they are done; made by {@link asCompleted}. */
export class AsCompleted<T> implements AsyncIterable<DoneTask<T>>, Iterable<Promise<T>>, Resource {
  /** The kind of resource, as shown by inspectors. */
  readonly kind = "asCompleted";
  readonly #done = new RingBuffer<Box<T>>();
  readonly #queue = new WaitQueue<Box<T>>();
  readonly #timeout: number;
  readonly #deadline: number;
  #left: number;

  /** @internal Use {@link asCompleted}. */
  constructor(all: Awaitable<T>[], timeout: number) {
    this.#left = all.length;
    this.#timeout = timeout;
    this.#deadline = runtime.timers.now() + timeout;
    const undone = all.filter((awaitable) => !awaitable.done());
    // In a box, because a promise resolved with a task would wait for that task.
    for (const awaitable of all) if (awaitable.done()) this.#done.add({ awaitable });
    if (undone.length > 0) watchWeakly(this, undone);
  }

  /** @internal */
  add(awaitable: Awaitable<T>): void {
    const box = { awaitable };
    if (this.#queue.serve(box) === undefined) this.#done.add(box);
  }

  /** Yields the tasks, each when it is done. */
  [Symbol.asyncIterator](): AsyncIterator<DoneTask<T>, undefined> {
    return {
      next: async () => {
        if (this.#left === 0) return { done: true, value: undefined };
        this.#left--;
        const { awaitable } = await this.#next(() => true);
        return { done: false, value: awaitable };
      },
    };
  }

  /**
   * Yields promises of the results. The promise that is awaited first gets the result of the task that is done first.
   */
  *[Symbol.iterator](): Generator<Promise<T>, undefined> {
    while (this.#left > 0) {
      this.#left--;
      yield new Upcoming(() => this.#nextResult());
    }
  }

  // After a timeout the loop must end, even if its body catches the error.
  async #nextResult(): Promise<T> {
    const { awaitable } = await this.#next(isCancelled);
    return awaitable;
  }

  // If the wait fails with an error that `isUnused` accepts, the next task is left for another loop.
  async #next(isUnused: (error: unknown) => boolean): Promise<Box<T>> {
    try {
      throwPending(currentScope());
      return this.#done.take() ?? (await this.#wait());
    } catch (error) {
      if (isUnused(error)) this.#left++;
      throw error;
    }
  }

  #wait(): Promise<Box<T>> {
    return this.#queue.wait(this, {
      timeout: this.#deadline - runtime.timers.now(),
      timeoutError: () => new TimeoutError(this.#timeout),
      giveBack: (box) => {
        if (this.#queue.serve(box) === undefined) this.#done.addFirst(box);
      },
    });
  }
}

interface Box<T> {
  readonly awaitable: Awaitable<T>;
}

// A promise that takes the next task when it is first awaited, not when it is created.
class Upcoming<T> extends Promise<T> {
  readonly #start: () => Promise<T>;
  #started: Promise<T> | undefined;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  constructor(start: () => Promise<T>) {
    super(() => {});
    this.#start = start;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- a subclass of Promise has a `then` by nature
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#started ??= this.#start();
    return this.#started.then(onFulfilled, onRejected);
  }
}

// A long-lived future that many loops wait for must not keep all of them alive. So it refers to each AsCompleted only
// weakly, and when an AsCompleted is garbage-collected, its registrations are removed from its awaitables.
function watchWeakly<T>(completed: AsCompleted<T>, undone: readonly Awaitable<T>[]): void {
  const weak = new WeakRef(completed);
  const watches: Watches = new Map();
  const watcher: Watcher = {
    settled: (awaitable) => {
      watches.delete(awaitable);
      if (watches.size === 0) collected.unregister(watches);
      weak.deref()?.add(awaitable as Awaitable<T>);
    },
  };
  for (const awaitable of undone) watches.set(awaitable, awaitable.watch(watcher));
  collected.register(completed, watches, watches);
}

type Watches = Map<Awaitable<unknown>, Watch>;

const collected: FinalizationRegistry<Watches> = new FinalizationRegistry((watches) => {
  for (const [awaitable, watch] of watches) awaitable.unwatch(watch);
});
