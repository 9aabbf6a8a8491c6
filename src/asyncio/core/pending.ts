// The other half of a cancellation: a request that met no wait is kept as pending, and thrown by the next wait.

import { CancelledError, isCancelled } from "./errors.ts";
import { guardLeftFlows } from "./left-flows.ts";
import { runtime } from "./runtime.ts";
import type { Scope } from "./scope.ts";

/** @internal A cancellation asked for by the code that calls this. */
export function makeCancellation(reason: unknown, cause?: CancelledError): CancelledError {
  return new CancelledError(reason, { cause, requestedBy: runtime.storage.getStore()?.task?.name });
}

/** @internal What is pending for a flow in `scope`, the outermost first; it is delivered by being taken. */
export function takePending(scope: Scope): CancelledError | undefined {
  if (!scope.isTroubled) return undefined;
  if (scope.isClosed) return scope.expel(leftBehind());
  let found: CancelledError | undefined;
  for (let s: Scope = scope; ; s = s.parent!) {
    if (s.pending) {
      runtime.instrument?.refuse?.(s, s.error!);
      s.clearPending();
      found = s.isInsisting ? (s.expel(s.error!) ?? found) : s.error;
    }
    if (s === s.root || s.masked) return found;
  }
}

/** @internal What `takePending` would take. */
export function peekPending(scope: Scope): CancelledError | undefined {
  if (!scope.isTroubled) return undefined;
  if (scope.isClosed) return leftBehind();
  let found: CancelledError | undefined;
  for (let s: Scope = scope; ; s = s.parent!) {
    if (s.pending) found = s.error;
    if (s === s.root || s.masked) return found;
  }
}

/**
 * @internal What leaves `scope`, which could not absorb `error` because an outer scope was asked to stop as well: the
 * outer one's cancellation, so that it is not delivered a second time.
 */
export function passOn(scope: Scope, error: unknown): unknown {
  if (scope.requests === 0 || scope.parent === undefined || !isCancelled(error)) return error;
  return takePending(scope.parent) ?? error;
}

/** @internal Throws what is pending for a flow in `scope`. */
export function throwPending(scope: Scope): void {
  const error = takePending(scope);
  if (error !== undefined) throw error;
}

/** @internal What throws out a flow whose scope has ended. */
export function leftBehind(): CancelledError {
  const error = new CancelledError("its scope has ended");
  error.leftBehind = true;
  guardLeftFlows();
  return error;
}
