// The signal of a scope: an AbortSignal that notices when code reads it after it was aborted.

import type { CancelledError } from "../errors/errors.ts";
import { hearing, isCalledByUser } from "./hearing.ts";
import type { Scope } from "./scope.ts";

/** @internal A signal, and the scope with the request that it stands for. */
export interface SignalBox {
  readonly controller: AbortController;
  /** Weak, so that a signal which is kept does not keep its scope alive. */
  scope: WeakRef<Scope> | undefined;
  /** The turn in which the signal was handed out, if it was already aborted then. */
  bornIn: object | undefined;
}

/**
 * The maximum number of aborted signals that a scope keeps. There are more only if code is cancelled again and again.
 */
const mostKept = 16;

const boxes: WeakMap<AbortSignal, SignalBox> = new WeakMap();

const platform = AbortSignal.prototype;

function isAborted(signal: AbortSignal): boolean {
  return Reflect.get(platform, "aborted", signal);
}

// `Object.create` is used because AbortSignal cannot be subclassed. Node's functions accept any object that is an
// AbortSignal internally.
const watchedSignal: AbortSignal = Object.create(platform, {
  aborted: { get: readAborted, configurable: true, enumerable: true },
  reason: { get: readReason, configurable: true, enumerable: true },
  throwIfAborted: { value: throwIfAborted, configurable: true, writable: true },
}) as AbortSignal;

// Some of Node's functions read `aborted` instead of listening for the event, and throw directly after that: so a read
// means that their caller receives the cancellation. But a function that is given an already aborted signal reads it at
// once, even if no code awaits the function: that read does not count.
function readAborted(this: AbortSignal): boolean {
  const hasAborted = isAborted(this);
  if (hasAborted) {
    const box = boxes.get(this);
    if (box !== undefined && box.bornIn !== hearing.turn) noteLook(box, false);
  }
  return hasAborted;
}

// Reading `reason` counts as evidence too, because the error of `if (signal.aborted) throw signal.reason` may be caught
// in the same function, and then no promise is rejected.
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

// Records that code has read an aborted signal. If the code throws because of that, it continues in this turn.
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

/** @internal The signal that aborts with the next cancellation delivered in `scope`. */
export function signalOf(scope: Scope): AbortSignal {
  const { rarely } = scope;
  if (rarely.signal === undefined) {
    rarely.signal = makeSignal(scope);
    scope.root.receivers++;
  }
  return rarely.signal.controller.signal;
}

/** @internal A signal of `scope` that is already aborted with the pending cancellation. */
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

/** @internal Aborts the signal of `scope`, because `asked` was cancelled. */
export function abortSignal(scope: Scope, asked: Scope, error: CancelledError): void {
  const box = scope.rare?.signal;
  if (box === undefined) return;
  dropSignal(scope);
  if (asked !== scope) box.scope = new WeakRef(asked);
  keepAborted(scope, box.controller.signal);
  box.controller.abort(error);
}

// A signal that `AbortSignal.any()` derived from this one, and that has no listener, reads this one's state only when
// it is read itself. On Node 24 it holds this one weakly: if this one were garbage-collected, `readFile` would read on.
// Running code keeps its scope alive, and the scope keeps its last aborted signals.
function keepAborted(scope: Scope, signal: AbortSignal): void {
  const kept = (scope.rarely.abortedSignals ??= []);
  if (kept.length === mostKept) kept.splice(0, 1);
  kept.push(signal);
}

/** @internal Removes the signal of a scope, because it was aborted or the scope has ended. */
export function dropSignal(scope: Scope): void {
  if (scope.rare?.signal === undefined) return;
  scope.rare.signal = undefined;
  scope.root.receivers--;
}
