import {
  currentScope,
  describeResource,
  InvalidStateError,
  Park,
  type Resource,
  runtime,
  type Scope,
  throwPending,
  Waiters,
} from "../core/index.ts";
import { Lock, type NameOptions } from "./lock.ts";
import { requireCount } from "../../base/options.ts";
import { uncancellable } from "../combine/uncancellable.ts";

/** How a {@link Condition} is made. */
export interface ConditionOptions extends NameOptions {
  /** The lock that guards it. @default a new one */
  readonly lock?: Lock;
}

/**
 * A lock with a way to wait, while the lock is let go, until somebody says that something has changed.
 *
 * @example
 * const condition = new Condition();
 * let ready = false;
 * const waiter = createTask(() => condition.with(() => condition.waitFor(() => ready)));
 * await sleep(0);
 * await condition.with(() => {
 *   ready = true;
 *   condition.notifyAll();
 * });
 * await waiter;
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Condition
 */
export class Condition implements Resource, Disposable {
  /** What it is. */
  readonly kind = "Condition";
  /** Its name. */
  readonly name: string | undefined;
  /** The lock that guards it. */
  readonly lock: Lock;
  readonly #waiters = new Waiters();

  /** @throws {TypeError} If `lock` is not a Lock. */
  constructor(options: ConditionOptions = {}) {
    const { lock = new Lock(options) } = options;
    if (!(lock instanceof Lock))
      throw new TypeError(`Cannot make a condition as its lock must be a Lock: current value is ${String(lock)}`);
    this.lock = lock;
    this.name = options.name;
  }

  /** Whether its lock is held. */
  get locked(): boolean {
    return this.lock.locked;
  }

  /**
   * Takes its lock. The result releases it when disposed: `using held = await condition.acquire()`.
   *
   * @throws {CancelledError} If the wait for the lock is cancelled.
   */
  acquire(): Promise<Disposable> {
    return this.lock.acquire();
  }

  /**
   * Releases its lock.
   *
   * @throws {InvalidStateError} If nobody holds it.
   */
  release(): void {
    this.lock.release();
  }

  /**
   * Runs `fn` while holding its lock.
   *
   * @throws {CancelledError} If the wait for the lock is cancelled; `fn` is then not called.
   */
  with<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    return this.lock.with(fn);
  }

  /**
   * Lets the lock go, waits until notified, and takes the lock again: also when it is cancelled, so that whoever catches
   * the cancellation holds the lock.
   *
   * @returns `true`.
   * @throws {InvalidStateError} If the lock is not held.
   * @throws {CancelledError} If the wait is cancelled.
   */
  async wait(): Promise<true> {
    this.#requireLock("wait");
    const scope = currentScope();
    throwPending(scope);
    const park = new Park<void>(scope, this);
    this.#waiters.add(park as Park);
    this.lock.release();
    let notified = false;
    try {
      await park.promise();
      notified = true;
    } finally {
      await this.#relock(scope, notified);
    }
    return true;
  }

  // Cancelled after it was notified, it tells somebody else; cancelled once more, it throws what came last.
  async #relock(scope: Scope, notified: boolean): Promise<void> {
    try {
      await uncancellable(() => this.lock.acquire());
      throwPending(scope);
    } catch (error) {
      if (notified && runtime.schedule?.hasFault("wake-up not handed on") !== true) this.#waiters.wakeOne(undefined);
      throw error;
    }
  }

  /**
   * Waits until `predicate` is true, looking again after each notification.
   *
   * @returns What `predicate` returned.
   * @throws {InvalidStateError} If it has to wait and the lock is not held.
   * @throws {CancelledError} If the wait is cancelled.
   */
  async waitFor<T>(predicate: () => T): Promise<T> {
    for (;;) {
      const result = predicate();
      if (result) return result;
      await this.wait();
    }
  }

  /**
   * Wakes as many of those that wait, first come first; they go on one after the other, as each gets the lock.
   *
   * @throws {InvalidStateError} If the lock is not held.
   * @throws {RangeError} If `count` is not a whole number ≥ 1.
   */
  notify(count = 1): void {
    requireCount(count, 1, "notify", true);
    this.#requireLock("notify");
    for (let woken = 0; woken < count && this.#waiters.wakeOne(undefined); woken++);
  }

  /**
   * Wakes all that wait.
   *
   * @throws {InvalidStateError} If the lock is not held.
   */
  notifyAll(): void {
    this.#requireLock("notify");
    this.#waiters.wakeAll(undefined);
  }

  #requireLock(action: string): void {
    if (!this.lock.locked)
      throw new InvalidStateError(`Cannot ${action} on ${describeResource(this)} as its lock is not held`);
  }

  /** Releases its lock. */
  [Symbol.dispose](): void {
    this.release();
  }

  /** What it knows of itself. */
  statistics(): { readonly locked: boolean; readonly waiting: number } {
    return { locked: this.lock.locked, waiting: this.#waiters.size };
  }
}
