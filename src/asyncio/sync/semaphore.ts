import type { NameOptions } from "./lock.ts";
import { breather, currentScope, type Resource, runtime, takePending, Waiters, waitInLine } from "../core/index.ts";
import { requireCount } from "../../base/options.ts";

/** What a {@link Semaphore} knows of itself. */
export interface SemaphoreStatistics {
  /** How many permits are free. */
  readonly value: number;
  /** How many tasks wait for one. */
  readonly waiting: number;
}

/**
 * Lets as many tasks in at once as it has permits, in the order in which they came.
 *
 * @example
 * const three = new Semaphore(3);
 * await gather([1, 2, 3, 4].map((n) => () => three.with(() => sleep(5, n))));
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore
 */
export class Semaphore implements Resource, Disposable {
  /** What it is. */
  readonly kind: string = "Semaphore";
  /** Its name. */
  readonly name: string | undefined;
  readonly #waiters = new Waiters();
  #value: number;

  /**
   * @param value - How many permits it has; 0 if `release()` is to make the first one.
   * @throws {RangeError} If `value` is negative or not a whole number.
   */
  constructor(value = 1, options: NameOptions = {}) {
    this.#value = requireCount(value, 0, "make a semaphore");
    this.name = options.name;
  }

  /** Whether `acquire()` would have to wait. */
  get locked(): boolean {
    return this.#value === 0;
  }

  /** How many permits are free. */
  protected get value(): number {
    return this.#value;
  }

  /**
   * Waits for a permit and takes it. The result releases it when disposed: `using permit = await semaphore.acquire()`.
   *
   * @throws {CancelledError} If the wait is cancelled; no permit is then held.
   */
  acquire(): Promise<Disposable> {
    const pause = breather();
    return pause === undefined ? this.#acquire() : pause.then(() => this.#acquire());
  }

  #acquire(): Promise<Disposable> {
    if (this.#value === 0) return this.#wait();
    const pending = takePending(currentScope());
    if (pending !== undefined) return Promise.reject(pending);
    this.#value--;
    return Promise.resolve(this);
  }

  async #wait(): Promise<Disposable> {
    await waitInLine<void>(this.#waiters, this, () => this.#handBack());
    return this;
  }

  #handBack(): void {
    if (runtime.schedule?.hasFault("permit kept") !== true) this.#handOn();
  }

  /** Gives a permit back, or a new one: to the task that waited longest, if one does. */
  release(): void {
    this.#handOn();
  }

  #handOn(): void {
    if (!this.#waiters.wakeOne(undefined)) this.#value++;
  }

  /**
   * Runs `fn` while holding a permit.
   *
   * @throws {CancelledError} If the wait for the permit is cancelled; `fn` is then not called.
   */
  async with<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    await this.acquire();
    try {
      return await fn();
    } finally {
      this.release();
    }
  }

  /** Releases a permit. */
  [Symbol.dispose](): void {
    this.release();
  }

  /** What it knows of itself. */
  statistics(): SemaphoreStatistics {
    return { value: this.#value, waiting: this.#waiters.size };
  }
}

/**
 * A {@link Semaphore} that refuses to have more permits than it began with: one `release()` too many is an error.
 *
 * @example
 * const two = new BoundedSemaphore(2);
 * await two.acquire();
 * two.release();
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.BoundedSemaphore
 */
export class BoundedSemaphore extends Semaphore {
  override readonly kind = "BoundedSemaphore";
  readonly #bound: number;

  /** @throws {RangeError} If `value` is negative or not a whole number. */
  constructor(value = 1, options: NameOptions = {}) {
    super(value, options);
    this.#bound = value;
  }

  /**
   * Gives a permit back.
   *
   * @throws {RangeError} If none is held.
   */
  override release(): void {
    if (this.value >= this.#bound) {
      throw new RangeError(
        `Cannot release ${this.kind} ${this.name ?? ""} as none of its permits is held: current value is ${this.value}`.replace(
          "  ",
          " ",
        ),
      );
    }
    super.release();
  }
}
