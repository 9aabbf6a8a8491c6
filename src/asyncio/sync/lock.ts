import {
  breather,
  currentScope,
  InvalidStateError,
  type Resource,
  runtime,
  takePending,
  type Task,
  Waiters,
  waitInLine,
} from "../core/index.ts";

/** How a {@link Lock} or another primitive is made. */
export interface NameOptions {
  /** Its name, as shown by inspectors. */
  readonly name?: string;
}

/** What a {@link Lock} knows of itself. */
export interface LockStatistics {
  /** Whether somebody holds it. */
  readonly locked: boolean;
  /** The task that holds it; `undefined` if nobody does, or code outside any task. */
  readonly holder: Task<unknown> | undefined;
  /** How many tasks wait for it. */
  readonly waiting: number;
}

/**
 * Lets one task at a time in, in the order in which they came. It is not re-entrant: a task that holds it and asks for it
 * again waits for itself.
 *
 * @example
 * const lock = new Lock({ name: "account" });
 * await lock.with(async () => sleep(5)); // nobody else is in here
 * {
 *   using _held = await lock.acquire(); // released at the end of the block
 * }
 * @see https://docs.python.org/3/library/asyncio-sync.html#asyncio.Lock
 */
export class Lock implements Resource, Disposable {
  /** What it is. */
  readonly kind = "Lock";
  /** Its name. */
  readonly name: string | undefined;
  readonly #waiters = new Waiters();
  #locked = false;
  #holder: Task<unknown> | undefined;

  constructor(options: NameOptions = {}) {
    this.name = options.name;
  }

  /** Whether somebody holds it. */
  get locked(): boolean {
    return this.#locked;
  }

  /** The task that holds it. */
  holder(): Task<unknown> | undefined {
    return this.#holder;
  }

  /**
   * Waits until the lock is free and takes it. The result releases it when disposed: `using held = await lock.acquire()`.
   *
   * @throws {CancelledError} If the wait is cancelled; the lock is then not held.
   */
  acquire(): Promise<Disposable> {
    const pause = breather();
    return pause === undefined ? this.#acquire() : pause.then(() => this.#acquire());
  }

  #acquire(): Promise<Disposable> {
    if (this.#locked) return this.#wait();
    const scope = currentScope();
    const pending = takePending(scope);
    if (pending !== undefined) return Promise.reject(pending);
    this.#locked = true;
    this.#holder = scope.task;
    return Promise.resolve(this);
  }

  async #wait(): Promise<Disposable> {
    await waitInLine<void>(this.#waiters, this, () => this.#handBack());
    return this;
  }

  #handBack(): void {
    if (runtime.schedule?.hasFault("permit kept") !== true) this.#handOn();
  }

  /**
   * Gives the lock to the task that waited longest, if one does.
   *
   * @throws {InvalidStateError} If nobody holds it.
   */
  release(): void {
    if (!this.#locked)
      throw new InvalidStateError(`Cannot release Lock ${this.name ?? ""} as nobody holds it`.replace("  ", " "));
    this.#handOn();
  }

  #handOn(): void {
    const next = this.#waiters.first;
    this.#locked = next !== undefined;
    this.#holder = next?.scope.task;
    if (next !== undefined) this.#waiters.wakeOne(undefined);
  }

  /**
   * Runs `fn` while holding the lock.
   *
   * @throws {CancelledError} If the wait for the lock is cancelled; `fn` is then not called.
   */
  async with<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    await this.acquire();
    try {
      return await fn();
    } finally {
      this.release();
    }
  }

  /**
   * Releases it.
   *
   * @throws {InvalidStateError} If nobody holds it.
   */
  [Symbol.dispose](): void {
    this.release();
  }

  /** What it knows of itself. */
  statistics(): LockStatistics {
    return { locked: this.#locked, holder: this.#holder, waiting: this.#waiters.size };
  }
}
