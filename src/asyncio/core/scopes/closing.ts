// Closing: how a scope ends, and what happens to code that does not stop.
//
//   open ── close() ─> closing ── waits, tasks and closers have ended, or the grace period has ─> closed
//
// A scope without waits, tasks and open resources is closed at once. Otherwise closing takes several steps. First, the
// remaining waits are cancelled. They belong to *stray* code: code that nothing awaits any more, such as the rest of a
// failed `Promise.all` or the loser of a `Promise.race`. The scope's tasks are cancelled too. Then the scope waits for
// all of them. Then the resources that were opened in it are closed, the last one first. A task that has not stopped
// when the grace period is over is reported, and left running. In a closed scope, every new wait is cancelled.

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

/**
 * How long a closing scope waits for code that does not stop, in milliseconds. After that it reports the code and
 * leaves it running.
 */
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

// Cancels the tasks that belong to inner scopes, because stray code may have opened a group and wait for something
// other than the group's tasks. Tasks that were cancelled after `requestsBefore`, or by the end of their own scope, are
// not cancelled again. Returns whether inner scopes have tasks.
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

// Stray code also runs between two waits, when no wait shows it. So it counts as ended only after a whole turn without
// a wait.
async function letStraysGo(scope: Scope, end: number): Promise<void> {
  guardStrays();
  await platformTurn();
  while (isBusy(scope) && runtime.timers.now() < end) {
    await quiet(scope, end);
    await platformTurn();
  }
}

/** @internal The closing scopes of a task that still wait until nothing is left in them. */
export interface Drains {
  readonly looks: Set<() => void>;
  isScheduled: boolean;
}

// Waits until nothing is left in the scope. The end of its last task triggers a check at once. Its waits, and the tasks
// of the scopes within it, are checked only once a turn, because there may be very many, in deeply nested scopes.
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

/**
 * @internal Called when a wait, a task or a scope within a closing scope has ended. Schedules a check, before the next
 * turn, whether others are left.
 */
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

// The closer that was added last comes first.
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

// An error of the closer is reported even if it comes after the time limit.
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

// Closes the scope and the scopes within it, the innermost first. All are marked as closed before the first one is
// finished, so that no new wait or task can enter any of them meanwhile.
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

/** @internal Calls a listener for the end of a scope; an error that it throws is reported. */
export function callCloseListener(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    callExceptionHandler({ message: "A listener to the end of a scope failed", error });
  }
}
