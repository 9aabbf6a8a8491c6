import {
  currentScope,
  describeResource,
  InvalidStateError,
  maybeYield,
  type Resource,
  Task,
  throwPending,
  WaitQueue,
} from "../core/index.ts";
import type { NameOptions } from "./lock.ts";
import { requireCount, show } from "../../base/options.ts";

/** Current state of a {@link CapacityLimiter}, for monitoring. */
export interface CapacityLimiterStatistics {
  /** The total number of tokens. */
  readonly total: number;
  /** How many tokens are borrowed. */
  readonly borrowed: number;
  /** The borrowers of tokens: tasks, or the objects passed to `acquireOnBehalfOf`. */
  readonly borrowers: readonly object[];
  /** How many borrowers wait for a token. */
  readonly waiting: number;
}

/**
 * A semaphore that knows its borrowers. A task can hold at most one token, and can release only its own. The number of
 * tokens can be changed.
 *
 * @example
 * const limiter = new CapacityLimiter(2);
 * await gather([1, 2, 3].map((n) => () => limiter.with(() => sleep(5, n))));
 * @see https://trio.readthedocs.io/en/stable/reference-core.html#trio.CapacityLimiter
 */
export class CapacityLimiter implements Resource {
  /** The kind of resource, as shown by inspectors. */
  readonly kind = "CapacityLimiter";
  /** Always true: only its borrower can release a token. */
  readonly isBoundToHolder = true;
  /** The name from the options. */
  readonly name: string | undefined;
  readonly #waiters = new WaitQueue();
  readonly #borrowers = new Set<object>();
  #total: number;

  /** @throws {RangeError} If `total` is neither a whole number ≥ 1 nor `Infinity`. */
  constructor(total: number, options: NameOptions = {}) {
    this.#total = requireCount(total, 1, "make a capacity limiter", true);
    this.name = options.name;
  }

  /**
   * The total number of tokens. It may be set lower than the number of borrowed tokens: then none can be borrowed until
   * enough are released.
   */
  get totalTokens(): number {
    return this.#total;
  }

  set totalTokens(total: number) {
    this.#total = requireCount(total, 1, "set the tokens of a capacity limiter", true);
    this.#grant();
  }

  /** How many tokens are borrowed. */
  get borrowedTokens(): number {
    return this.#borrowers.size;
  }

  /** How many tokens are free. */
  get availableTokens(): number {
    return Math.max(this.#total - this.#borrowers.size, 0);
  }

  /** The tasks that have borrowed tokens; empty if any borrower is not a task. */
  holders(): Task<unknown>[] {
    const borrowers = [...this.#borrowers];
    return borrowers.every((borrower) => borrower instanceof Task) ? borrowers : [];
  }

  /** The number of borrowed tokens, in words. */
  usage(): string {
    return `${this.#borrowers.size} of ${this.#total} borrowed`;
  }

  /**
   * Waits for a token and borrows it for the current task.
   *
   * @throws {InvalidStateError} If the task already has a token.
   * @throws {CancelledError} If the wait is cancelled.
   */
  acquire(): Promise<void> {
    return this.acquireOnBehalfOf(this.#self());
  }

  /**
   * Like `acquire()`, but with any object as the borrower.
   *
   * @throws {TypeError} If `borrower` is not an object.
   * @throws {InvalidStateError} If the borrower already has a token.
   * @throws {CancelledError} If the wait is cancelled.
   */
  async acquireOnBehalfOf(borrower: object): Promise<void> {
    this.#requireObject(borrower);
    const pause = maybeYield();
    if (pause !== undefined) await pause;
    throwPending(currentScope());
    if (this.#borrowers.has(borrower)) throw this.#borrowedError();
    if (this.availableTokens > 0) this.#borrowers.add(borrower);
    else await this.#waiters.wait(this, { payload: borrower, giveBack: () => this.releaseOnBehalfOf(borrower) });
  }

  #requireObject(borrower: unknown): void {
    if ((typeof borrower === "object" && borrower !== null) || typeof borrower === "function") return;
    const action = `Cannot borrow a token of ${describeResource(this)}`;
    throw new TypeError(`${action} as the borrower must be an object: current value is ${show(borrower)}`);
  }

  #borrowedError(): InvalidStateError {
    return new InvalidStateError(`Cannot borrow a token of ${describeResource(this)} as this borrower has one`);
  }

  /**
   * Releases the token of the current task.
   *
   * @throws {InvalidStateError} If the task has no token.
   */
  release(): void {
    this.releaseOnBehalfOf(this.#self());
  }

  /**
   * Like `release()`, but with any object as the borrower.
   *
   * @throws {InvalidStateError} If the borrower has no token.
   */
  releaseOnBehalfOf(borrower: object): void {
    if (!this.#borrowers.delete(borrower)) {
      throw new InvalidStateError(`Cannot release a token of ${describeResource(this)} as this borrower has none`);
    }
    this.#grant();
  }

  #grant(): void {
    for (let next = this.#waiters.first; next !== undefined && this.availableTokens > 0; next = this.#waiters.first) {
      const borrower = next.payload as object;
      if (this.#borrowers.has(borrower)) next.fail(this.#borrowedError());
      else {
        this.#borrowers.add(borrower);
        this.#waiters.serve();
      }
    }
  }

  // The current task. Outside any task, the limiter itself counts as the borrower.
  #self(): object {
    return currentScope().task ?? this;
  }

  /**
   * Borrows a token, runs `fn`, and releases the token.
   *
   * @throws {InvalidStateError} If the task already has a token.
   * @throws {CancelledError} If the wait is cancelled.
   */
  async with<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    const borrower = this.#self();
    await this.acquireOnBehalfOf(borrower);
    try {
      return await fn();
    } finally {
      this.releaseOnBehalfOf(borrower);
    }
  }

  /** Current counts, for monitoring. */
  statistics(): CapacityLimiterStatistics {
    return {
      total: this.#total,
      borrowed: this.#borrowers.size,
      borrowers: [...this.#borrowers],
      waiting: this.#waiters.size,
    };
  }
}
