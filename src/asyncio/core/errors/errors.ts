// The error tree of this floor.
//
//   Error
//   ├─ CancelledError        this code was asked to stop; let the error pass
//   ├─ TimeoutError          a time limit ran out
//   ├─ InvalidStateError     you used an object at the wrong moment
//   ├─ QueueEmpty, QueueFull try later
//   ├─ QueueShutDown         the queue is closed for good
//   ├─ BrokenBarrierError    another party left the barrier
//   ├─ KeyboardInterrupt     Ctrl+C, or another signal that ends the program
//   └─ AggregateError
//      └─ ExceptionGroup     several tasks failed (exception-group.ts)

import { ambient } from "../state/ambient.ts";
import { shareClass } from "../state/share-class.ts";
import { show } from "../../../base/options.ts";

/** Options of a {@link CancelledError}. */
export interface CancelledErrorOptions {
  /** The cancellation that led to this one: that of the code which awaited the task. */
  readonly cause?: unknown;
  /** The name of the task that requested the cancellation, if a task did. */
  readonly requestedBy?: string | undefined;
}

/**
 * Thrown in code that was asked to stop. Clean up in `finally`, and let the error pass.
 *
 * It has no stack, because it is thrown wherever the code happens to wait. `reason`, `requestedBy` and the chain of
 * `cause` tell who requested the cancellation and why.
 *
 * @example
 * const task = createTask(() => sleep(60_000));
 * task.cancel("no longer needed");
 * await task.catch((error: CancelledError) => console.log(error.reason)); // no longer needed
 * @see https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.CancelledError
 */
export class CancelledError extends Error {
  override readonly name = "CancelledError";
  /** The reason that was passed to `cancel()`. */
  readonly reason: unknown;
  /** The name of the task that requested the cancellation, if a task did. */
  readonly requestedBy: string | undefined;
  readonly #origin: CancelledError | undefined;
  #isStray = false;

  constructor(reason?: unknown, options: CancelledErrorOptions = {}) {
    const { cause } = options;
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0; // a stack would cost microseconds and show only the scheduler
    super(describeReason(reason), cause === undefined ? undefined : { cause });
    Error.stackTraceLimit = limit;
    this.reason = reason;
    this.requestedBy = options.requestedBy;
    this.#origin = cause instanceof CancelledError ? cause.origin : undefined;
  }

  /**
   * @internal The error of the original request: the last one in the chain of causes. A request that passes from task
   * to task, because they await each other, remains one request with one origin.
   */
  get origin(): CancelledError {
    return this.#origin ?? this;
  }

  /**
   * @internal Whether this error stops a stray: code that still runs although its scope has closed. There may be no
   * code left to catch the error then.
   */
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
 * The cancellation behind `error`, or `undefined`. It is `error` itself if that is a {@link CancelledError}, even one
 * from another copy of this package. It is the cause if `error` is the `AbortError` that a Node function throws because
 * the signal of a cancelled scope aborted it.
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
 * Whether {@link cancellationOf} finds a cancellation in `error`. This is not a type guard, because an `AbortError` has
 * no `reason`.
 *
 * @example
 * try {
 *   await sleep(10);
 * } catch (error) {
 *   if (isCancelled(error)) throw error; // never swallow a cancellation
 * }
 */
export function isCancelled(error: unknown): boolean {
  return cancellationOf(error) !== undefined;
}

// Errors made by Node from a cancellation, but without a `cause` that leads to it.
const meanings = ambient("meanings", () => new WeakMap<object, CancelledError>());

/** @internal Records that Node made `error` from `cancellation`, for an `error` that does not say so itself. */
export function setMeaning(error: object, cancellation: CancelledError): void {
  meanings.set(error, cancellation);
}

/**
 * @internal The cancellation behind Node's `AbortError`. For a `SuppressedError` that consists only of cancellations,
 * the latest of them. Any other error is returned unchanged.
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

// A `SuppressedError` that contains any other error is not a cancellation.
function isOfCancellations(errors: SuppressedError): boolean {
  let error: unknown = errors;
  for (; error instanceof SuppressedError; error = error.suppressed) {
    if (!(unwrapCause(error.error) instanceof CancelledError)) return false;
  }
  return unwrapCause(error) instanceof CancelledError;
}

/** @internal Whether `error` is a cancellation with the same origin as `request`. */
export function isOfRequest(error: unknown, request: CancelledError): boolean {
  return cancellationOf(error)?.origin === request.origin;
}

/** @internal Whether `error` stops a stray: code that still runs although its scope has closed. */
export function isStrayError(error: unknown): boolean {
  const cancellation = cancellationOf(error);
  return cancellation !== undefined && (cancellation.isStray || cancellation.origin.isStray);
}

/**
 * A time limit ran out; `cause` is the cancellation that ended the code.
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
 * An object was used at a moment when that is not possible, such as reading the result of a task that still runs.
 *
 * @see https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.InvalidStateError
 */
export class InvalidStateError extends Error {
  override readonly name = "InvalidStateError";
}
shareClass(InvalidStateError, "InvalidStateError");

/** `getNowait()` found the queue empty. */
export class QueueEmpty extends Error {
  override readonly name = "QueueEmpty";
}
shareClass(QueueEmpty, "QueueEmpty");

/** `putNowait()` found the queue full. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
}
shareClass(QueueFull, "QueueFull");

/** The queue was shut down: no item can be put, and all items have been taken. */
export class QueueShutDown extends Error {
  override readonly name = "QueueShutDown";
}
shareClass(QueueShutDown, "QueueShutDown");

/** The barrier was reset or aborted before or while this task waited at it. */
export class BrokenBarrierError extends Error {
  override readonly name = "BrokenBarrierError";
}
shareClass(BrokenBarrierError, "BrokenBarrierError");

/**
 * A signal ended the program: Ctrl+C (SIGINT) or SIGTERM. If it is not caught, the process ends with exit code 130 or
 * 143 and without an error message.
 *
 * @see https://docs.python.org/3/library/asyncio-runner.html#handling-keyboard-interruption
 */
export class KeyboardInterrupt extends Error {
  override readonly name = "KeyboardInterrupt";
  /** The signal that was received. */
  readonly signal: "SIGINT" | "SIGTERM";

  constructor(signal: "SIGINT" | "SIGTERM", options?: ErrorOptions) {
    super(`Ended by ${signal}`, options);
    this.signal = signal;
  }
}
shareClass(KeyboardInterrupt, "KeyboardInterrupt");
