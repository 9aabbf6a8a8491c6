import {
  callExceptionHandler,
  CancelledError,
  currentScope,
  moveOnAfter,
  type Scope,
  ScopeTimer,
  within,
} from "../../asyncio/index.ts";
import { AlreadyRespondedError, Disconnect, ownCancellation } from "../../http/index.ts";
import { ServiceUnavailable } from "../errors/statuses.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { RequestLimit } from "../routing/route.ts";

/** A request was not over in time. It is the reason of its task's cancellation. */
export class DeadlineExceeded extends Error {
  override readonly name = "DeadlineExceeded";
  /** The time that it had, in milliseconds. */
  readonly ms: number;

  constructor(ms: number) {
    super(`Deadline of ${ms} ms exceeded`);
    this.ms = ms;
  }
}

/** Time limit, in milliseconds, for work that cancellation does not reach: teardown, and the 503 after a deadline. */
export const graceTimeout = 5_000;

/** A request that has a deadline. */
export interface TimedRequest {
  /** The request, for reports to name it. */
  readonly request: HttpRequest;
  /** Whether a response was begun. */
  readonly responded: boolean;
  /** Answers it. Nothing may be sent any more once `deadline` is exceeded. */
  answer(deadline: Deadline): Promise<void>;
  /** Answers it with an error, unless a response was begun. */
  answerLate(error: ServiceUnavailable): Promise<void>;
}

/**
 * Answers a request. When its time is over, its task is cancelled, and it is answered with 503 at once: the answer does
 * not wait for code that catches the cancellation and goes on. A response that was begun is cut off.
 *
 * @throws {CancelledError} If it was not over in time; {@link DeadlineExceeded} is the reason.
 * @throws The errors of `answer`.
 */
export async function answerInTime(timed: TimedRequest, limit: RequestLimit): Promise<void> {
  const deadline = new Deadline(timed, limit);
  try {
    await timed.answer(deadline);
  } catch (error) {
    if (!deadline.isExceeded || ownCancellation(error) !== undefined) throw error;
    if (!(error instanceof AlreadyRespondedError)) report(timed.request, "Error after the deadline", error);
  } finally {
    const late = deadline.end();
    if (late !== undefined) await late;
  }
  if (deadline.isExceeded) throw deadline.cancellation;
}

/** The time that a request has. */
export class Deadline {
  readonly #timed: TimedRequest;
  readonly #limit: RequestLimit;
  readonly #scope: Scope = currentScope();
  readonly #timer: ScopeTimer;
  #exceeded: { readonly reason: DeadlineExceeded; readonly answered: Promise<void> } | undefined;

  constructor(timed: TimedRequest, limit: RequestLimit) {
    this.#timed = timed;
    this.#limit = limit;
    this.#timer = new ScopeTimer(this.#scope, limit.ms, () => this.#expire());
  }

  /** Whether the time is over. */
  get isExceeded(): boolean {
    return this.#exceeded !== undefined;
  }

  /** The cancellation to throw when a request that exceeded its deadline swallowed the first one. */
  get cancellation(): CancelledError {
    return new CancelledError(this.#exceeded?.reason);
  }

  /** Lifts the limit, unless the time is over. */
  lift(): void {
    this.#timer.stop();
  }

  /** Ends the deadline with its request. Waits for the 503, if the time was over before. */
  end(): Promise<void> | undefined {
    this.#timer.stop();
    return this.#exceeded?.answered;
  }

  #expire(): void {
    if (this.#limit.until === "begun" && this.#timed.responded) return;
    const reason = new DeadlineExceeded(this.#limit.ms);
    // The answer runs beside the request. Masked: the cancellation must be heard where the request waits, not here.
    const answering = { kind: "deadline", masked: true } as const;
    const answered = this.#scope.run(() => within(answering, () => answerLate(this.#timed, reason)));
    this.#exceeded = { reason, answered };
    this.#scope.task?.cancel(reason);
  }
}

/** Answers a request whose time is over. Does not throw. */
async function answerLate(timed: TimedRequest, cause: DeadlineExceeded): Promise<void> {
  try {
    await moveOnAfter(graceTimeout, () => timed.answerLate(new ServiceUnavailable(undefined, { cause })));
  } catch (error) {
    const isAnswered = error instanceof Disconnect || error instanceof AlreadyRespondedError;
    if (!isAnswered) report(timed.request, "Error at the deadline", error);
  }
}

/** Reports an error that is not the answer to a request. */
export function report({ method, path }: HttpRequest, what: string, error: unknown): void {
  callExceptionHandler({ message: `${what} of ${method} ${path}`, error });
}
