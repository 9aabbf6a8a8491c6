import type { Scope } from "../core/index.ts";
import { DeliveredCancellations } from "./delivered-cancellations.ts";
import { type Detector, describeScope, report } from "./report.ts";

/**
 * @internal Reports code that received a cancellation but ended normally. Code that ended with an error, or that took
 * the request back with `uncancel()`, is not reported.
 */
export function detectSwallowedCancellations(): Detector {
  const delivered = new DeliveredCancellations();
  const close = (scope: Scope, failed: boolean): void => {
    const place = failed ? undefined : delivered.placeOf(scope);
    if (place !== undefined) report(scope, describeSwallowed(scope, place));
  };
  return { instrument: { ...delivered.instrument, close } };
}

function describeSwallowed(scope: Scope, place: string): string {
  return (
    `${describeScope(scope)} swallowed a cancellation: it was asked to stop (${scope.error!.message}), ` +
    `was told so at ${place}, and ended as if nothing had happened. ` +
    "Throw a CancelledError that you catch again, or call uncancel() on the task"
  );
}
