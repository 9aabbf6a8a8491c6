// Reading ahead: the common part of `merge`, `buffer`, and `chunk` with a time limit.
//
//   task ── scope ── owns ──┬─> pump: source 1 ──┐
//                           └─> pump: source 2 ──┴──> items (at most `bound`) ──> the generator that the consumer reads
//
// A generator that waits in an `await` ignores `return()`. So each source is read by a task of its own, a pump. When
// the consumer leaves the loop, the pump is cancelled: that ends the wait of the source, runs its `finally`, and closes
// it. The pumps belong to a scope. When the scope closes, it cancels them and waits for them up to the usual grace
// period; a source that does not stop in time is reported and left running. The consumer waits for this without being
// cancellable, so it waits no longer than that.

import {
  closingGrace,
  createTask,
  currentScope,
  currentTask,
  InvalidStateError,
  isCancelled,
  maybeYield,
  type Resource,
  runtime,
  type Task,
  throwPending,
  uncancellable,
  WaitQueue,
  waitPromise,
  within,
} from "../core/index.ts";
import { RingBuffer } from "../../base/ring-buffer.ts";
import { show } from "../../base/options.ts";

/** An object for `for await` to loop over. */
export type AnyIterable<T> = AsyncIterable<T> | Iterable<T | PromiseLike<T>>;

/** @internal Reads sources ahead, for one reader. */
export class Prefetch<T> implements Resource {
  readonly kind: string;
  readonly #bound: number;
  readonly #items = new RingBuffer<T>();
  readonly #reader = new WaitQueue();
  readonly #pumps = new WaitQueue();
  readonly #lastPump = new WaitQueue();
  readonly #end = new WaitQueue();
  readonly #task: Task<void>;
  #running: number;
  #hasEnded = false;
  #isStopping = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(kind: string, sources: readonly AnyIterable<T>[], bound: number) {
    this.kind = kind;
    this.#bound = bound;
    this.#running = sources.length;
    this.#task = createTask(() => within({ kind, ownsTasks: true }, () => this.#run(sources)), { name: kind });
    this.#task.addDoneCallback(() => this.#finish());
  }

  /** The number of items that were read but not taken yet. */
  get size(): number {
    return this.#items.size;
  }

  /** Removes and returns the next item; there must be one. */
  take(): T {
    const item = this.#items.take() as T;
    this.#pumps.serve();
    return item;
  }

  /**
   * Waits until `count` items have been read, until `deadline` on the runtime's clock, or until the sources have ended.
   * If there is no item after that, the sources have ended.
   *
   * @throws {unknown} The error of a source, after the items that came before it were taken.
   */
  async ready(count: number = 1, deadline: number = Infinity): Promise<void> {
    throwPending(currentScope());
    const pause = maybeYield();
    if (pause !== undefined) await pause;
    for (let now = runtime.timers.now(); this.#lacks(count) && now < deadline; now = runtime.timers.now())
      await this.#reader.wait(this, { timeout: deadline - now });
    if (this.#items.size === 0 && this.#failure !== undefined) throw this.#failure.error;
  }

  #lacks(count: number): boolean {
    return this.#items.size < count && !this.#hasEnded;
  }

  /** Stops reading, closes the sources, and waits until they are closed, up to the grace period of a closing scope. */
  async close(): Promise<void> {
    this.#stop(`${this.kind} is not read any more`);
    if (!this.#hasEnded) await uncancellable(() => this.#end.wait(this, { timeout: closingGrace }));
  }

  // The scope that owns the pumps closes when this function ends or is cancelled.
  async #run(sources: readonly AnyIterable<T>[]): Promise<void> {
    for (const [index, source] of sources.entries())
      createTask(() => this.#pump(source), { name: `${this.kind} source ${index + 1}` }).addDoneCallback((pump) =>
        this.#pumpEnded(pump),
      );
    if (this.#running > 0) await this.#lastPump.wait(this);
  }

  #pumpEnded(pump: Task<void>): void {
    if (pump.cancelled()) this.#wasCut();
    if (--this.#running === 0) this.#lastPump.serve();
  }

  #stop(reason: string): void {
    this.#isStopping = true;
    this.#task.cancel(reason);
  }

  async #pump(source: AnyIterable<T>): Promise<void> {
    try {
      for await (const item of stepsOf(source)) await this.#put(item);
    } catch (error) {
      // A source may also throw the cancellation of another task that it awaited; that is an error of the source.
      if (isCancelled(error) && currentTask()!.cancelling() > 0) throw error;
      this.#failure ??= { error };
      this.#stop("another source failed");
    }
  }

  async #put(item: T): Promise<void> {
    while (this.#items.size >= this.#bound) await this.#pumps.wait(this, { giveBack: () => void this.#pumps.serve() });
    this.#items.add(item);
    this.#reader.serveAll();
  }

  #finish(): void {
    this.#hasEnded = true;
    if (this.#task.cancelled()) this.#wasCut();
    this.#reader.serveAll();
    this.#end.serveAll();
  }

  #wasCut(): void {
    if (this.#isStopping) return;
    const error = new InvalidStateError(
      `Cannot read on from ${this.kind} as the scope in which reading began has ended`,
    );
    this.#failure ??= { error };
  }
}

// Yields the items of a source. A cancellation ends the wait for the next item at once, so that `return` is called even
// if the source waits for a promise that cannot be cancelled.
async function* stepsOf<T>(source: AnyIterable<T>): AsyncGenerator<T, void, void> {
  const iterator = iteratorOf(source);
  let hasEnded = false;
  try {
    for (;;) {
      const step = await waitPromise(iterator.next(), { name: "the next item of a source" });
      hasEnded = step.done === true;
      if (step.done === true) return;
      yield step.value;
    }
  } catch (error) {
    hasEnded ||= !isCancelled(error); // an iterator that throws has closed itself
    throw error;
  } finally {
    if (!hasEnded) await iterator.return?.();
  }
}

function iteratorOf<T>(source: AnyIterable<T>): AsyncIterator<T> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : itemsOf(source);
}

async function* itemsOf<T>(source: Iterable<T | PromiseLike<T>>): AsyncGenerator<T, void, void> {
  for (const item of source) yield item;
}

/** @internal Yields the items of `sources`, read ahead by at most `bound` items. */
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
