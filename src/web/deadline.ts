import { CancelledError, currentScope, currentTask, Event, moveOnAfter, Scope, type Task } from "../asyncio/index.ts";

/** A request was not over in time. It is the reason of its task's cancellation. */
export class DeadlineExceeded extends Error {
  override readonly name = "DeadlineExceeded";
  /** How many milliseconds it had. */
  readonly ms: number;

  constructor(ms: number) {
    super(`Deadline of ${ms} ms exceeded`);
    this.ms = ms;
  }
}

/**
 * The time that a request has. When it is over, the request's task is cancelled: whatever it waits for, its children
 * included, and, as the server insists, also if it catches that and goes on. The answer does not wait for it.
 */
export class Deadline {
  readonly #reason: DeadlineExceeded;
  readonly #answer: (reason: DeadlineExceeded) => Promise<void>;
  readonly #over = new Event({ name: "request over" });
  readonly #watching: Promise<void>;
  #isExceeded = false;

  /** @param answer Answers the request when its time is over. It is not cancelled with it. */
  constructor(ms: number, answer: (reason: DeadlineExceeded) => Promise<void>) {
    this.#reason = new DeadlineExceeded(ms);
    this.#answer = answer;
    this.#watching = this.#watch(currentTask());
  }

  /** Whether the time is over. */
  get isExceeded(): boolean {
    return this.#isExceeded;
  }

  /** What a request ends with whose time is over, and that did not end with its cancellation. */
  get cancellation(): CancelledError {
    return new CancelledError(this.#reason);
  }

  /** The request is over. Waits until it is answered, if its time was over before. */
  async end(): Promise<void> {
    this.#over.set();
    await this.#watching;
  }

  async #watch(task: Task<unknown> | undefined): Promise<void> {
    // Masked: it would be heard here, and not where the request waits, that the request was cancelled. Inspectors know a
    // scope of this kind, and show its time as that of the request.
    const scope = new Scope(currentScope(), { kind: "deadline", masked: true });
    try {
      await scope.runAsync(() => this.#expire(task), undefined);
    } finally {
      await scope.close();
    }
  }

  async #expire(task: Task<unknown> | undefined): Promise<void> {
    const ended = await moveOnAfter(this.#reason.ms, () => this.#over.wait());
    if (ended === true) return;
    this.#isExceeded = true;
    task?.cancel(this.#reason);
    await this.#answer(this.#reason);
  }
}

/**
 * Checks a time for a deadline.
 *
 * @throws {RangeError} If it is not a number of milliseconds > 0; `Infinity` is one.
 */
export function checkDeadline(action: string, name: string, ms: number): number {
  if (typeof ms === "number" && ms > 0) return ms;
  throw new RangeError(`Cannot ${action} as '${name}' must be milliseconds > 0: current value is ${String(ms)}`);
}
