// What reads ahead: `merge`, `buffer` and a `chunk` with a time limit.
//
//   prefetch task ── owns ──┬─> pump: source 1 ──┐
//                           └─> pump: source 2 ──┴──> items (at most `bound`) ──> the generator that its consumer reads
//
// A generator that is stuck in an `await` ignores `return()`; so each source is read by a task, which is cancelled when
// nobody reads on. The cancellation ends whatever the source waits for, so that its `finally` runs, and the source is
// closed. The tasks belong to one task, which is awaited at the end: what does not stop in time is named, and left.

import {
  createTask,
  currentScope,
  InvalidStateError,
  isCancelled,
  maybeYield,
  type Park,
  type Resource,
  runtime,
  type Task,
  throwPending,
  uncancellable,
  WaitQueue,
  waitPromise,
} from "../core/index.ts";
import { show } from "../../base/options.ts";

/** What can be looped over by `for await`. */
export type AnyIterable<T> = AsyncIterable<T> | Iterable<T | PromiseLike<T>>;

/** @internal Reads sources ahead, for one reader. */
export class Prefetch<T> implements Resource {
  readonly kind: string;
  readonly #bound: number;
  readonly #items: T[] = [];
  readonly #reader = new WaitQueue();
  readonly #pumps = new WaitQueue();
  readonly #task: Task<void>;
  #ended = false;
  #cut = false;
  #closing = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(kind: string, sources: readonly AnyIterable<T>[], bound: number) {
    this.kind = kind;
    this.#bound = bound;
    this.#task = createTask(() => this.#run(sources), { name: kind, ownsTasks: true });
    this.#task.addDoneCallback(() => this.#end());
  }

  /** How many items have been read and not taken. */
  get size(): number {
    return this.#items.length;
  }

  /** Takes an item that has been read. */
  take(): T {
    const item = this.#items.shift() as T;
    this.#pumps.serve();
    return item;
  }

  /**
   * Waits until `count` items have been read, or fewer: at `deadline` on the runtime's clock, or if the sources end.
   * Then nothing read means that all is over.
   *
   * @throws {unknown} What a source threw, after what was read before was taken.
   */
  async ready(count: number = 1, deadline: number = Infinity): Promise<void> {
    throwPending(currentScope());
    const pause = maybeYield();
    if (pause !== undefined) await pause;
    while (this.#items.length < count && !this.#ended && runtime.timers.now() < deadline) await this.#arrival(deadline);
    if (this.#items.length === 0 && this.#failure !== undefined) throw this.#failure.error;
  }

  async #arrival(deadline: number): Promise<void> {
    const scope = currentScope();
    const park = this.#reader.enter(scope, this);
    if (deadline !== Infinity)
      park.timer = runtime.timers.add(deadline - runtime.timers.now(), wake, park, runtime.schedule?.tie());
    await park.promise();
    throwPending(scope);
  }

  /** Stops reading, closes the sources, and waits for that. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#stop(`nobody reads from ${this.kind} any more`);
    await uncancellable(() => Promise.allSettled([this.#task]));
  }

  async #run(sources: readonly AnyIterable<T>[]): Promise<void> {
    const pumps = sources.map((source, index) =>
      createTask(() => this.#pump(source), { name: `${this.kind} source ${index + 1}` }),
    );
    // A cancellation reaches all pumps at once, and is over when the last of them is.
    await Promise.allSettled(pumps);
    this.#cut = pumps.some((pump) => pump.cancelled());
    // It ends as cancelled, as its sources have: debug mode takes any other end for a cancellation that was swallowed.
    if (this.#cut) this.#throwIfCancelled();
  }

  #throwIfCancelled(): void {
    const { requests, error } = this.#task.scope;
    if (requests > 0 && error !== undefined) throw error;
  }

  // A second cancellation would cut the clean-up that the first one began.
  #stop(reason: string): void {
    if (this.#task.cancelling() === 0) this.#task.cancel(reason);
  }

  async #pump(source: AnyIterable<T>): Promise<void> {
    try {
      for await (const item of stepsOf(source)) await this.#put(item);
    } catch (error) {
      if (isCancelled(error)) throw error;
      this.#failure ??= { error };
      this.#stop("another source failed");
    }
  }

  async #put(item: T): Promise<void> {
    while (this.#items.length >= this.#bound)
      await this.#pumps.wait(this, { giveBack: () => void this.#pumps.serve() });
    this.#items.push(item);
    this.#reader.serveAll();
  }

  #end(): void {
    this.#ended = true;
    if ((this.#cut || this.#task.cancelled()) && !this.#closing) {
      const error = new InvalidStateError(
        `Cannot read on from ${this.kind} as the scope in which reading began has ended`,
      );
      this.#failure ??= { error };
    }
    this.#reader.serveAll();
  }
}

// The steps of a source, each waited for in a way that a cancellation ends at once, so that `return` is called even where
// the source waits for a promise that is not ours.
async function* stepsOf<T>(source: AnyIterable<T>): AsyncGenerator<T, void, void> {
  const iterator = iteratorOf(source);
  let ended = false;
  try {
    for (;;) {
      const step = await waitPromise(iterator.next(), { name: "the next item of a source" });
      ended = step.done === true;
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    if (!ended) await iterator.return?.();
  }
}

function iteratorOf<T>(source: AnyIterable<T>): AsyncIterator<T> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : itemsOf(source);
}

async function* itemsOf<T>(source: Iterable<T | PromiseLike<T>>): AsyncGenerator<T, void, void> {
  for (const item of source) yield item;
}

function wake(park: Park<void>): void {
  park.wake();
}

/** @internal What `sources` give, read ahead by at most `bound` items. */
export async function* readAhead<T>(
  kind: string,
  sources: readonly AnyIterable<T>[],
  bound: number,
): AsyncGenerator<T, void, void> {
  const prefetch = new Prefetch(kind, sources, bound);
  try {
    for (;;) {
      await prefetch.ready();
      if (prefetch.size === 0) return;
      yield prefetch.take();
    }
  } finally {
    await prefetch.close();
  }
}

/** @internal Checks that `source` can be looped over. */
export function requireIterable(source: unknown, action: string): void {
  const object = Object(source ?? {}) as object;
  if (Symbol.asyncIterator in object || Symbol.iterator in object) return;
  throw new TypeError(`Cannot ${action} as an iterable or async iterable is needed: current value is ${show(source)}`);
}
