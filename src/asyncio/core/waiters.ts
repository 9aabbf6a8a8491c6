import { Park, type Resource } from "./park.ts";
import { takePending, throwPending } from "./pending.ts";
import { currentScope } from "./scope.ts";

/** @internal A line of waits at a resource, first come first served. A wait that ends leaves the line at once. */
export class Waiters {
  #first: Park | undefined;
  #last: Park | undefined;
  #size = 0;

  /** How many stand in line. */
  get size(): number {
    return this.#size;
  }

  /** The wait that is next. */
  get first(): Park | undefined {
    return this.#first;
  }

  add(park: Park): void {
    const last = this.#last;
    park.waiters = this;
    park.previousWaiter = last;
    if (last === undefined) this.#first = park;
    else last.nextWaiter = park;
    this.#last = park;
    this.#size++;
  }

  remove(park: Park): void {
    if (park.waiters !== this) return;
    const { previousWaiter: previous, nextWaiter: next } = park;
    if (previous === undefined) this.#first = next;
    else previous.nextWaiter = next;
    if (next === undefined) this.#last = previous;
    else next.previousWaiter = previous;
    park.waiters = park.previousWaiter = park.nextWaiter = undefined;
    this.#size--;
  }

  /** Wakes the first in line with `value`. Returns whether there was one. */
  wakeOne(value: unknown): boolean {
    const first = this.#first;
    if (first === undefined) return false;
    // A wait wakes once. One that is over and still in line would swallow what it is given.
    if (!first.wake(value)) this.remove(first);
    return true;
  }

  /** Wakes all that stand in line now. */
  wakeAll(value: unknown): void {
    for (const park of this) park.wake(value);
  }

  /** Ends the waits of all that stand in line now with an error. */
  failAll(makeError: () => Error): void {
    for (const park of this) park.fail(makeError());
  }

  /** Those in line now, first come first. */
  *[Symbol.iterator](): Generator<Park> {
    const all: Park[] = [];
    for (let park = this.#first; park !== undefined; park = park.nextWaiter) all.push(park);
    yield* all;
  }
}

/**
 * @internal Waits in a line to be given something. A wait that was given it, and cancelled before it resumed, gives it
 * back: nothing is lost, and nobody else waits for what nobody has.
 */
export async function waitInLine<T>(
  waiters: Waiters,
  resource: Resource,
  giveBack: (value: T) => void,
  payload?: unknown,
): Promise<T> {
  const scope = currentScope();
  throwPending(scope);
  const park = new Park<T>(scope, resource);
  park.payload = payload;
  waiters.add(park as Park);
  const value = await park.promise();
  const pending = takePending(scope);
  if (pending === undefined) return value;
  giveBack(value);
  throw pending;
}
