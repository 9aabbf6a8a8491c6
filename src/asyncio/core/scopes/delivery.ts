// Delivery: how a request to stop a scope reaches the code in it.
//
// Down: a request interrupts every wait in the scope and in the scopes within it, and aborts their signals. A wait for a
// task passes the request on to that task, and so on, as deep as users chain tasks; so what is to be delivered lies on a
// stack, and `deliver` works it off: depth first, each scope once a request (an origin), without recursion.
//
//   cancel(a) ─> deliveries [a] ─ a's wait for task b ─> [a, b] ─ b's wait for task c ─> [a, b, c] ─ c's sleep ends
//
// Up: a request that met no wait is *pending*. A checkpoint looks at the scopes around it and throws what is pending in
// them. Both directions stop at the task's root scope, and at a masked scope (`within({ masked: true })`).
//
// What is taken by a checkpoint is thrown by every other one that begins in the same step (until the next microtask), as
// if all of them had been waiting already: `Promise.allSettled([nap(), nap()])` stops both.
//
// When has code *heard*? A wait that was interrupted has. Code that awaits something of the platform's, and gave it our
// signal, is thrown out by that: hearing.ts looks for the evidence.

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

/** How long code that does not go may wait between being thrown out and being thrown out again, in milliseconds. */
const evictInterval = 10;

// A request on its way into one scope. `next` counts the waits that were interrupted; -1 before the first.
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

/** @internal Brings `error` to everything that waits in `scope`; what it meets no wait for is kept as pending. */
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

// A task that waits for nothing, or a scope with one wait that ends by itself: that is most of all cancellations.
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
  // The waits that it passed the request on to come in the order in which it did.
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
    // Before the signal: what it throws out may be rejected within the abort.
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
      message: `Telling a wait for ${park.resource.kind} of a cancellation failed`,
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

/** @internal Has the last request delivered at the next checkpoint. */
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

// The scopes whose request was taken in this step.
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

/** @internal What is pending for code in `scope`, the outermost first; it is delivered by being taken. */
export function takePending(scope: Scope): CancelledError | undefined {
  if (!scope.mayThrow) return undefined;
  if (scope.state === closed) return evict(scope, strayCancellation());
  markHeardBySignal(scope);
  return takeAtEnd(scope);
}

/** @internal As `takePending`, where code ends: that it goes on in the turn of an abort does not say that it has heard. */
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

// Code in `scope` goes on in a turn in which it was thrown out by its signal.
function markHeardBySignal(scope: Scope): void {
  for (let s: Scope = scope; ; s = s.parent!) {
    if (s.pending !== none && hearing.hasHeard(s)) clearPending(s);
    if (s === s.root || s.masked) return;
  }
}

/** @internal What `takePending` would take. */
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

/** @internal Throws what is pending for code in `scope`. */
export function throwPending(scope: Scope): void {
  const error = takePending(scope);
  if (error !== undefined) throw error;
}

/** @internal Code in `scope` ends by `error`: a request of which that tells has been heard. */
export function markHeard(scope: Scope, error: unknown): void {
  if (scope.root.pendings === 0) return;
  for (let s: Scope = scope; ; s = s.parent!) {
    if (s.pending !== none && isOfRequest(error, s.error!)) clearPending(s);
    if (s === s.root || s.masked) return;
  }
}

/** @internal A wait in `scope` was told of `error`, and ended as if it had not been: the request is pending again. */
export function markUnheard(scope: Scope, error: CancelledError): void {
  for (let s: Scope = scope; ; s = s.parent!) {
    if (s.error !== undefined && isOfRequest(error, s.error)) markPending(s);
    if (s === s.root || s.masked) return;
  }
}

/** @internal What `error`, by which code in `scope` ends, was made of: the cancellation, if the platform made it of that. */
export function explain(scope: Scope, error: unknown): unknown {
  if (scope.root.pendings !== 0) hearing.explain();
  return unwrapAbort(error);
}

/** @internal Has the last request delivered again, after the time that the scope has for that. */
export function redeliverLater(scope: Scope): void {
  const { rare } = scope;
  if (rare === undefined || rare.redeliverAfter === Infinity || rare.redeliverTimer !== undefined) return;
  rare.redeliverTimer = runtime.timers.add(rare.redeliverAfter, redeliver, scope);
}

/** @internal Has the last request delivered again: to what waits now, and at the next checkpoint. */
export function redeliver(scope: Scope): void {
  scope.rarely.redelivers = true;
  if (scope.error === undefined) return markPending(scope);
  // A new request: what it reaches may have had the last.
  const { reason, requestedBy } = scope.error;
  scope.error = new CancelledError(reason, { requestedBy });
  deliver(scope, scope.error, true);
}

/**
 * @internal Cancels code that keeps waiting in a closed scope, or in one that delivers again, at most every 10 ms, so that
 * a catch-and-retry loop cannot starve I/O.
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

/** @internal What throws out code whose scope has ended. */
export function strayCancellation(): CancelledError {
  const error = new CancelledError("its scope has ended");
  error.isStray = true;
  guardStrays();
  return error;
}
