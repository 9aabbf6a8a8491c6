import type { NameOptions } from "./lock.ts";
import { breather, currentScope, type Resource, takePending, Waiters, waitInLine } from "../core/index.ts";

const isSet: Promise<true> = Promise.resolve(true);

/**
 * A flag that tasks can wait for.
 *
 * @example
 * const ready = new Event();
 * const waiter = createTask(() => ready.wait());
 * ready.set();
 * console.log(await waiter); // true
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Event
 */
export class Event implements Resource {
  /** What it is. */
  readonly kind = "Event";
  /** Its name. */
  readonly name: string | undefined;
  readonly #waiters = new Waiters();
  #set = false;

  constructor(options: NameOptions = {}) {
    this.name = options.name;
  }

  /** Whether it is set. */
  isSet(): boolean {
    return this.#set;
  }

  /** Sets it, and wakes all that wait, also if it is cleared in the same turn. */
  set(): void {
    if (this.#set) return;
    this.#set = true;
    this.#waiters.wakeAll(true);
  }

  /** Clears it: who waits from now on waits for the next `set()`. */
  clear(): void {
    this.#set = false;
  }

  /**
   * Waits until it is set; at once, if it is.
   *
   * @returns `true`.
   * @throws {CancelledError} If the wait is cancelled.
   */
  wait(): Promise<true> {
    if (!this.#set) return waitInLine<true>(this.#waiters, this, keepSet);
    const pending = takePending(currentScope());
    if (pending !== undefined) return Promise.reject(pending);
    const pause = breather();
    return pause === undefined ? isSet : pause.then(() => true as const);
  }

  /** What it knows of itself. */
  statistics(): { readonly set: boolean; readonly waiting: number } {
    return { set: this.#set, waiting: this.#waiters.size };
  }
}

// All were woken: there is nothing to hand on.
function keepSet(): void {}
