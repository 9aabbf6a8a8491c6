// The signal that a scope hands out: an AbortSignal that tells when it is looked at after it was aborted.

import type { CancelledError } from "./errors.ts";
import { noteLookFor } from "./hearing.ts";
import type { Scope } from "./scope.ts";

/** @internal A signal, and the scope whose request it stands for: until that was heard. */
export interface SignalBox {
  readonly controller: AbortController;
  scope: Scope | undefined;
}

const boxes: WeakMap<AbortSignal, SignalBox> = new WeakMap();

function isAborted(signal: AbortSignal): boolean {
  return Reflect.get(AbortSignal.prototype, "aborted", signal);
}

// `Object.create`: the platform lets nobody extend AbortSignal, but takes any object that is one.
const watchedSignal: AbortSignal = Object.create(AbortSignal.prototype, {
  aborted: { get: readAborted, configurable: true, enumerable: true },
  throwIfAborted: { value: throwIfAborted, configurable: true, writable: true },
}) as AbortSignal;

// Node's own functions that look instead of listening throw where they have looked: that is how their callers hear.
function readAborted(this: AbortSignal): boolean {
  const hasAborted = isAborted(this);
  if (hasAborted) looked(this);
  return hasAborted;
}

function throwIfAborted(this: AbortSignal): void {
  if (isAborted(this)) {
    looked(this);
    throw this.reason as Error;
  }
}

function looked(signal: AbortSignal): void {
  const scope = boxes.get(signal)?.scope;
  if (scope !== undefined) noteLook(scope);
}

// Code in `scope` has looked at an aborted signal: if it ends by that, it goes on in this turn.
function noteLook(scope: Scope): void {
  for (let s: Scope = scope; ; s = s.parent!) {
    if (s.pending !== 0) noteLookFor(s);
    if (s === s.root || s.masked) return;
  }
}

/** @internal The signal of the next cancellation that is delivered in `scope`. */
export function signalOf(scope: Scope): AbortSignal {
  const { rarely } = scope;
  if (rarely.signal === undefined) {
    rarely.signal = makeSignal(scope);
    scope.root.receivers++;
  }
  return rarely.signal.controller.signal;
}

/** @internal A signal of `scope` that is aborted already, by the cancellation that is pending in it. */
export function abortedSignal(scope: Scope, pending: CancelledError): AbortSignal {
  const { controller } = makeSignal(scope);
  controller.abort(pending);
  return controller.signal;
}

function makeSignal(scope: Scope): SignalBox {
  const controller = new AbortController();
  Object.setPrototypeOf(controller.signal, watchedSignal);
  const box = { controller, scope };
  boxes.set(controller.signal, box);
  return box;
}

/** @internal Aborts the signal of `scope`, because `asked` was asked to stop. */
export function abortSignal(scope: Scope, asked: Scope, error: CancelledError): void {
  const box = scope.rare?.signal;
  if (box === undefined) return;
  dropSignal(scope);
  box.scope = asked;
  box.controller.abort(error);
}

/** @internal Lets go of the signal of a scope that has ended. */
export function dropSignal(scope: Scope): void {
  const box = scope.rare?.signal;
  if (box === undefined) return;
  box.scope = scope.rare!.signal = undefined;
  scope.root.receivers--;
}
