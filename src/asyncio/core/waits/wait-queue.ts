// The one waiting line: tasks that wait for the same thing, first come first served.
//
// A ring of waits, in which those that have ended stay until they are reached, as timers do: a cancelled wait leaves in
// constant time. When most of the ring is over, it is made anew.

import { keepOrGiveBack, Park, type Resource } from "./park.ts";
import { runtime } from "../state/runtime.ts";
import { takePending } from "../scopes/delivery.ts";
import { currentScope, type Scope } from "../scopes/scope.ts";

/** How one waits in a {@link WaitQueue}. */
export interface WaitQueueOptions<T> {
  /** Anything the one who serves wants to know: `park.payload`. */
  readonly payload?: unknown;
  /** Hands on what the wait was served, if it was cancelled in the same turn; then the cancellation is thrown. */
  readonly giveBack?: (value: T) => void;
  /** How long to wait at most, in milliseconds. @default Infinity */
  readonly timeout?: number;
  /** Makes the error of a wait whose time is over. @default the wait ends with `undefined` */
  readonly timeoutError?: () => Error;
}

/** The options of `WaitQueue.wait()`: a queue that hands on something has to be told how to take it back. */
export type WaitArguments<T> = [T] extends [void]
  ? [options?: WaitQueueOptions<T>]
  : [options: WaitQueueOptions<T> & Required<Pick<WaitQueueOptions<T>, "giveBack">>];

const plain = {};
const smallest = 4;

/**
 * A line of waits: for authors of primitives and drivers, who hand on permits, items or connections by it.
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
  // How many places of the ring are taken, and by how many waits that have not ended.
  #length = 0;
  #size = 0;

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** The wait that is served next. */
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
   * Waits in line for `resource` until served.
   *
   * @throws {CancelledError} If the wait is cancelled, even in the turn in which it was served: nothing is lost.
   * @throws {Error} The one of `fail()`, or of `timeoutError` when the time is over.
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

  /** @internal A wait at the end of the line, whose promise the caller asks for. */
  enter(scope: Scope, resource: Resource, payload?: unknown): Park<T> {
    const park = new Park<T>(scope, resource);
    park.payload = payload;
    this.add(park);
    return park;
  }

  /** @internal Has a wait stand in line that began elsewhere. */
  add(park: Park<T>): void {
    park.queue = this as unknown as WaitQueue<never>;
    if (this.#length === this.#ring.length) this.#resize();
    this.#ring[(this.#start + this.#length++) & (this.#ring.length - 1)] = park;
    this.#size++;
  }

  // Makes the ring anew, with room for as many again as wait.
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

  /** Ends all waits with `value`. Those that begin meanwhile are not among them. */
  serveAll(value: T): void {
    for (const park of this) park.wake(value);
  }

  /** Ends the first wait with an error. Returns that wait, or `undefined` if there was none. */
  fail(error: Error): Park<T> | undefined {
    const { first } = this;
    first?.fail(error);
    return first;
  }

  /** Ends all waits with an error each. */
  failAll(makeError: () => Error): void {
    for (const park of this) park.fail(makeError());
  }

  /** The waits in line when the loop begins, first come first. */
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

  /** @internal One of its waits has ended. */
  left(): void {
    this.#size--;
    if (this.#size > 0) {
      if (this.#length > 4 * this.#size + 64) this.#resize();
    } else if (this.#length === 1) {
      // As nearly always where two tasks hand things to each other.
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
