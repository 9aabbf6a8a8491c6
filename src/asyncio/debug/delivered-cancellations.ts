import {
  Awaitable,
  type CancelledError,
  type Instrument,
  cancellationOf,
  isOfRequest,
  type Park,
  type Scope,
} from "../core/index.ts";
import { describeWait, lastWait } from "./wait-stacks.ts";

/**
 * @internal Records which cancellation requests have reached their code, and where: a `CancelledError` was thrown at
 * one of the code's waits.
 */
export class DeliveredCancellations {
  readonly #places: WeakMap<Scope, string> = new WeakMap();

  readonly instrument: Instrument = {
    wake: (park, error) => this.#ended(park, error),
    refuse: (scope) => this.#refused(scope),
  };

  /**
   * The place where the request to cancel `scope` was delivered; `undefined` if it was not delivered, or was taken
   * back.
   */
  placeOf(scope: Scope): string | undefined {
    return scope.requests === 0 ? undefined : this.#places.get(scope);
  }

  #ended(park: Park, error: unknown): void {
    const told = cancellationThrown(park, error);
    if (told === undefined) return;
    for (let scope: Scope = park.scope; ; scope = scope.parent!) {
      // Only the scope's last request counts: an older or newer one is not the one delivered here.
      if (scope.requests > 0 && isOfRequest(told, scope.error!)) this.#places.set(scope, describeWait(park));
      if (scope === scope.root) return;
    }
  }

  #refused(scope: Scope): void {
    const last = scope.task === undefined ? undefined : lastWait(scope.task);
    this.#places.set(scope, last === undefined ? "its first wait" : `the wait after ${describeWait(last)}`);
  }
}

// If code awaits a task that was cancelled by the same request, its wait ends normally, and the task's promise throws
// the cancellation.
function cancellationThrown({ resource }: Park, error: unknown): CancelledError | undefined {
  const cancellation = cancellationOf(error);
  if (cancellation !== undefined) return cancellation.isStray ? undefined : cancellation;
  return resource instanceof Awaitable && resource.cancelled() ? cancellationOf(resource.outcome) : undefined;
}
