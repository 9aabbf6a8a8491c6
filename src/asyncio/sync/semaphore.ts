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

/** The state of a {@link Semaphore}. */
export interface SemaphoreStatistics {
  /** How many permits are free. */
  readonly value: number;
  /** How many tasks wait for one. */
  readonly waiting: number;
}

// One permit that was acquired, by which that one is released.
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
 * Lets as many tasks in at once as it has permits, in the order in which they came.
 *
 * @example
 * const three = new Semaphore(3);
 * await gather([1, 2, 3, 4].map((n) => () => three.with(() => sleep(5, n))));
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore
 */
export class Semaphore implements Resource, Disposable {
  /** The kind of resource, as inspectors show it. */
  readonly kind: string = "Semaphore";
  /** The name it was given. */
  readonly name: string | undefined;
  readonly #waiters = new WaitQueue();
  readonly #total: number;
  // How many permits each task has. Where a task releases what it does not have, permits serve as signals.
  readonly #held: Map<Task<unknown> | undefined, number> = new Map();
  readonly #giveBack = { giveBack: (): void => this.#handOn() };
  #value: number;
  // How many permits were taken by `with`, which gives them back itself.
  #bound = 0;

  /**
   * @param value - How many permits it has; 0 if `release()` is to make the first one.
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

  /** The tasks that hold its permits, if all of them are known: a permit may be released by any task. */
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

  /** Whether each permit will be given back by the task that took it: all were taken by `with`. */
  get isBoundToHolder(): boolean {
    return this.#bound === this.#total - this.#value;
  }

  /** How many permits are taken, in words. */
  usage(): string {
    return `${this.#total - this.#value} of ${this.#total} taken`;
  }

  /**
   * Waits for a permit and takes it. The result releases it when disposed: `using permit = await semaphore.acquire()`.
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

  /** Gives a permit back, or a new one: to the task that has waited longest, if one does. */
  release(): void {
    this.releaseOf(currentTask());
  }

  /** @internal Gives back a permit that `task` has. */
  releaseOf(task: Task<unknown> | undefined): void {
    this.requireHeld();
    const count = this.#held.get(task);
    if (count === 1) this.#held.delete(task);
    else if (count !== undefined) this.#held.set(task, count - 1);
    this.#handOn();
  }

  /** @internal Refuses a release, where the kind of semaphore does. */
  protected requireHeld(): void {}

  #handOn(): void {
    if (this.#waiters.serve() === undefined) this.#value++;
  }

  /**
   * Runs `fn` while holding a permit.
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

  /** @internal @throws {RangeError} If none of its permits is held. */
  protected override requireHeld(): void {
    if (this.value < this.#bound) return;
    const action = `Cannot release ${describeResource(this)} as none of its permits is held`;
    throw new RangeError(`${action}: current value is ${this.value}`);
  }
}
