// The error tree of this floor.
//
//   Error
//   ├─ CancelledError        somebody asked this work to stop; pass it on
//   ├─ TimeoutError          a time limit ran out
//   ├─ InvalidStateError     you used a thing at the wrong moment
//   ├─ QueueEmpty, QueueFull try later
//   ├─ QueueShutDown         nobody will put or take any more
//   ├─ BrokenBarrierError    another party left the barrier
//   ├─ KeyboardInterrupt     Ctrl+C, or another signal that ends the program
//   └─ AggregateError
//      └─ ExceptionGroup     several tasks failed (exception-group.ts)

import { ambient } from "../state/ambient.ts";
import { shareClass } from "../state/share-class.ts";
import { show } from "../../../base/options.ts";

/** How a {@link CancelledError} is made. */
export interface CancelledErrorOptions {
  /** The cancellation that led to this one: whoever awaited the task was cancelled itself. */
  readonly cause?: unknown;
  /** The name of the task that asked, if a task asked. */
  readonly requestedBy?: string | undefined;
}

/**
 * Says that this work was asked to stop. Clean up in `finally`, and let it pass.
 *
 * It carries no stack: it is thrown where the work happened to wait, and says in `reason`, `requestedBy` and
 * the chain of `cause` who asked for it and why.
 *
 * @example
 * const task = createTask(() => sleep(60_000));
 * task.cancel("no longer needed");
 * await task.catch((error: CancelledError) => console.log(error.reason)); // no longer needed
 * @see https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError
 */
export class CancelledError extends Error {
  override readonly name = "CancelledError";
  /** What was passed to `cancel()`. */
  readonly reason: unknown;
  /** The name of the task that asked, if a task asked. */
  readonly requestedBy: string | undefined;
  readonly #origin: CancelledError | undefined;
  #isStray = false;

  constructor(reason?: unknown, options: CancelledErrorOptions = {}) {
    const { cause } = options;
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0; // a stack here costs microseconds and shows the scheduler only
    super(describeReason(reason), cause === undefined ? undefined : { cause });
    Error.stackTraceLimit = limit;
    this.reason = reason;
    this.requestedBy = options.requestedBy;
    this.#origin = cause instanceof CancelledError ? cause.origin : undefined;
  }

  /**
   * @internal The error of the request that led to this one, at the end of its chain of causes: a request that travels
   * through tasks that await each other is one request, however far it comes.
   */
  get origin(): CancelledError {
    return this.#origin ?? this;
  }

  /** @internal Whether the code that it stops was left over by its scope, so that no code may be there to catch it. */
  get isStray(): boolean {
    return this.#isStray;
  }

  set isStray(isStray: boolean) {
    this.#isStray = isStray;
  }
}
shareClass(CancelledError, "CancelledError");

function describeReason(reason: unknown): string {
  if (reason === undefined) return "cancelled";
  if (reason instanceof Error) return reason.message;
  return typeof reason === "string" ? reason : show(reason);
}

/**
 * The cancellation that `error` is, or `undefined`: a {@link CancelledError}, even one from another copy of this package,
 * or the cause of the `AbortError` that Node's own functions throw when the signal of a cancelled scope aborts them.
 *
 * @example
 * try {
 *   await sleep(10);
 * } catch (error) {
 *   console.log(cancellationOf(error)?.reason); // why this code was asked to stop
 *   throw error;
 * }
 */
export function cancellationOf(error: unknown): CancelledError | undefined {
  const found = unwrapAbort(error);
  return found instanceof CancelledError ? found : undefined;
}

/**
 * Whether `error` is a cancellation, as {@link cancellationOf} sees it. It claims no type: an `AbortError` has no
 * `reason`.
 *
 * @example
 * try {
 *   await sleep(10);
 * } catch (error) {
 *   if (isCancelled(error)) throw error; // never keep a cancellation
 * }
 */
export function isCancelled(error: unknown): boolean {
  return cancellationOf(error) !== undefined;
}

// Errors of the platform that have lost what they were made of.
const meanings = ambient("meanings", () => new WeakMap<object, CancelledError>());

/** @internal Says that the platform made `error` of `cancellation`, and has lost that on the way. */
export function setMeaning(error: object, cancellation: CancelledError): void {
  meanings.set(error, cancellation);
}

/**
 * @internal The cancellation that an `AbortError` of the platform was made of, or the later of two that the disposal of a
 * block put together; any other error as it is.
 */
export function unwrapAbort(error: unknown): unknown {
  if (error instanceof SuppressedError) return isOfCancellations(error) ? unwrapCause(error.error) : error;
  return unwrapCause(error);
}

function unwrapCause(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === "AbortError" && error.cause instanceof CancelledError) return error.cause;
  return meanings.get(error) ?? error;
}

// One that hides any other error stays what it is.
function isOfCancellations(errors: SuppressedError): boolean {
  let error: unknown = errors;
  for (; error instanceof SuppressedError; error = error.suppressed) {
    if (!(unwrapCause(error.error) instanceof CancelledError)) return false;
  }
  return unwrapCause(error) instanceof CancelledError;
}

/** @internal Whether `error` is a cancellation that began with the same request as `request`. */
export function isOfRequest(error: unknown, request: CancelledError): boolean {
  return cancellationOf(error)?.origin === request.origin;
}

/** @internal Whether `error` stops code that its scope has left over. */
export function isStrayError(error: unknown): boolean {
  const cancellation = cancellationOf(error);
  return cancellation !== undefined && (cancellation.isStray || cancellation.origin.isStray);
}

/**
 * Says that a time limit ran out; its `cause` is the cancellation that ended the work.
 *
 * @see https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.TimeoutError
 */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
  /** The limit that ran out, in milliseconds. */
  readonly ms: number;

  constructor(ms: number, options?: ErrorOptions) {
    super(`Time limit ran out: ${ms} ms`, options);
    this.ms = ms;
  }
}
shareClass(TimeoutError, "TimeoutError");

/**
 * Says that something was used at a moment when it cannot be, as reading the result of a task that still runs.
 *
 * @see https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.InvalidStateError
 */
export class InvalidStateError extends Error {
  override readonly name = "InvalidStateError";
}
shareClass(InvalidStateError, "InvalidStateError");

/** Says that `getNowait()` found nothing in the queue. */
export class QueueEmpty extends Error {
  override readonly name = "QueueEmpty";
}
shareClass(QueueEmpty, "QueueEmpty");

/** Says that `putNowait()` found no room in the queue. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
}
shareClass(QueueFull, "QueueFull");

/** Says that the queue was shut down: nothing can be put, and what was in it has been taken. */
export class QueueShutDown extends Error {
  override readonly name = "QueueShutDown";
}
shareClass(QueueShutDown, "QueueShutDown");

/** Says that the barrier was reset or aborted while this task waited at it, or before it came. */
export class BrokenBarrierError extends Error {
  override readonly name = "BrokenBarrierError";
}
shareClass(BrokenBarrierError, "BrokenBarrierError");

/**
 * Says that a signal ended the program: Ctrl+C (SIGINT) or SIGTERM. Left uncaught, the process ends quietly
 * with code 130 or 143.
 *
 * @see https://docs.python.org/3/library/asyncio-runner.html#handling-keyboard-interruption
 */
export class KeyboardInterrupt extends Error {
  override readonly name = "KeyboardInterrupt";
  /** The signal that came. */
  readonly signal: "SIGINT" | "SIGTERM";

  constructor(signal: "SIGINT" | "SIGTERM", options?: ErrorOptions) {
    super(`Ended by ${signal}`, options);
    this.signal = signal;
  }
}
shareClass(KeyboardInterrupt, "KeyboardInterrupt");
