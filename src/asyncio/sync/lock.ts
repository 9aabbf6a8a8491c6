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

/** How a {@link Lock} or another primitive is made. */
export interface NameOptions {
  /** Its name, as shown by inspectors. */
  readonly name?: string;
}

/** The state of a {@link Lock}. */
export interface LockStatistics {
  /** Whether it is held. */
  readonly locked: boolean;
  /** The task that holds it; `undefined` if it is free, or held by code outside any task. */
  readonly holder: Task<unknown> | undefined;
  /** How many tasks wait for it. */
  readonly waiting: number;
}

/** @internal One acquisition of a lock: it releases that one, and never a later one. */
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
 * Lets one task at a time in, in the order in which they came. It is not re-entrant: a task that holds it and asks for it
 * again waits for itself.
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
  /** The kind of resource, as inspectors show it. */
  readonly kind = "Lock";
  /** The name it was given. */
  readonly name: string | undefined;
  readonly #waiters = new WaitQueue<Hold>();
  readonly #giveBack = { giveBack: (hold: Hold): void => this.releaseHold(hold) };
  #hold: Hold | undefined;

  constructor(options: NameOptions = {}) {
    this.name = options.name;
  }

  /** Whether it is held. */
  get locked(): boolean {
    return this.#hold !== undefined;
  }

  /** The task that holds it. */
  holder(): Task<unknown> | undefined {
    return this.#hold?.holder;
  }

  /**
   * Waits until the lock is free and takes it. The result releases this acquisition when disposed: `using held = await
   * lock.acquire()`.
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
   * Releases the lock, and gives it to the task that has waited longest.
   *
   * @throws {InvalidStateError} If it is not held, or held by another task.
   */
  release(): void {
    this.releaseHold(this.requireHold(`release ${describeResource(this)}`, "it"));
  }

  /** @internal The acquisition of the current task. @throws {InvalidStateError} If it does not hold the lock. */
  requireHold(action: string, subject: "it" | "its lock"): Hold {
    const hold = this.#hold;
    if (hold === undefined) throw new InvalidStateError(`Cannot ${action} as ${subject} is not held`);
    if (hold.holder === currentTask()) return hold;
    throw new InvalidStateError(
      `Cannot ${action} as ${subject} is held by ${describeTask(hold.holder)}, not by ${describeTask(currentTask())}`,
    );
  }

  /** @internal @throws {InvalidStateError} If this acquisition was released already. */
  releaseHold(hold: Hold): void {
    if (this.#hold !== hold) {
      throw new InvalidStateError(`Cannot release ${describeResource(this)} as this acquisition was released already`);
    }
    this.#handOn();
  }

  #handOn(): void {
    const next = this.#waiters.first;
    // What takes up an earlier acquisition again brings it along.
    this.#hold =
      next === undefined ? undefined : ((next.payload as Hold | undefined) ?? new Hold(this, next.scope.task));
    if (this.#hold !== undefined) this.#waiters.serve(this.#hold);
  }

  /** @internal Takes an acquisition up again that was released: its owner holds the lock again. */
  async resume(hold: Hold): Promise<void> {
    if (this.#hold === undefined) this.#hold = hold;
    else await this.#waiters.wait(this, { payload: hold, giveBack: () => this.releaseHold(hold) });
  }

  /**
   * Runs `fn` while holding the lock.
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
   * @throws {InvalidStateError} If it is not held, or held by another task.
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
