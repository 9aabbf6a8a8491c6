import {
  currentScope,
  currentTask,
  describeResource,
  InvalidStateError,
  maybeYield,
  type Resource,
  takePending,
  type Task,
  WaitQueue,
} from "../core/index.ts";

/** Options of a {@link Lock} and other primitives. */
export interface NameOptions {
  /** The name, as shown by inspectors. */
  readonly name?: string;
}

/** Current state of a {@link Lock}, for monitoring. */
export interface LockStatistics {
  /** Whether the lock is held. */
  readonly locked: boolean;
  /** The task that holds the lock; `undefined` if the lock is free, or held by code outside any task. */
  readonly holder: Task<unknown> | undefined;
  /** How many tasks wait for the lock. */
  readonly waiting: number;
}

/** @internal One acquisition of a lock. It can release only this acquisition, never a later one. */
export class Hold implements Disposable {
  readonly holder: Task<unknown> | undefined;
  readonly #lock: Lock;

  constructor(lock: Lock, holder: Task<unknown> | undefined) {
    this.#lock = lock;
    this.holder = holder;
  }

  [Symbol.dispose](): void {
    this.#lock.releaseHold(this);
  }
}

/**
 * A mutual-exclusion lock: one task at a time holds it, in the order in which they asked. It is not re-entrant: a task
 * that holds the lock and acquires it again waits for itself.
 *
 * @example
 * const lock = new Lock({ name: "account" });
 * await lock.with(async () => sleep(5)); // no other task is in here
 * {
 *   using _held = await lock.acquire(); // released at the end of the block
 * }
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock
 */
export class Lock implements Resource, Disposable {
  /** The kind of resource, as shown by inspectors. */
  readonly kind = "Lock";
  /** The name from the options. */
  readonly name: string | undefined;
  readonly #waiters = new WaitQueue<Hold>();
  readonly #giveBack = { giveBack: (hold: Hold): void => this.releaseHold(hold) };
  #hold: Hold | undefined;

  constructor(options: NameOptions = {}) {
    this.name = options.name;
  }

  /** Whether the lock is held. */
  get locked(): boolean {
    return this.#hold !== undefined;
  }

  /** The task that holds the lock, if one does. */
  holder(): Task<unknown> | undefined {
    return this.#hold?.holder;
  }

  /**
   * Waits until the lock is free and acquires it. The result releases this acquisition when it is disposed: `using held
   * = await lock.acquire()`.
   *
   * @throws {CancelledError} If the wait is cancelled; the lock is then not held.
   */
  acquire(): Promise<Disposable> {
    const pause = maybeYield();
    return pause === undefined ? this.#acquire() : pause.then(() => this.#acquire());
  }

  #acquire(): Promise<Disposable> {
    if (this.#hold !== undefined) return this.#waiters.wait(this, this.#giveBack);
    const scope = currentScope();
    const pending = takePending(scope);
    if (pending !== undefined) return Promise.reject(pending);
    this.#hold = new Hold(this, scope.task);
    return Promise.resolve(this.#hold);
  }

  /**
   * Releases the lock. If tasks are waiting, the one that has waited longest gets the lock.
   *
   * @throws {InvalidStateError} If the lock is not held, or held by another task.
   */
  release(): void {
    this.releaseHold(this.requireHold(`release ${describeResource(this)}`, "it"));
  }

  /** @internal The acquisition of the current task. @throws {InvalidStateError} If the task does not hold the lock. */
  requireHold(action: string, subject: "it" | "its lock"): Hold {
    const hold = this.#hold;
    if (hold === undefined) throw new InvalidStateError(`Cannot ${action} as ${subject} is not held`);
    if (hold.holder === currentTask()) return hold;
    throw new InvalidStateError(
      `Cannot ${action} as ${subject} is held by ${describeTask(hold.holder)}, not by ${describeTask(currentTask())}`,
    );
  }

  /** @internal @throws {InvalidStateError} If this acquisition was already released. */
  releaseHold(hold: Hold): void {
    if (this.#hold !== hold) {
      throw new InvalidStateError(`Cannot release ${describeResource(this)} as this acquisition was released already`);
    }
    this.#handOn();
  }

  #handOn(): void {
    const next = this.#waiters.first;
    // A waiter that resumes an earlier acquisition has it as its payload.
    this.#hold =
      next === undefined ? undefined : ((next.payload as Hold | undefined) ?? new Hold(this, next.scope.task));
    if (this.#hold !== undefined) this.#waiters.serve(this.#hold);
  }

  /** @internal Waits for the lock and makes a released acquisition valid again. */
  async resume(hold: Hold): Promise<void> {
    if (this.#hold === undefined) this.#hold = hold;
    else await this.#waiters.wait(this, { payload: hold, giveBack: () => this.releaseHold(hold) });
  }

  /**
   * Acquires the lock, runs `fn`, and releases the lock.
   *
   * @throws {CancelledError} If the wait for the lock is cancelled; `fn` is then not called.
   */
  async with<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    const hold = await this.acquire();
    try {
      return await fn();
    } finally {
      hold[Symbol.dispose]();
    }
  }

  /**
   * Releases the lock.
   *
   * @throws {InvalidStateError} If the lock is not held, or held by another task.
   */
  [Symbol.dispose](): void {
    this.release();
  }

  /** Current counts, for monitoring. */
  statistics(): LockStatistics {
    return { locked: this.locked, holder: this.holder(), waiting: this.#waiters.size };
  }
}

function describeTask(task: Task<unknown> | undefined): string {
  return task === undefined ? "code outside any task" : `task ${task.name}`;
}
