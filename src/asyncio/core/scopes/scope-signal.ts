// The signal that a scope hands out: an AbortSignal that tells when it is looked at after it was aborted.

import type { CancelledError } from "../errors/errors.ts";
import { hearing, isCalledByUser } from "./hearing.ts";
import type { Scope } from "./scope.ts";

/** @internal A signal, and the scope whose request it stands for. */
export interface SignalBox {
  readonly controller: AbortController;
  /** A signal that is kept must not keep what it was handed to. */
  scope: WeakRef<Scope> | undefined;
  /** The turn in which it was handed out, if it was aborted already. */
  bornIn: object | undefined;
}

/** How many of the signals that were aborted a scope keeps: more only pile up where code is asked again and again. */
const mostKept = 16;

const boxes: WeakMap<AbortSignal, SignalBox> = new WeakMap();

const platform = AbortSignal.prototype;

function isAborted(signal: AbortSignal): boolean {
  return Reflect.get(platform, "aborted", signal);
}

// `Object.create`: the platform lets nobody extend AbortSignal, but takes any object that is one.
const watchedSignal: AbortSignal = Object.create(platform, {
  aborted: { get: readAborted, configurable: true, enumerable: true },
  reason: { get: readReason, configurable: true, enumerable: true },
  throwIfAborted: { value: throwIfAborted, configurable: true, writable: true },
}) as AbortSignal;

// Node's own functions that look instead of listening throw where they have looked: that is how their callers hear. But
// what is handed an aborted signal looks at once, whether anything awaits it or not.
function readAborted(this: AbortSignal): boolean {
  const hasAborted = isAborted(this);
  if (hasAborted) {
    const box = boxes.get(this);
    if (box !== undefined && box.bornIn !== hearing.turn) noteLook(box, false);
  }
  return hasAborted;
}

// `if (signal.aborted) throw signal.reason` may be caught in the function that throws, so that no promise is rejected.
function readReason(this: AbortSignal): unknown {
  const box = boxes.get(this);
  if (box !== undefined && isAborted(this)) noteThrow(box);
  return Reflect.get(platform, "reason", this);
}

function throwIfAborted(this: AbortSignal): void {
  if (!isAborted(this)) return;
  const box = boxes.get(this);
  if (box !== undefined) noteLook(box, isCalledByUser());
  throw Reflect.get(platform, "reason", this) as Error;
}

// Code has looked at an aborted signal: if it ends by that, it goes on in this turn.
function noteLook({ scope }: SignalBox, isSure: boolean): void {
  for (const asked of pendingAround(scope?.deref())) hearing.noteLook(asked, isSure);
}

function noteThrow({ scope }: SignalBox): void {
  const asked = [...pendingAround(scope?.deref())].filter((each) => !each.isDelivering);
  if (asked.length === 0 || !isCalledByUser()) return;
  for (const each of asked) hearing.noteLook(each, true);
}

function* pendingAround(scope: Scope | undefined): Generator<Scope, void, undefined> {
  for (let s = scope; s !== undefined; s = s.parent) {
    if (s.pending !== 0) yield s;
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
  const box = makeSignal(scope);
  for (const asked of pendingAround(scope)) hearing.listen(asked);
  hearing.watchTime();
  box.bornIn = hearing.turn;
  box.controller.abort(pending);
  return box.controller.signal;
}

function makeSignal(scope: Scope): SignalBox {
  const controller = new AbortController();
  Object.setPrototypeOf(controller.signal, watchedSignal);
  const box: SignalBox = { controller, scope: new WeakRef(scope), bornIn: undefined };
  boxes.set(controller.signal, box);
  return box;
}

/** @internal Aborts the signal of `scope`, because `asked` was asked to stop. */
export function abortSignal(scope: Scope, asked: Scope, error: CancelledError): void {
  const box = scope.rare?.signal;
  if (box === undefined) return;
  dropSignal(scope);
  if (asked !== scope) box.scope = new WeakRef(asked);
  keepAborted(scope, box.controller.signal);
  box.controller.abort(error);
}

// A signal that `AbortSignal.any()` made of it, and that has no listener, asks when it is looked at, and on Node 24 holds
// it weakly: `readFile` would read on. Code holds its scope as long as it runs, and so what the scope keeps.
function keepAborted(scope: Scope, signal: AbortSignal): void {
  const kept = (scope.rarely.abortedSignals ??= []);
  if (kept.length === mostKept) kept.splice(0, 1);
  kept.push(signal);
}

/** @internal Lets go of the signal of a scope that has ended. */
export function dropSignal(scope: Scope): void {
  if (scope.rare?.signal === undefined) return;
  scope.rare.signal = undefined;
  scope.root.receivers--;
}
