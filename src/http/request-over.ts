import { cancellationOf, type CancelledError, currentTask } from "../asyncio/index.ts";
import { Disconnect } from "./errors.ts";

/**
 * The cancellation that an error stands for, if the current task was asked to stop; `undefined` otherwise. The platform's
 * own functions wrap it in an `AbortError`.
 */
export function ownCancellation(error: unknown): CancelledError | undefined {
  if ((currentTask()?.cancelling() ?? 0) === 0) return undefined;
  return cancellationOf(error);
}

/** Whether an error says that the request has ended, and not that something is wrong with its answer. */
export function isRequestOver(error: unknown): boolean {
  return error instanceof Disconnect || ownCancellation(error) !== undefined;
}
