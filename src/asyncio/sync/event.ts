import type { NameOptions } from "./lock.ts";
import { currentScope, maybeYield, type Resource, takePending, WaitQueue } from "../core/index.ts";

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
  /** The kind of resource, as shown by inspectors. */
  readonly kind = "Event";
  /** The name from the options. */
  readonly name: string | undefined;
  readonly #waiters = new WaitQueue();
  #set = false;

  constructor(options: NameOptions = {}) {
    this.name = options.name;
  }

  /** Whether the event is set. */
  isSet(): boolean {
    return this.#set;
  }

  /** Sets the event and wakes all waiting tasks, even if the event is cleared again in the same turn. */
  set(): void {
    if (this.#set) return;
    this.#set = true;
    this.#waiters.serveAll();
  }

  /** Clears the event: tasks that call `wait()` from now on wait for the next `set()`. */
  clear(): void {
    this.#set = false;
  }

  /**
   * Waits until the event is set; returns at once if it is already set.
   *
   * @returns `true`.
   * @throws {CancelledError} If the wait is cancelled.
   */
  wait(): Promise<true> {
    if (!this.#set) return this.#waiters.wait(this).then(yes);
    const pending = takePending(currentScope());
    if (pending !== undefined) return Promise.reject(pending);
    const pause = maybeYield();
    return pause === undefined ? isSet : pause.then(() => true as const);
  }

  /** Current counts, for monitoring. */
  statistics(): { readonly set: boolean; readonly waiting: number } {
    return { set: this.#set, waiting: this.#waiters.size };
  }
}

function yes(): true {
  return true;
}
