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

/** How long {@link asCompleted} waits. */
export interface AsCompletedOptions {
  /** The longest wait for all of them, in milliseconds. @default Infinity */
  readonly timeout?: number;
}

/**
 * A task or future that is done: there is nothing to await any more. It is typed as what can be read of it, since
 * TypeScript would take a promise that `for await` gives for the value of the promise.
 */
export type DoneTask<T> = Pick<Awaitable<T>, "kind" | "name" | "done" | "cancelled" | "result" | "exception">;

/**
 * Gives tasks in the order in which they are done: `for await` gives the tasks themselves, a plain `for` gives promises
 * of their results. A function runs as a task, as often as it is passed; a task or promise that is passed twice comes
 * once. Leaving the loop cancels nothing, and a new loop goes on where it was left.
 *
 * @throws {TypeError} If `awaitables` is not a list of functions, tasks and promises; then nothing was started.
 * @throws {RangeError} If `timeout` is NaN.
 * @throws {TimeoutError} From the loop, if time runs out; it cancels nothing.
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

/** Tasks in the order in which they are done; made by {@link asCompleted}. */
export class AsCompleted<T> implements AsyncIterable<DoneTask<T>>, Iterable<Promise<T>>, Resource {
  /** The kind of thing, as shown by inspectors. */
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
    // Boxed: a promise resolved with a task would wait for it.
    for (const awaitable of all) if (awaitable.done()) this.#done.add({ awaitable });
    if (undone.length > 0) watchWeakly(this, undone);
  }

  /** @internal */
  add(awaitable: Awaitable<T>): void {
    const box = { awaitable };
    if (this.#queue.serve(box) === undefined) this.#done.add(box);
  }

  /** The tasks, each when it is done. */
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

  /** Promises of the results. The one that is awaited first is of the task that is done first. */
  *[Symbol.iterator](): Generator<Promise<T>, undefined> {
    while (this.#left > 0) {
      this.#left--;
      yield new Upcoming(() => this.#nextResult());
    }
  }

  // After a timeout the loop must end all the same, even if it catches the error within.
  async #nextResult(): Promise<T> {
    const { awaitable } = await this.#next(isCancelled);
    return awaitable;
  }

  // A turn that was not used, because of an error that `isUnused` knows, is left for another loop.
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

// A promise that takes its turn when it is awaited for the first time, not when it is made.
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

// A future that lives long, waited for in many loops, would keep each of them: it is told to tell them only as long as
// there is somebody to go on with the loop. When an AsCompleted is collected, nothing of it is left at its awaitables.
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
