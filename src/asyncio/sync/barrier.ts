import {
  BrokenBarrierError,
  currentScope,
  describeResource,
  maybeYield,
  type Resource,
  throwPending,
  WaitQueue,
} from "../core/index.ts";
import type { NameOptions } from "./lock.ts";
import { requireCount } from "../../base/options.ts";

/** Current state of a {@link Barrier}, for monitoring. */
export interface BarrierStatistics {
  /** How many tasks must arrive before all may continue. */
  readonly parties: number;
  /** How many tasks have arrived and wait. */
  readonly waiting: number;
  /** Whether the barrier is broken. */
  readonly broken: boolean;
}

/**
 * A point at which tasks wait until a given number of them has arrived. Then all continue, and the barrier can be used
 * again.
 *
 * @example
 * const barrier = new Barrier(2);
 * const indices = await gather(() => barrier.wait(), () => barrier.wait());
 * console.log(indices.sort()); // [ 0, 1 ]
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier
 */
export class Barrier implements Resource {
  /** The kind of resource, as shown by inspectors. */
  readonly kind = "Barrier";
  /** The name from the options. */
  readonly name: string | undefined;
  /** How many tasks must arrive before all may continue. */
  readonly parties: number;
  readonly #waiters = new WaitQueue<number>();
  #broken = false;

  /** @throws {RangeError} If `parties` is not a whole number ≥ 1. */
  constructor(parties: number, options: NameOptions = {}) {
    this.parties = requireCount(parties, 1, "make a barrier");
    this.name = options.name;
  }

  /** How many tasks have arrived and wait. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Whether the barrier is broken: then every `wait()` fails until `reset()` is called. */
  get broken(): boolean {
    return this.#broken;
  }

  /**
   * Waits until all parties have arrived. A cancelled task gives its place up, and another task can take it.
   *
   * @returns A number from 0 to `parties` − 1, different for each party; the last one to arrive gets the highest.
   * @throws {BrokenBarrierError} If the barrier is broken, or is reset or aborted during the wait.
   * @throws {CancelledError} If the wait is cancelled.
   */
  async wait(): Promise<number> {
    const pause = maybeYield();
    if (pause !== undefined) await pause;
    throwPending(currentScope());
    if (this.#broken) throw this.#brokenError("is broken");
    if (this.#waiters.size + 1 < this.parties) return this.#waiters.wait(this, { giveBack: passed });
    let index = 0;
    for (const park of this.#waiters) park.wake(index++);
    return index;
  }

  /** Makes all waiting tasks fail with a {@link BrokenBarrierError}. The barrier can be used again at once. */
  reset(): void {
    this.#broken = false;
    this.#waiters.failAll(() => this.#brokenError("was reset"));
  }

  /** Breaks the barrier: waiting tasks, and all tasks that arrive before a reset, get a {@link BrokenBarrierError}. */
  abort(): void {
    this.#broken = true;
    this.#waiters.failAll(() => this.#brokenError("was aborted"));
  }

  #brokenError(why: string): BrokenBarrierError {
    return new BrokenBarrierError(`Cannot wait at ${describeResource(this)} as it ${why}`);
  }

  /** Current counts, for monitoring. */
  statistics(): BarrierStatistics {
    return { parties: this.parties, waiting: this.#waiters.size, broken: this.#broken };
  }
}

// The barrier has opened, so the place of a cancelled task need not be given to another.
function passed(): void {}
