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

/** What a . */
export interface BarrierStatistics {
  /** How many must come. */
  readonly parties: number;
  /** How many have come and wait. */
  readonly waiting: number;
  /** Whether it is broken. */
  readonly broken: boolean;
}

/**
 * A line that tasks wait at until a given number of them has come; then all pass, and it can be used again.
 *
 * @example
 * const barrier = new Barrier(2);
 * const indices = await gather(() => barrier.wait(), () => barrier.wait());
 * console.log(indices.sort()); // [ 0, 1 ]
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Barrier
 */
export class Barrier implements Resource {
  /** The kind of resource, as inspectors show it. */
  readonly kind = "Barrier";
  /** The name it was given. */
  readonly name: string | undefined;
  /** How many must come. */
  readonly parties: number;
  readonly #waiters = new WaitQueue<number>();
  #broken = false;

  /** @throws {RangeError} If `parties` is not a whole number ≥ 1. */
  constructor(parties: number, options: NameOptions = {}) {
    this.parties = requireCount(parties, 1, "make a barrier");
    this.name = options.name;
  }

  /** How many have come and wait. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Whether it is broken: every `wait()` fails until it is reset. */
  get broken(): boolean {
    return this.#broken;
  }

  /**
   * Waits until all parties have come. A party that is cancelled leaves, and another can take its place.
   *
   * @returns A number from 0 to `parties` − 1, another one for each party; the last to come gets the highest.
   * @throws {BrokenBarrierError} If it is broken, or is reset or aborted during the wait.
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

  /** Sends those that wait away with a {@link BrokenBarrierError}; it can be used again at once. */
  reset(): void {
    this.#broken = false;
    this.#waiters.failAll(() => this.#brokenError("was reset"));
  }

  /** Breaks it: those that wait, and all that come until it is reset, get a {@link BrokenBarrierError}. */
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

// The barrier has opened: the place is of no use to another.
function passed(): void {}
