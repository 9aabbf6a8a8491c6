import { CancelledError, currentScope, type Scope, ScopeTimer, within } from "../../asyncio/index.ts";
import { option } from "../../base/options.ts";

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

/** The time that a request may take. */
export interface RequestLimit {
  /** In milliseconds; `Infinity` for no limit. */
  readonly ms: number;
  /** Until when: until its response begins, or until it has left. */
  readonly until: "begun" | "left";
}

/** What a request may take if nobody says more: it may stream for as long as it likes, but not keep its client waiting. */
export const usualLimit: RequestLimit = { ms: 120_000, until: "begun" };

/** What is done when a deadline is exceeded. */
export interface DeadlineActions {
  /** Whether it has come too late to count. */
  readonly ignores: () => boolean;
  /** Answers the request. It is not cancelled with it, and does not throw. */
  readonly answer: (reason: DeadlineExceeded) => Promise<void>;
}

/**
 * The time that a request has. When it is over, the request's task is cancelled: whatever it waits for, its children
 * included, and, as the server insists, also if it catches that and goes on. The answer does not wait for it.
 */
export class Deadline {
  readonly #ms: number;
  readonly #actions: DeadlineActions;
  readonly #scope: Scope = currentScope();
  readonly #timer: ScopeTimer;
  #exceeded: { readonly reason: DeadlineExceeded; readonly answered: Promise<void> } | undefined;

  constructor(ms: number, actions: DeadlineActions) {
    this.#ms = ms;
    this.#actions = actions;
    this.#timer = new ScopeTimer(this.#scope, ms, () => this.#expire());
  }

  /** Whether the time is over. */
  get isExceeded(): boolean {
    return this.#exceeded !== undefined;
  }

  /** What a request ends with whose time is over, and that did not end with its cancellation. */
  get cancellation(): CancelledError {
    return new CancelledError(this.#exceeded?.reason);
  }

  /** The request is over. Waits until it is answered, if its time was over before. */
  end(): Promise<void> | undefined {
    this.#timer.stop();
    return this.#exceeded?.answered;
  }

  #expire(): void {
    if (this.#actions.ignores()) return;
    const reason = new DeadlineExceeded(this.#ms);
    this.#exceeded = { reason, answered: this.#answer(reason) };
    this.#scope.task?.cancel(reason);
  }

  // Masked: it would be heard here, and not where the request waits, that the request was cancelled.
  #answer(reason: DeadlineExceeded): Promise<void> {
    return this.#scope.run(() => within({ kind: "deadline", masked: true }, () => this.#actions.answer(reason)));
  }
}

/** The limit that somebody has set, if he has. */
export function toRequestLimit(ms: number | undefined): RequestLimit | undefined {
  return ms === undefined ? undefined : { ms, until: "left" };
}

/**
 * Checks a time for a deadline.
 *
 * @throws {RangeError} If it is not above 0; `Infinity` is.
 * @throws {TypeError} If it is not a number.
 */
export function checkDeadline(action: string, name: string, ms: number | undefined): void {
  if (ms !== undefined) option(action, name, ms).milliseconds({ above: 0 });
}
