// A queue between tasks. An item is always in one place: with its producer, in the store, or with its consumer.
//
// A waiting consumer does not get an item directly. It is promised one: the item stays in the store until the consumer
// runs again and checks whether it was cancelled meanwhile. If it was, the promise goes to the next consumer. A new
// consumer may take only items that are not promised, so that consumers are served in the order in which they asked.
//
// The item of a waiting producer is moved into the store as soon as there is room, before the producer runs again. From
// that moment, the `put` counts as done: a cancellation that comes before the producer runs again is delivered at its
// next wait.

import {
  currentScope,
  describeResource,
  maybeYield,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  type Resource,
  type Scope,
  takePending,
  WaitQueue,
} from "../core/index.ts";
import {
  compareNaturally,
  FirstInFirstOut,
  hasNaturalOrder,
  type ItemStore,
  LastInFirstOut,
  SmallestFirst,
} from "./item-store.ts";
import type { NameOptions } from "./lock.ts";
import { requireCount, show, requireFunction } from "../../base/options.ts";

/** Current state of a {@link Queue}, for monitoring. */
export interface QueueStatistics {
  /** How many items are in the queue. */
  readonly size: number;
  /** How many items the queue can hold. */
  readonly maxsize: number;
  /** How many items were put but not yet reported as done by `taskDone()`. */
  readonly unfinished: number;
  /** How many tasks wait for an item. */
  readonly getters: number;
  /** How many tasks wait for room. */
  readonly putters: number;
  /** Whether the queue was shut down. */
  readonly isShutDown: boolean;
}

const noWait: Promise<void> = Promise.resolve();

/**
 * A queue between tasks: first in, first out. `put` waits while the queue is full, `get` while it is empty. `for await`
 * takes items until the queue is shut down and empty.
 *
 * @example
 * const queue = new Queue<number>(2);
 * const consumer = createTask(async () => {
 *   let sum = 0;
 *   for await (const n of queue) sum += n;
 *   return sum;
 * });
 * for (const n of [1, 2, 3]) await queue.put(n);
 * queue.shutdown();
 * console.log(await consumer); // 6
 * @see https://docs.python.org/3/library/asyncio-queue.html
 */
export class Queue<T> implements Resource, AsyncIterable<T> {
  /** The kind of resource, as shown by inspectors. */
  readonly kind: string = "Queue";
  /** The name from the options. */
  readonly name: string | undefined;
  /** How many items the queue can hold. */
  readonly maxsize: number;
  readonly #store: ItemStore<T>;
  readonly #getters = new WaitQueue();
  readonly #putters = new WaitQueue();
  readonly #joiners = new WaitQueue();
  // How many items in the store are promised to consumers that were woken but have not run yet.
  #promised = 0;
  #unfinished = 0;
  #isShutDown = false;

  /**
   * @param maxsize - How many items the queue can hold: a whole number ≥ 1, or `Infinity`. Unlike in asyncio, there is
   * no default: without a bound, a fast producer can fill the memory, so that must be chosen explicitly.
   * @throws {TypeError} If `maxsize` is missing or not a number.
   * @throws {RangeError} If `maxsize` is less than 1, or not a whole number.
   */
  constructor(maxsize: number, options: NameOptions = {}, store: ItemStore<T> = new FirstInFirstOut<T>()) {
    const action = "make a queue by its maxsize (use Infinity for a queue without a bound)";
    this.maxsize = requireCount(maxsize, 1, action, true);
    this.name = options.name;
    this.#store = store;
  }

  /** How many items are in the queue. */
  get size(): number {
    return this.#store.size;
  }

  /** Whether the queue is empty. */
  get empty(): boolean {
    return this.#store.size === 0;
  }

  /** Whether the queue is full. */
  get full(): boolean {
    return this.#store.size >= this.maxsize;
  }

  /**
   * Puts `item` into the queue; waits while the queue is full.
   *
   * @throws {QueueShutDown} If the queue is shut down, now or during the wait.
   * @throws {CancelledError} If the wait is cancelled; the item is then not in the queue.
   */
  put(item: T): Promise<void> {
    const pause = maybeYield();
    return pause === undefined ? this.#put(item) : pause.then(() => this.#put(item));
  }

  #put(item: T): Promise<void> {
    const scope = currentScope();
    const pending = takePending(scope);
    if (pending !== undefined) return Promise.reject(pending);
    if (this.#isShutDown) return Promise.reject(this.#shutDownError("put"));
    if (!this.full) {
      this.#add(item);
      return noWait;
    }
    return this.#putters.enter(scope, this, item).promise();
  }

  /**
   * Puts `item` into the queue without waiting.
   *
   * @throws {QueueFull} If the queue is full.
   * @throws {QueueShutDown} If the queue is shut down.
   */
  putNowait(item: T): void {
    if (this.#isShutDown) throw this.#shutDownError("put");
    if (this.full)
      throw new QueueFull(`Cannot put into ${describeResource(this)} as it is full: it takes ${this.maxsize}`);
    this.#add(item);
  }

  /**
   * Takes the next item; waits while the queue is empty. If a task waits in `join()`, call `taskDone()` when the item
   * is processed.
   *
   * @throws {QueueShutDown} If the queue is shut down and empty, now or during the wait.
   * @throws {CancelledError} If the wait is cancelled; no item is then lost.
   */
  get(): Promise<T> {
    const pause = maybeYield();
    return pause === undefined ? this.#get() : pause.then(() => this.#get());
  }

  #get(): Promise<T> {
    const scope = currentScope();
    const pending = takePending(scope);
    if (pending !== undefined) return Promise.reject(pending);
    if (this.#store.size > this.#promised) return Promise.resolve(this.#take());
    if (this.#isShutDown && this.empty) return Promise.reject(this.#shutDownError("get"));
    return this.#waitForItem(scope);
  }

  async #waitForItem(scope: Scope): Promise<T> {
    await this.#getters.enter(scope, this).promise();
    this.#promised--;
    const pending = takePending(scope);
    if (pending !== undefined) {
      // The item that was promised to this consumer is promised to the next one.
      this.#promise();
      throw pending;
    }
    if (this.#store.size === 0) throw this.#shutDownError("get");
    return this.#take();
  }

  /**
   * Takes the next item without waiting.
   *
   * @throws {QueueEmpty} If the queue is empty, or every item in it is reserved for a waiting task.
   * @throws {QueueShutDown} If the queue is shut down and empty.
   */
  getNowait(): T {
    if (this.#store.size > this.#promised) return this.#take();
    if (this.#isShutDown && this.empty) throw this.#shutDownError("get");
    throw new QueueEmpty(`Cannot get from ${describeResource(this)} as it is empty`);
  }

  #add(item: T): void {
    this.#store.add(item);
    this.#unfinished++;
    this.#promise();
  }

  #promise(): void {
    while (this.#store.size > this.#promised && this.#getters.serve() !== undefined) this.#promised++;
  }

  #take(): T {
    const item = this.#store.take() as T;
    for (let next = this.#putters.first; next !== undefined && !this.full; next = this.#putters.first) {
      const { payload } = next;
      this.#putters.serve();
      this.#add(payload as T);
    }
    if (this.#isShutDown) this.#dismissGetters();
    return item;
  }

  /**
   * Reports that a taken item was processed.
   *
   * @throws {RangeError} If there are more calls than items that were put.
   */
  taskDone(): void {
    if (this.#unfinished === 0)
      throw new RangeError(
        `Cannot call taskDone() on ${describeResource(this)} as every item is done: current value is 0`,
      );
    this.#finish(1);
  }

  #finish(count: number): void {
    this.#unfinished -= count;
    if (this.#unfinished === 0) this.#joiners.serveAll();
  }

  /**
   * Waits until every item that was put is reported as done.
   *
   * @throws {CancelledError} If the wait is cancelled.
   */
  join(): Promise<void> {
    if (this.#unfinished > 0) return this.#joiners.wait(this);
    const pending = takePending(currentScope());
    return pending === undefined ? noWait : Promise.reject(pending);
  }

  /**
   * Shuts the queue down. No more items can be put. The remaining items can still be taken; after that, `get` throws
   * and `for await` ends.
   *
   * @param immediate - Whether to drop the remaining items, as if each were taken and done. @default false
   */
  shutdown(immediate = false): void {
    this.#isShutDown = true;
    if (immediate) {
      const dropped = this.#store.size;
      this.#store.clear();
      if (dropped > 0) this.#finish(dropped);
    }
    this.#dismissGetters();
    this.#putters.failAll(() => this.#shutDownError("put"));
  }

  // As long as an item is promised to a consumer, a waiting consumer may still get it, so none is dismissed.
  #dismissGetters(): void {
    if (this.empty) this.#getters.failAll(() => this.#shutDownError("get"));
  }

  #shutDownError(action: string): QueueShutDown {
    const preposition = action === "put" ? "into" : "from";
    return new QueueShutDown(`Cannot ${action} ${preposition} ${describeResource(this)} as it was shut down`);
  }

  /** Takes items until the queue is shut down and empty. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      let item: T;
      try {
        item = await this.get();
      } catch (error) {
        if (error instanceof QueueShutDown) return;
        throw error;
      }
      yield item;
    }
  }

  /** Current counts, for monitoring. */
  statistics(): QueueStatistics {
    return {
      size: this.size,
      maxsize: this.maxsize,
      unfinished: this.#unfinished,
      getters: this.#getters.size,
      putters: this.#putters.size,
      isShutDown: this.#isShutDown,
    };
  }
}

/**
 * A {@link Queue} with the order last in, first out.
 *
 * @example
 * const stack = new LifoQueue<number>(Infinity);
 * for (const n of [1, 2]) stack.putNowait(n);
 * console.log(stack.getNowait()); // 2
 * @see https://docs.python.org/3/library/asyncio-queue.html#asyncio.LifoQueue
 */
export class LifoQueue<T> extends Queue<T> {
  override readonly kind = "LifoQueue";

  constructor(maxsize: number, options: NameOptions = {}) {
    super(maxsize, options, new LastInFirstOut<T>());
  }
}

/** Options of a {@link PriorityQueue}. */
export interface PriorityQueueOptions<T> extends NameOptions {
  /**
   * Compares two items, like the function for `Array.sort`. @default numbers, strings and dates by `<`, arrays element
   * by element
   */
  readonly compare?: (one: T, other: T) => number;
}

/**
 * A {@link Queue} in which the smallest item comes first; among equal items, the one that was put first.
 *
 * @example
 * const queue = new PriorityQueue<[priority: number, name: string]>(Infinity);
 * queue.putNowait([2, "later"]);
 * queue.putNowait([1, "now"]);
 * console.log(queue.getNowait()); // [ 1, 'now' ]
 * @see https://docs.python.org/3/library/asyncio-queue.html#asyncio.PriorityQueue
 */
export class PriorityQueue<T> extends Queue<T> {
  override readonly kind = "PriorityQueue";

  readonly #hasOrder: (item: T) => boolean;

  /**
   * @throws {TypeError} If `maxsize` is missing or not a number, or `compare` is not a function.
   * @throws {RangeError} If `maxsize` is less than 1, or not a whole number.
   */
  constructor(maxsize: number, options: PriorityQueueOptions<T> = {}) {
    const { compare = compareNaturally } = options;
    requireFunction(compare, "make a priority queue by its compare");
    super(maxsize, options, new SmallestFirst<T>(compare));
    this.#hasOrder = options.compare === undefined ? hasNaturalOrder : yes;
  }

  /**
   * Like `Queue.put`.
   *
   * @throws {TypeError} If `item` has no natural order and the queue has no `compare` function.
   * @throws {QueueShutDown} If the queue is shut down, now or during the wait.
   * @throws {CancelledError} If the wait is cancelled; the item is then not in the queue.
   */
  override put(item: T): Promise<void> {
    return this.#hasOrder(item) ? super.put(item) : Promise.reject(this.#orderError(item));
  }

  /**
   * Like `Queue.putNowait`.
   *
   * @throws {TypeError} If `item` has no natural order and the queue has no `compare` function.
   * @throws {QueueFull} If the queue is full.
   * @throws {QueueShutDown} If the queue is shut down.
   */
  override putNowait(item: T): void {
    if (!this.#hasOrder(item)) throw this.#orderError(item);
    super.putNowait(item);
  }

  #orderError(item: T): TypeError {
    const why = "it has no order of its own (give the queue a compare)";
    return new TypeError(`Cannot put an item into ${describeResource(this)} as ${why}: current value is ${show(item)}`);
  }
}

function yes(): boolean {
  return true;
}
