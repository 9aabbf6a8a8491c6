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

import { show } from "../../base/options.ts";

const cancelledBrand: unique symbol = Symbol.for("pottle.CancelledError") as never;

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
  #leftBehind = false;

  constructor(reason?: unknown, options: CancelledErrorOptions = {}) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0; // a stack here costs microseconds and shows the scheduler only
    super(describeReason(reason), options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = limit;
    this.reason = reason;
    this.requestedBy = options.requestedBy;
  }

  /** @internal Whether the flow that it stops was left behind by its scope, so that nobody may be there to catch it. */
  get leftBehind(): boolean {
    return this.#leftBehind;
  }

  set leftBehind(leftBehind: boolean) {
    this.#leftBehind = leftBehind;
  }
}
Object.defineProperty(CancelledError.prototype, cancelledBrand, { value: true });

function describeReason(reason: unknown): string {
  if (reason === undefined) return "cancelled";
  if (reason instanceof Error) return reason.message;
  return typeof reason === "string" ? reason : show(reason);
}

/**
 * Whether `error` is a cancellation: a {@link CancelledError}, also one from another copy of this package, or the
 * `AbortError` that Node's own functions make of one when they were given `currentSignal()`; its `cause` is the
 * {@link CancelledError} then, which is also what leaves the task or time limit around it.
 *
 * @example
 * try {
 *   await sleep(10);
 * } catch (error) {
 *   if (isCancelled(error)) throw error; // never keep a cancellation
 * }
 */
export function isCancelled(error: unknown): error is CancelledError {
  return hasBrand(unwrapAbort(error));
}

function hasBrand(error: unknown): error is CancelledError {
  return typeof error === "object" && error !== null && cancelledBrand in error;
}

/** @internal The cancellation that an `AbortError` of the platform was made of; any other error as it is. */
export function unwrapAbort(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== "AbortError") return error;
  return hasBrand(error.cause) ? error.cause : error;
}

/** @internal Whether `origin` is `error`, or what led to it. */
export function hasCause(error: unknown, origin: CancelledError): boolean {
  for (let e = unwrapAbort(error); hasBrand(e); e = e.cause) if (e === origin) return true;
  return false;
}

/** @internal Whether a flow that its scope left behind is what `error` stopped. */
export function isOfLeftFlow(error: unknown): boolean {
  for (let e = unwrapAbort(error); hasBrand(e); e = e.cause) if (e.leftBehind) return true;
  return false;
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

/**
 * Says that something was used at a moment when it cannot be, as reading the result of a task that still runs.
 *
 * @see https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.InvalidStateError
 */
export class InvalidStateError extends Error {
  override readonly name = "InvalidStateError";
}

/** Says that `getNowait()` found nothing in the queue. */
export class QueueEmpty extends Error {
  override readonly name = "QueueEmpty";
}

/** Says that `putNowait()` found no room in the queue. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
}

/** Says that the queue was shut down: nothing can be put, and what was in it has been taken. */
export class QueueShutDown extends Error {
  override readonly name = "QueueShutDown";
}

/** Says that the barrier was reset or aborted while this task waited at it, or before it came. */
export class BrokenBarrierError extends Error {
  override readonly name = "BrokenBarrierError";
}

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
