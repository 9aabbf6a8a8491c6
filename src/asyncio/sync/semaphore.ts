import { requireCount } from "../../base/options.ts";
import {
  currentTask,
  describeResource,
  maybeYield,
  type Resource,
  takePending,
  currentScope,
  type Task,
  WaitQueue,
} from "../core/index.ts";
import type { NameOptions } from "./lock.ts";

/** Current state of a {@link Semaphore}, for monitoring. */
export interface SemaphoreStatistics {
  /** How many permits are free. */
  readonly value: number;
  /** How many tasks wait for a permit. */
  readonly waiting: number;
}

// One acquired permit. Disposing it releases that permit.
class Permit implements Disposable {
  readonly #semaphore: Semaphore;
  readonly #holder: Task<unknown> | undefined;

  constructor(semaphore: Semaphore, holder: Task<unknown> | undefined) {
    this.#semaphore = semaphore;
    this.#holder = holder;
  }

  [Symbol.dispose](): void {
    this.#semaphore.releaseOf(this.#holder);
  }
}

/**
 * Limits how many tasks run a section of code at once: each needs one of a number of permits. Tasks get permits in the
 * order in which they asked.
 *
 * @example
 * const three = new Semaphore(3);
 * await gather([1, 2, 3, 4].map((n) => () => three.with(() => sleep(5, n))));
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore
 */
export class Semaphore implements Resource, Disposable {
  /** The kind of resource, as shown by inspectors. */
  readonly kind: string = "Semaphore";
  /** The name from the options. */
  readonly name: string | undefined;
  readonly #waiters = new WaitQueue();
  readonly #total: number;
  // How many permits each task has. A task may also release a permit that it does not have: then the semaphore serves
  // for signals between tasks.
  readonly #held: Map<Task<unknown> | undefined, number> = new Map();
  readonly #giveBack = { giveBack: (): void => this.#handOn() };
  #value: number;
  // How many permits were acquired by `with`, which releases them itself.
  #bound = 0;

  /**
   * @param value - The number of permits; with 0, the first call of `release()` makes the first one.
   * @throws {RangeError} If `value` is negative or not a whole number.
   */
  constructor(value = 1, options: NameOptions = {}) {
    this.#value = this.#total = requireCount(value, 0, "make a semaphore");
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

  /** The tasks that hold the permits; empty if not all holders are known, because any task may release a permit. */
  holders(): Task<unknown>[] {
    let known = 0;
    const tasks: Task<unknown>[] = [];
    for (const [task, count] of this.#held) {
      known += count;
      if (task === undefined) return [];
      tasks.push(task);
    }
    return known === this.#total - this.#value ? tasks : [];
  }

  /** Whether each permit will be released by the task that acquired it: true if all were acquired by `with`. */
  get isBoundToHolder(): boolean {
    return this.#bound === this.#total - this.#value;
  }

  /** The number of acquired permits, in words. */
  usage(): string {
    return `${this.#total - this.#value} of ${this.#total} taken`;
  }

  /**
   * Waits for a permit and acquires it. The result releases the permit when it is disposed: `using permit = await
   * semaphore.acquire()`.
   *
   * @throws {CancelledError} If the wait is cancelled; no permit is then held.
   */
  acquire(): Promise<Disposable> {
    const pause = maybeYield();
    return pause === undefined ? this.#acquire() : pause.then(() => this.#acquire());
  }

  #acquire(): Promise<Disposable> {
    if (this.#value === 0) return this.#wait();
    const pending = takePending(currentScope());
    if (pending !== undefined) return Promise.reject(pending);
    this.#value--;
    return Promise.resolve(this.#hold());
  }

  async #wait(): Promise<Disposable> {
    await this.#waiters.wait(this, this.#giveBack);
    return this.#hold();
  }

  #hold(): Permit {
    const task = currentTask();
    this.#held.set(task, (this.#held.get(task) ?? 0) + 1);
    return new Permit(this, task);
  }

  /** Releases a permit, or adds a new one. If tasks are waiting, the one that has waited longest gets it. */
  release(): void {
    this.releaseOf(currentTask());
  }

  /** @internal Releases a permit that `task` has. */
  releaseOf(task: Task<unknown> | undefined): void {
    this.requireHeld();
    const count = this.#held.get(task);
    if (count === 1) this.#held.delete(task);
    else if (count !== undefined) this.#held.set(task, count - 1);
    this.#handOn();
  }

  /** @internal Throws if a permit cannot be released; subclasses override this. */
  protected requireHeld(): void {}

  #handOn(): void {
    if (this.#waiters.serve() === undefined) this.#value++;
  }

  /**
   * Acquires a permit, runs `fn`, and releases the permit.
   *
   * @throws {CancelledError} If the wait for the permit is cancelled; `fn` is then not called.
   */
  async with<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    const permit = await this.acquire();
    this.#bound++;
    try {
      return await fn();
    } finally {
      this.#bound--;
      permit[Symbol.dispose]();
    }
  }

  /** Releases a permit. */
  [Symbol.dispose](): void {
    this.release();
  }

  /** Current counts, for monitoring. */
  statistics(): SemaphoreStatistics {
    return { value: this.#value, waiting: this.#waiters.size };
  }
}

/**
 * A {@link Semaphore} that never has more permits than at the start: one `release()` too many throws an error.
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

  /** @internal @throws {RangeError} If no permit is held. */
  protected override requireHeld(): void {
    if (this.value < this.#bound) return;
    const action = `Cannot release ${describeResource(this)} as none of its permits is held`;
    throw new RangeError(`${action}: current value is ${this.value}`);
  }
}
