// Delivery: how a request to cancel a scope reaches the code in it.
//
// Down: a request interrupts every wait in the scope and in the scopes within it, and aborts their signals. A wait for
// a task passes the request on to that task, and so on, to any depth. So deliveries are put on a stack, and `deliver`
// processes the stack depth first, without recursion. One request (one origin) reaches each scope only once.
//
//   cancel(a) ─> deliveries [a] ─ a's wait for task b ─> [a, b] ─ b's wait for task c ─> [a, b, c] ─ c's sleep ends
//
// Up: a request that found no wait is *pending*. A checkpoint looks for pending requests in the scopes around it, and
// throws. Both directions stop at the task's root scope, and at a masked scope (`within({ masked: true })`).
//
// A request that a checkpoint throws is also thrown by all other checkpoints that begin in the same step (until the
// next microtask), as if all of them had already been waiting: `Promise.allSettled([nap(), nap()])` stops both.
//
// A request is *heard* when the code has received it as an exception. That is certain if a wait was interrupted. Code
// that awaits a function of Node or of a library, and gave it our signal, gets the exception from that function:
// hearing.ts looks for evidence of that.

import { ambient } from "../state/ambient.ts";
import { CancelledError, isOfRequest, unwrapAbort } from "../errors/errors.ts";
import { callExceptionHandler } from "../errors/exception-handler.ts";
import type { Park } from "../waits/park.ts";
import { runtime } from "../state/runtime.ts";
import type { Scope } from "./scope.ts";
import { abortSignal } from "./scope-signal.ts";
import { collectParks, scopesIn } from "./scope-tree.ts";
import { guardStrays } from "./stray-rejections.ts";
import { hearing } from "./hearing.ts";

const none = 0;
const waiting = 1;
const taken = 2;
const closed = 2;

/** The minimum interval between two cancellations of code that does not stop, in milliseconds. */
const evictInterval = 10;

// The delivery of a request to one scope. `next` is the number of waits interrupted so far; -1 before the delivery
// begins.
interface Delivery {
  readonly scope: Scope;
  readonly error: CancelledError;
  readonly keepsPending: boolean;
  wasSignalled: boolean;
  parks: Park[];
  next: number;
  heard: boolean;
}

const work = ambient("deliveries", () => ({ deliveries: [] as Delivery[], isAtWork: false }));
const { deliveries } = work;

/** @internal Delivers `error` to all waits in `scope`. If there is none, the request becomes pending. */
export function deliver(scope: Scope, error: CancelledError, keepsPending: boolean = false): void {
  if (deliverToSimpleWait(scope, error, keepsPending)) return;
  deliveries.push({ scope, error, keepsPending, wasSignalled: false, parks: [], next: -1, heard: false });
  if (work.isAtWork) return;
  work.isAtWork = true;
  try {
    for (let last = deliveries.at(-1); last !== undefined; last = deliveries.at(-1)) advance(last);
  } finally {
    work.isAtWork = false;
  }
}

// The fast path for most cancellations: a task without waits, or a scope with only one wait, which needs no `onCancel`.
function deliverToSimpleWait(scope: Scope, error: CancelledError, keepsPending: boolean): boolean {
  const park = scope.parks?.first;
  if (scope.root.receivers === 0) markPending(scope);
  else if (scope.scopes?.first !== undefined || scope.rare?.signal !== undefined || keepsPending) return false;
  else if (park === undefined) markPending(scope);
  else if (park.next !== undefined || !park.isSimple) return false;
  else park.interrupt(error);
  return true;
}

function advance(delivery: Delivery): void {
  if (delivery.next === -1) return begin(delivery);
  const park = delivery.parks[delivery.next++];
  if (park === undefined) return finish(delivery);
  const height = deliveries.length;
  delivery.heard = interrupt(park, delivery.error) || delivery.heard;
  // The interrupted wait may have passed the request on to several tasks. Reversed on the stack, these are processed in
  // the order in which they were added.
  for (let i = height, j = deliveries.length - 1; i < j; i++, j--) {
    [deliveries[i], deliveries[j]] = [deliveries[j]!, deliveries[i]!];
  }
}

function begin(delivery: Delivery): void {
  const { scope, error } = delivery;
  delivery.next = 0;
  if (scope.state === closed) return void deliveries.pop();
  scope.isDelivering = true;
  for (const each of scopesIn(scope, false)) {
    if (each.rare?.signal === undefined) continue;
    // This must come before the abort, because promises may be rejected during the abort.
    if (!delivery.wasSignalled) hearing.listen(scope);
    delivery.wasSignalled = true;
    abortSignal(each, scope, error);
  }
  delivery.parks = collectParks(scope);
}

function interrupt(park: Park, error: CancelledError): boolean {
  try {
    return park.interrupt(error);
  } catch (problem) {
    callExceptionHandler({
      message: `Cancelling a wait for ${park.resource.kind} failed`,
      error: problem,
    });
    return park.fail(error);
  }
}

function finish({ scope, keepsPending, wasSignalled, heard }: Delivery): void {
  scope.isDelivering = false;
  deliveries.pop();
  if (!heard || keepsPending) markPending(scope);
  if (!wasSignalled) return;
  if (scope.pending === none) hearing.forget(scope);
  else hearing.watchTime();
}

/** @internal Makes the last request pending: the next checkpoint throws it. */
export function markPending(scope: Scope): void {
  if (scope.state === closed) return;
  if (scope.pending === none) scope.root.pendings++;
  scope.pending = waiting;
}

/** @internal */
export function clearPending(scope: Scope): void {
  if (scope.pending === none) return;
  scope.pending = none;
  scope.root.pendings--;
  hearing.forget(scope);
}

hearing.onHeard = clearPending;

// The scopes with a request that a checkpoint has thrown in this step.
let takenNow: Scope[] = [];

function take(scope: Scope): void {
  if (scope.pending === taken) return;
  runtime.instrument?.refuse?.(scope, scope.error!);
  scope.pending = taken;
  if (takenNow.push(scope) === 1) queueMicrotask(endStep);
}

function endStep(): void {
  const scopes = takenNow;
  takenNow = [];
  for (const scope of scopes) if (scope.pending === taken) clearPending(scope);
}

/**
 * @internal Returns the pending cancellation for code in `scope`, that of the outermost scope if there are several. The
 * caller must throw it, since it counts as delivered.
 */
export function takePending(scope: Scope): CancelledError | undefined {
  if (!scope.mayThrow) return undefined;
  if (scope.state === closed) return evict(scope, strayCancellation());
  markHeardBySignal(scope);
  return takeAtEnd(scope);
}

/**
 * @internal Like `takePending`, for code that ends: its end in the turn of an abort is not evidence that it has heard
 * the request.
 */
export function takeAtEnd(scope: Scope): CancelledError | undefined {
  if (!scope.mayThrow) return undefined;
  let found: CancelledError | undefined;
  for (let s: Scope = scope; ; s = s.parent!) {
    if (s.pending !== none) found = takeFrom(s) ?? found;
    if (s === s.root || s.masked) return found;
  }
}

function takeFrom(scope: Scope): CancelledError | undefined {
  const { rare, error } = scope;
  const isFirst = scope.pending === waiting;
  take(scope);
  return rare?.redelivers === true && isFirst ? evict(scope, error!) : error;
}

// Clears pending requests that code in `scope` has heard through its signal, according to the evidence of this turn.
function markHeardBySignal(scope: Scope): void {
  for (let s: Scope = scope; ; s = s.parent!) {
    if (s.pending !== none && hearing.hasHeard(s)) clearPending(s);
    if (s === s.root || s.masked) return;
  }
}

/** @internal The cancellation that `takePending` would return. */
export function peekPending(scope: Scope): CancelledError | undefined {
  if (!scope.mayThrow) return undefined;
  if (scope.state === closed) return strayCancellation();
  markHeardBySignal(scope);
  let found: CancelledError | undefined;
  for (let s: Scope = scope; ; s = s.parent!) {
    if (s.pending !== none) found = s.error;
    if (s === s.root || s.masked) return found;
  }
}

/** @internal Throws the pending cancellation for code in `scope`, if there is one. */
export function throwPending(scope: Scope): void {
  const error = takePending(scope);
  if (error !== undefined) throw error;
}

/**
 * @internal Called when code in `scope` ends with `error`. If `error` is the cancellation of a pending request, that
 * request has been heard.
 */
export function markHeard(scope: Scope, error: unknown): void {
  if (scope.root.pendings === 0) return;
  for (let s: Scope = scope; ; s = s.parent!) {
    if (s.pending !== none && isOfRequest(error, s.error!)) clearPending(s);
    if (s === s.root || s.masked) return;
  }
}

/**
 * @internal Makes the request of `error` pending again, because a wait in `scope` was cancelled by it but ended in
 * another way.
 */
export function markUnheard(scope: Scope, error: CancelledError): void {
  for (let s: Scope = scope; ; s = s.parent!) {
    if (s.error !== undefined && isOfRequest(error, s.error)) markPending(s);
    if (s === s.root || s.masked) return;
  }
}

/**
 * @internal The cancellation that Node made `error` from, or else `error` itself. Code in `scope` ends with `error`.
 */
export function explain(scope: Scope, error: unknown): unknown {
  if (scope.root.pendings !== 0) hearing.explain();
  return unwrapAbort(error);
}

/** @internal Schedules another delivery of the last request, after `redeliverAfter` of the scope. */
export function redeliverLater(scope: Scope): void {
  const { rare } = scope;
  if (rare === undefined || rare.redeliverAfter === Infinity || rare.redeliverTimer !== undefined) return;
  rare.redeliverTimer = runtime.timers.add(rare.redeliverAfter, redeliver, scope);
}

/** @internal Delivers the last request again: to the current waits, and at the next checkpoint. */
export function redeliver(scope: Scope): void {
  scope.rarely.redelivers = true;
  if (scope.error === undefined) return markPending(scope);
  // A new error, because scopes ignore a request that has already reached them.
  const { reason, requestedBy } = scope.error;
  scope.error = new CancelledError(reason, { requestedBy });
  deliver(scope, scope.error, true);
}

/**
 * @internal Cancels code that keeps waiting in a closed scope, or in a scope that redelivers. This happens at most
 * every 10 ms, so that a catch-and-retry loop cannot starve I/O.
 */
export function evict(scope: Scope, error: CancelledError): CancelledError | undefined {
  const { rarely } = scope;
  if (rarely.evictTimer !== undefined) return undefined;
  rarely.evictTimer = runtime.timers.add(evictInterval, evictAgain, scope);
  return error;
}

function evictAgain(scope: Scope): void {
  scope.rarely.evictTimer = undefined;
  if (scope.state !== closed) redeliver(scope);
  else for (const park of collectParks(scope)) park.leave(strayCancellation(), true);
}

/** @internal Makes the cancellation for code that still waits in a closed scope. */
export function strayCancellation(): CancelledError {
  const error = new CancelledError("its scope has ended");
  error.isStray = true;
  guardStrays();
  return error;
}
