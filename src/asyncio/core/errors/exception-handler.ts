import { util } from "../../../base/node.ts";
import { runtime } from "../state/runtime.ts";
import type { Awaitable } from "../tasks/awaitable.ts";
import type { Task } from "../tasks/task.ts";

/** The report that an exception handler receives. */
export interface ExceptionContext {
  /** What happened, in one sentence. */
  readonly message: string;
  /** The error, if there is one. */
  readonly error?: unknown;
  /** The task that failed or that the error occurred in. */
  readonly task?: Task<unknown>;
  /** The future that failed. */
  readonly future?: Awaitable<unknown>;
}

/** A function that receives errors which no other code will receive. */
export type ExceptionHandler = (context: ExceptionContext) => void;

/**
 * Sets the handler for errors that no code awaits, for tasks that do not stop, and for callbacks that throw. Without a
 * handler, they are printed on standard error.
 *
 * @param handler - `undefined` restores the default.
 * @returns The previous handler.
 * @throws {TypeError} If `handler` is neither a function nor `undefined`.
 * @example
 * const before = setExceptionHandler(({ message }) => console.log(message));
 * setExceptionHandler(before);
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.set_exception_handler
 */
export function setExceptionHandler(handler: ExceptionHandler | undefined): ExceptionHandler | undefined {
  if (handler !== undefined && typeof handler !== "function") {
    throw new TypeError(
      `Cannot set the exception handler as it must be a function or undefined: current value is ${String(handler)}`,
    );
  }
  const before = runtime.exceptionHandler as ExceptionHandler | undefined;
  runtime.exceptionHandler = handler;
  return before;
}

/**
 * Reports an error that no other code will receive. It never throws: if the handler fails, that failure is reported
 * too.
 *
 * @example
 * callExceptionHandler({ message: "The cache could not be written", error: new Error("disk full") });
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.call_exception_handler
 */
export function callExceptionHandler(context: ExceptionContext): void {
  const handler = (runtime.exceptionHandler as ExceptionHandler | undefined) ?? printException;
  const scope = context.task?.scope;
  try {
    const outcome: unknown = scope === undefined ? handler(context) : runtime.storage.run(scope, handler, context);
    if (outcome instanceof Promise) void outcome.catch((error: unknown) => handlerFailed(context, error));
  } catch (error) {
    handlerFailed(context, error);
  }
}

function handlerFailed(context: ExceptionContext, error: unknown): void {
  printException(context);
  printException({ message: "The exception handler failed", error });
}

function printException({ message, error, task }: ExceptionContext): void {
  const creation = task === undefined ? "" : (runtime.explain?.(task) ?? "");
  if (error === undefined) console.error(message + creation);
  else if (creation === "") console.error(`${message}:`, presentable(error));
  else console.error(`${message}:`, presentable(error), creation);
}

// An error may throw when it is formatted. It must be reported even then.
function presentable(error: unknown): unknown {
  try {
    util().inspect(error);
    return error;
  } catch (problem) {
    return `an error that cannot be shown, as showing it throws ${String(problem)}`;
  }
}
