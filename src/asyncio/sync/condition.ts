import {
  currentScope,
  describeResource,
  outside,
  type Resource,
  throwPending,
  type Scope,
  WaitQueue,
  uncancellable,
} from "../core/index.ts";
import { type Hold, Lock, type NameOptions } from "./lock.ts";
import { requireCount } from "../../base/options.ts";

/** Options of a {@link Condition}. */
export interface ConditionOptions extends NameOptions {
  /** The lock of the condition. @default a new one */
  readonly lock?: Lock;
}

/**
 * A lock with notifications: its holder can release the lock, wait until another task notifies the condition of a
 * change, and then hold the lock again.
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
  /** The kind of resource, as shown by inspectors. */
  readonly kind = "Condition";
  /** The name from the options. */
  readonly name: string | undefined;
  /** The lock of the condition. */
  readonly lock: Lock;
  readonly #waiters = new WaitQueue();

  /** @throws {TypeError} If `lock` is not a Lock. */
  constructor(options: ConditionOptions = {}) {
    const { lock = new Lock(options) } = options;
    if (!(lock instanceof Lock))
      throw new TypeError(`Cannot make a condition as its lock must be a Lock: current value is ${String(lock)}`);
    this.lock = lock;
    this.name = options.name;
  }

  /** Whether the lock is held. */
  get locked(): boolean {
    return this.lock.locked;
  }

  /**
   * Acquires the lock. The result releases it when it is disposed: `using held = await condition.acquire()`.
   *
   * @throws {CancelledError} If the wait for the lock is cancelled.
   */
  acquire(): Promise<Disposable> {
    return this.lock.acquire();
  }

  /**
   * Releases the lock.
   *
   * @throws {InvalidStateError} If the lock is not held, or held by another task.
   */
  release(): void {
    this.lock.release();
  }

  /**
   * Acquires the lock, runs `fn`, and releases the lock.
   *
   * @throws {CancelledError} If the wait for the lock is cancelled; `fn` is then not called.
   */
  with<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    return this.lock.with(fn);
  }

  /**
   * Releases the lock, waits until notified, and acquires the lock again. The caller holds the lock afterwards, even if
   * the wait ends with an error or a cancellation.
   *
   * @returns `true`.
   * @throws {InvalidStateError} If the lock is not held by the current task.
   * @throws {CancelledError} If the wait is cancelled.
   */
  async wait(): Promise<true> {
    const hold = this.#requireHold("wait on");
    const scope = currentScope();
    throwPending(scope);
    const notification = this.#waiters.enter(scope, this).promise();
    this.lock.releaseHold(hold);
    let notified = false;
    try {
      await notification;
      notified = true;
    } finally {
      await this.#relock(scope, hold, notified);
    }
    return true;
  }

  // If the task is cancelled after it was notified, it notifies another waiter. If it is cancelled a second time, the
  // last cancellation is thrown.
  async #relock(scope: Scope, hold: Hold, notified: boolean): Promise<void> {
    try {
      await takeUpAgain(this.lock, hold);
      throwPending(scope);
    } catch (error) {
      if (notified) this.#waiters.serve();
      throw error;
    }
  }

  /**
   * Waits until `predicate` returns a true value. It is called first at once, and then after each notification.
   *
   * @returns The result of `predicate`.
   * @throws {InvalidStateError} If it has to wait and the lock is not held by the current task.
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
   * Wakes up to `count` waiters, those that have waited longest first. They continue one after the other, as each
   * acquires the lock.
   *
   * @throws {InvalidStateError} If the lock is not held by the current task.
   * @throws {RangeError} If `count` is not a whole number ≥ 1.
   */
  notify(count = 1): void {
    requireCount(count, 1, "notify", true);
    this.#requireHold("notify on");
    for (let woken = 0; woken < count && this.#waiters.serve() !== undefined; woken++);
  }

  /**
   * Wakes all waiters.
   *
   * @throws {InvalidStateError} If the lock is not held by the current task.
   */
  notifyAll(): void {
    this.#requireHold("notify on");
    this.#waiters.serveAll();
  }

  #requireHold(action: string): Hold {
    return this.lock.requireHold(`${action} ${describeResource(this)}`, "its lock");
  }

  /** Releases the lock. */
  [Symbol.dispose](): void {
    this.release();
  }

  /** Current counts, for monitoring. */
  statistics(): { readonly locked: boolean; readonly waiting: number } {
    return { locked: this.lock.locked, waiting: this.#waiters.size };
  }
}

// This must not be cancelled, because the caller's `finally` block will release the lock. If the scope has ended, even
// a masked wait is cancelled; then the wait is made outside any scope.
async function takeUpAgain(lock: Lock, hold: Hold): Promise<void> {
  try {
    await uncancellable(() => lock.resume(hold));
  } catch {
    // Only the end of the scope can have caused this error.
    await outside(() => lock.resume(hold));
  }
}
