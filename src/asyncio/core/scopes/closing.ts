// Closing: how a scope ends, and what becomes of what does not stop.
//
//   open ── close() ─> closing ── waits, tasks and closers are over, or the grace is ─> closed
//
// A scope in which nothing waits and to which nothing belongs is closed at once. In another, what still waits is cancelled:
// code that a failed `Promise.all` or the loser of a `Promise.race` left over, which we call *stray*. Its tasks are
// cancelled, all of it is waited for, then what was opened in it is closed, the last first. What has not stopped when the
// grace is over is named, and left; a closed scope throws out every wait that begins in it.

import { CancelledError } from "../errors/errors.ts";
import { callExceptionHandler } from "../errors/exception-handler.ts";
import { clearPending, strayCancellation } from "./delivery.ts";
import { outside, platformTurn } from "../state/real-time.ts";
import { runtime } from "../state/runtime.ts";
import { dropSignal } from "./scope-signal.ts";
import { collectParks, isBusy, scopesIn, tasksOf } from "./scope-tree.ts";
import type { Closer, RareState, Scope } from "./scope.ts";
import { guardStrays } from "./stray-rejections.ts";
import { reportFailures } from "../tasks/unobserved-errors.ts";

const open = 0;
const closing = 1;
const closed = 2;

/** How long a closing scope waits for what does not stop, in milliseconds, before it names it and leaves it. */
export const closingGrace = 5_000;

/** @internal Ends `scope`: see `Scope.close()`. */
export function close(scope: Scope, failed: boolean = false, grace: number = closingGrace): Promise<void> | undefined {
  if (scope.state !== open) return undefined;
  if (isEmpty(scope)) return shut(scope, failed);
  return drain(scope, failed, grace);
}

function isEmpty({ parks, scopes, tasks, rare }: Scope): boolean {
  if (parks?.first !== undefined || scopes?.first !== undefined || tasks?.first !== undefined) return false;
  return rare?.closers === undefined || rare.closers.size === 0;
}

async function drain(scope: Scope, failed: boolean, grace: number): Promise<void> {
  scope.state = closing;
  clearPending(scope);
  const error = new CancelledError(`the ${scope.kind} it belonged to has ended`);
  error.isStray = true;
  const requestsBefore = runtime.requests;
  const parks = collectParks(scope);
  for (const park of parks) park.leave(error, failed);
  const hasStrays = cancelTasksWithin(scope, scope.cancelTasks(error.reason), requestsBefore) || parks.length > 0;
  const end = runtime.timers.now() + grace;
  if (hasStrays) await letStraysGo(scope, end);
  else if (isBusy(scope)) await quiet(scope, end);
  await runClosers(scope, end);
  reportStubborn(scope, grace);
  shut(scope, failed);
}

// The tasks that belong to scopes within it: stray code may have opened a group, and wait for something else than for its
// tasks. Those that were cancelled since `requestsBefore`, or by the end of their own scope, are not cancelled once more.
function cancelTasksWithin(scope: Scope, error: CancelledError, requestsBefore: number): boolean {
  if (scope.scopes?.first === undefined) return false;
  let found = false;
  const all = [...scopesIn(scope, false)];
  for (const each of all) {
    if (each === scope) continue;
    for (const task of tasksOf(each)) {
      found = true;
      if (each.state === open && task.scope.requestedAt <= requestsBefore) task.scope.cancelWith(error);
    }
  }
  return found;
}

// Stray code runs between two waits as well: it is over when a whole turn passed without one.
async function letStraysGo(scope: Scope, end: number): Promise<void> {
  guardStrays();
  await platformTurn();
  while (isBusy(scope) && runtime.timers.now() < end) {
    await quiet(scope, end);
    await platformTurn();
  }
}

/** @internal The scopes of a task that wait, while they close, until nothing is left in them. */
export interface Drains {
  readonly looks: Set<() => void>;
  isScheduled: boolean;
}

// Waits until nothing is left in the scope. Its last task tells; its waits, and the tasks of the scopes within it, are
// looked at once a turn, for there may be as many as the user likes, in scopes as deep.
function quiet(scope: Scope, end: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { rarely } = scope;
  const { looks } = (scope.root.rarely.drains ??= { looks: new Set(), isScheduled: false });
  const look = (): void => {
    if (!isBusy(scope)) resolve();
  };
  const timer = end === Infinity ? undefined : runtime.timers.add(end - runtime.timers.now(), resolve, undefined);
  rarely.onIdle = look;
  looks.add(look);
  return promise.then(() => {
    if (timer !== undefined) runtime.timers.remove(timer);
    rarely.onIdle = undefined;
    looks.delete(look);
  });
}

/** @internal A wait, a task or a scope within a closing scope has ended: it looks, before the next turn, whether others are left. */
export function lookSoon(drains: Drains): void {
  if (drains.isScheduled || drains.looks.size === 0) return;
  drains.isScheduled = true;
  outside(setImmediate, () => {
    drains.isScheduled = false;
    for (const look of drains.looks) look();
  });
}

async function runClosers(scope: Scope, end: number): Promise<void> {
  for (let batch = takeClosers(scope); batch.length > 0; batch = takeClosers(scope)) {
    for (const closer of batch) await runCloser(scope, closer, end);
  }
}

// The last one first.
function takeClosers({ rare }: Scope): Closer[] {
  const closers = [...(rare?.closers ?? [])];
  rare?.closers?.clear();
  return closers.toReversed();
}

async function runCloser(scope: Scope, closer: Closer, end: number): Promise<void> {
  const { promise: timeUp, resolve } = Promise.withResolvers<"late">();
  const ms = Math.max(end - runtime.timers.now(), 0);
  const timer = end === Infinity ? undefined : runtime.timers.add(ms, resolve, "late" as const);
  const closingIt = outside(call, scope, closer);
  if ((await Promise.race([closingIt, timeUp])) === "late") {
    callExceptionHandler({ message: `What was opened in a ${scope.kind} did not close in time, and was left` });
  }
  if (timer !== undefined) runtime.timers.remove(timer);
}

// Its error is reported even if it comes too late.
async function call(scope: Scope, closer: Closer): Promise<void> {
  try {
    await closer();
  } catch (error) {
    callExceptionHandler({ message: `Closing what was opened in a ${scope.kind} failed`, error });
  }
}

function reportStubborn(scope: Scope, grace: number): void {
  const all = [...scopesIn(scope)];
  for (const each of all) {
    for (const task of tasksOf(each)) {
      const message = `Task ${task.name} did not stop within ${grace} ms after it was cancelled, and was left running: ${task.waitsFor}`;
      callExceptionHandler({ message, task });
      each.removeTask(task);
    }
  }
}

// The scopes within it end with it, the innermost first; none of them takes anything new meanwhile.
function shut(scope: Scope, failed: boolean): undefined {
  if (scope.scopes?.first === undefined) {
    scope.state = closed;
    finish(scope, failed);
    return;
  }
  const all = [...scopesIn(scope)].filter((each) => each.state !== closed).toReversed();
  for (const each of all) each.state = closed;
  for (const each of all) finish(each, failed);
}

function finish(scope: Scope, failed: boolean): void {
  clearPending(scope);
  if (scope.requests > 0) scope.root.asked--;
  const { rare } = scope;
  if (rare !== undefined) {
    stopTimers(rare);
    dropSignal(scope);
  }
  for (let park = scope.parks?.first; park !== undefined; park = scope.parks?.first)
    park.leave(strayCancellation(), true);
  if (scope.root !== scope && scope.parent!.scopes!.remove(scope)) scopeLeft(scope.root);
  reportFailures(scope);
  runtime.instrument?.close?.(scope, failed);
  for (const listener of rare?.closeListeners ?? []) callCloseListener(listener);
}

function scopeLeft({ rare }: Scope): void {
  if (rare?.drains !== undefined) lookSoon(rare.drains);
}

function stopTimers(rare: RareState): void {
  for (const timer of [rare.redeliverTimer, rare.evictTimer]) if (timer !== undefined) runtime.timers.remove(timer);
  rare.evictTimer = undefined;
}

/** @internal Calls a listener to the end of a scope; what it throws is reported. */
export function callCloseListener(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    callExceptionHandler({ message: "A listener to the end of a scope failed", error });
  }
}
