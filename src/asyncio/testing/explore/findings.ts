import { cancellationOf } from "../../core/index.ts";
import { injectedReason } from "./explored-schedule.ts";

/**
 * How a test failed:
 *
 * - `"error"`: it threw, or a check of its end did;
 * - `"invariant"`: what must always hold did not;
 * - `"unobserved"`: something failed and nothing awaited it;
 * - `"hang"`: every task waits, and nothing can wake any of them;
 * - `"endless"`: it went on and on;
 * - `"leak"`: a timer, a listener, an open handle or a task was left.
 */
export type ExploreFailureKind = "error" | "invariant" | "unobserved" | "hang" | "endless" | "leak";

/** @internal A failure of one run. */
export interface Finding {
  readonly kind: ExploreFailureKind;
  readonly error: unknown;
}

/** @internal Keeps the first thing that goes wrong in a run. */
export class Findings {
  first: Finding | undefined;

  /** Notes a failure. What an injected cancellation does to the code that awaits its victim is not one. */
  add(kind: ExploreFailureKind, error: unknown): void {
    if (!isInjected(error)) this.first ??= { kind, error };
  }
}

function isInjected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isInjected);
  const cancellation = cancellationOf(error);
  return cancellation?.reason === injectedReason || cancellation?.origin.reason === injectedReason;
}
