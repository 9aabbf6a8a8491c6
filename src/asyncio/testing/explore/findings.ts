import { cancellationOf } from "../../core/index.ts";
import { injectedReason } from "./explored-schedule.ts";

/**
 * The kind of a failure:
 *
 * - `"error"`: the test threw, or an `atEnd` check did;
 * - `"invariant"`: an `always` check threw;
 * - `"unobserved"`: a task or promise failed and no code awaited it;
 * - `"hang"`: all tasks wait, and nothing can wake any of them;
 * - `"endless"`: the test did not end;
 * - `"leak"`: the test left a timer, a listener, an open handle or a task.
 */
export type ExploreFailureKind = "error" | "invariant" | "unobserved" | "hang" | "endless" | "leak";

/** @internal A failure of one run. */
export interface Finding {
  readonly kind: ExploreFailureKind;
  readonly error: unknown;
}

/** @internal Keeps the first failure of a run. */
export class Findings {
  first: Finding | undefined;

  /**
   * Records a failure. The effect of an injected cancellation on code that awaits the cancelled task is not a failure.
   */
  add(kind: ExploreFailureKind, error: unknown): void {
    if (!isInjected(error)) this.first ??= { kind, error };
  }
}

function isInjected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isInjected);
  const cancellation = cancellationOf(error);
  return cancellation?.reason === injectedReason || cancellation?.origin.reason === injectedReason;
}
