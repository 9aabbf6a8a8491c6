// The wait queue of every primitive: tasks that wait for the same resource, first come, first served.
//
// The waits are stored in a ring buffer. A wait that has ended stays in it until it reaches the front, so that
// cancelling a wait takes constant time. When most of the waits in the ring have ended, the ring is rebuilt without
// them.

import { keepOrGiveBack, Park, type Resource } from "./park.ts";
import { runtime } from "../state/runtime.ts";
import { takePending } from "../scopes/delivery.ts";
import { currentScope, type Scope } from "../scopes/scope.ts";

/** Options of a wait in a {@link WaitQueue}. */
export interface WaitQueueOptions<T> {
  /** Any value for the code that serves the wait, which finds it in `park.payload`. */
  readonly payload?: unknown;
  /**
   * Passes the value on if the wait was served and cancelled in the same turn; after that the cancellation is thrown.
   */
  readonly giveBack?: (value: T) => void;
  /** The maximum time to wait, in milliseconds. @default Infinity */
  readonly timeout?: number;
  /** Makes the error to throw when the time is over. @default the wait ends with `undefined` */
  readonly timeoutError?: () => Error;
}

/** The arguments of `WaitQueue.wait()`: if the queue passes values, options with `giveBack` are required. */
export type WaitArguments<T> = [T] extends [void]
  ? [options?: WaitQueueOptions<T>]
  : [options: WaitQueueOptions<T> & Required<Pick<WaitQueueOptions<T>, "giveBack">>];

const plain = {};
const smallest = 4;

/**
 * A queue of waits, for authors of primitives and drivers: it passes permits, items or connections to waiting tasks.
 *
 * @example
 * const free = new WaitQueue<string>();
 * const waiter = createTask(() => free.wait({ kind: "desk" }, { giveBack: (desk) => free.serve(desk) }));
 * await sleep(0);
 * free.serve("desk 1");
 * console.log(await waiter); // desk 1
 */
export class WaitQueue<T = void> implements Iterable<Park<T>> {
  #ring: (Park<T> | undefined)[] = [];
  #start = 0;
  // The number of used places in the ring, and the number of waits in it that have not ended.
  #length = 0;
  #size = 0;

  /** How many waits are in the queue. */
  get size(): number {
    return this.#size;
  }

  /** The wait that will be served next. */
  get first(): Park<T> | undefined {
    const ring = this.#ring;
    while (this.#length > 0) {
      const first = ring[this.#start]!;
      if (first.isWaiting) return first;
      ring[this.#start] = undefined;
      this.#start = (this.#start + 1) & (ring.length - 1);
      this.#length--;
    }
    return undefined;
  }

  /**
   * Waits in the queue until served. `resource` tells inspectors what the caller waits for.
   *
   * @throws {CancelledError} If the wait is cancelled, even in the same turn in which it was served: then `giveBack`
   * receives the value.
   * @throws {Error} The error passed to `fail()`, or the one from `timeoutError` when the time is over.
   */
  wait(resource: Resource, ...[options = plain]: WaitArguments<T>): Promise<T> {
    const scope = currentScope();
    const pending = takePending(scope);
    if (pending !== undefined) return Promise.reject(pending);
    const park = this.enter(scope, resource, options.payload);
    const promise = park.promise();
    if (options.timeout !== undefined && options.timeout !== Infinity) setTimer(park, options);
    if (resource.holders !== undefined) runtime.onCapacityWait?.(park as Park);
    return keepOrGiveBack(scope, promise, options.giveBack);
  }

  /** @internal Adds a wait to the end of the queue. The caller must request the wait's promise. */
  enter(scope: Scope, resource: Resource, payload?: unknown): Park<T> {
    const park = new Park<T>(scope, resource);
    park.payload = payload;
    this.add(park);
    return park;
  }

  /** @internal Adds a wait that was made elsewhere to the end of the queue. */
  add(park: Park<T>): void {
    park.queue = this as unknown as WaitQueue<never>;
    if (this.#length === this.#ring.length) this.#resize();
    this.#ring[(this.#start + this.#length++) & (this.#ring.length - 1)] = park;
    this.#size++;
  }

  // Rebuilds the ring with room for twice as many waits as there are.
  #resize(): void {
    const waits = [...this];
    let capacity = smallest;
    while (capacity < 2 * waits.length + 1) capacity *= 2;
    this.#ring = [...waits, ...Array.from({ length: capacity - waits.length }, () => undefined)];
    this.#start = 0;
    this.#length = waits.length;
  }

  /** Ends the first wait with `value`. Returns that wait, or `undefined` if there was none. */
  serve(value: T): Park<T> | undefined {
    const { first } = this;
    first?.wake(value);
    return first;
  }

  /** Ends all waits with `value`, except waits that begin during this call. */
  serveAll(value: T): void {
    for (const park of this) park.wake(value);
  }

  /** Ends the first wait with an error. Returns that wait, or `undefined` if there was none. */
  fail(error: Error): Park<T> | undefined {
    const { first } = this;
    first?.fail(error);
    return first;
  }

  /** Ends each wait with an error of its own. */
  failAll(makeError: () => Error): void {
    for (const park of this) park.fail(makeError());
  }

  /** The waits that are in the queue when the loop begins, the oldest first. */
  *[Symbol.iterator](): Generator<Park<T>, void, undefined> {
    const waits: Park<T>[] = [];
    for (let i = 0; i < this.#length; i++) {
      const park = this.#ring[(this.#start + i) & (this.#ring.length - 1)]!;
      if (park.isWaiting) waits.push(park);
    }
    yield* waits;
  }

  /** Current counts, for monitoring. */
  statistics(): { readonly waiting: number } {
    return { waiting: this.#size };
  }

  /** @internal Called when one of the waits has ended. */
  left(): void {
    this.#size--;
    if (this.#size > 0) {
      if (this.#length > 4 * this.#size + 64) this.#resize();
    } else if (this.#length === 1) {
      // The usual case when two tasks pass items to each other.
      this.#ring[this.#start] = undefined;
      this.#length = 0;
    } else {
      if (this.#ring.length > 64) this.#ring = [];
      else this.#ring.fill(undefined);
      this.#start = this.#length = 0;
    }
  }
}

function setTimer<T>(park: Park<T>, { timeout = Infinity, timeoutError }: WaitQueueOptions<T>): void {
  const giveUp = (): void => {
    if (timeoutError === undefined) park.wake(undefined as T);
    else park.fail(timeoutError());
  };
  park.timer = runtime.timers.add(Math.max(timeout, 0), giveUp, undefined, runtime.schedule?.tie());
}
