import type { Scope } from "../core/index.ts";
import { DeliveredCancellations } from "./delivered-cancellations.ts";
import { type Detector, describeScope, report } from "./report.ts";

/**
 * @internal Reports code that was told to stop, and ended as if it had not been. What ends with an error is none of
 * these, nor is what took the request back by `uncancel()`.
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
