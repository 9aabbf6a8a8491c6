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

/** How a {@link Condition} is made. */
export interface ConditionOptions extends NameOptions {
  /** The lock that guards it. @default a new one */
  readonly lock?: Lock;
}

/**
 * A lock with a way to wait, while the lock is let go, until told that something has changed.
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
  /** The kind of resource, as inspectors show it. */
  readonly kind = "Condition";
  /** The name it was given. */
  readonly name: string | undefined;
  /** The lock that guards it. */
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
   * @throws {InvalidStateError} If it is not held, or held by another task.
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
   * Releases the lock, waits until notified, and takes the lock again. However this ends, by an error or a cancellation
   * too, the caller holds the lock afterwards.
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

  // Cancelled after it was notified, it notifies another; cancelled once more, it throws what came last.
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
   * Waits until `predicate` is true, looking again after each notification.
   *
   * @returns What `predicate` returned.
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
   * Wakes as many of those that wait, first come first; they go on one after the other, as each gets the lock.
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
   * Wakes all that wait.
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

  /** Releases its lock. */
  [Symbol.dispose](): void {
    this.release();
  }

  /** Current counts, for monitoring. */
  statistics(): { readonly locked: boolean; readonly waiting: number } {
    return { locked: this.lock.locked, waiting: this.#waiters.size };
  }
}

// Not to be cancelled: the caller's `finally` will release the lock. Where even a masked wait is thrown out, since its
// scope has ended, it waits outside.
async function takeUpAgain(lock: Lock, hold: Hold): Promise<void> {
  try {
    await uncancellable(() => lock.resume(hold));
  } catch {
    // Only the end of the scope throws here.
    await outside(() => lock.resume(hold));
  }
}
