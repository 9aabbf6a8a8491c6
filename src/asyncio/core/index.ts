// The core, as its siblings see it: tasks, scopes, waits, and the state of the one runtime. What users see of it is listed
// in the floor's own face, `asyncio/index.ts`.

// errors and reports
export {
  BrokenBarrierError,
  CancelledError,
  cancellationOf,
  InvalidStateError,
  isCancelled,
  isOfRequest,
  isStrayError,
  KeyboardInterrupt,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  TimeoutError,
} from "./errors.ts";
export { ExceptionGroup } from "./exception-group.ts";
export { callExceptionHandler, setExceptionHandler } from "./exception-handler.ts";

// tasks and futures
export { Awaitable, type Watch, type Watcher } from "./awaitable.ts";
export {
  allTasks,
  createTask,
  currentTask,
  describeResource,
  Task,
  type TaskFunction,
  type TaskOptions,
} from "./task.ts";
export { type AwaitableInput, type OutputOf, requireInput, toAwaitable } from "./to-task.ts";

// scopes
export { absorbed, type Closer, currentScope, makeCancellation, Scope, type ScopeOptions } from "./scope.ts";
export { closingGrace } from "./closing.ts";
export { closeWithScope, openIn } from "./ownership.ts";
export { markPending, takePending, throwPending } from "./delivery.ts";
export { collectParks, countRequests, hasParks, isBusy, scopesIn, tasksIn, tasksOf } from "./scope-tree.ts";
export { uncancellable } from "./uncancellable.ts";
export { runWithin, within, type WithinHooks } from "./within.ts";
export { type Context, copyContext } from "./context-var.ts";

// waiting
export { type OnCancel, Park, park, type ParkOptions, type Resource } from "./park.ts";
export { WaitQueue, type WaitQueueOptions } from "./wait-queue.ts";
export { ignoreCancel, waitAmong } from "./wait-among.ts";
export { waitPromise } from "./wait-promise.ts";
export { describeOrphan, type Orphan, orphans } from "./orphans.ts";
export { checkpoint, sleep } from "./sleep.ts";
export { countTurns, maybeYield, nextTurn } from "./turn.ts";

// who waits for whom
export { DeadlockWatch } from "./deadlock.ts";
export { fullNameOf, jobOf, joinNames } from "./full-name.ts";
export { circlesOf, findStuckTasks, type StuckLink } from "./stuck-tasks.ts";
export { awaitedIn, ownWaits, waitsIn, waitsOf } from "./wait-graph.ts";

// the runtime
export { ambient, ambientExpression } from "./ambient.ts";
export { addInstrument, type Instrument } from "./instrument.ts";
export { outside, platformTurn } from "./real-time.ts";
export { runtime, type Schedule } from "./runtime.ts";
export { type Timer, type TimerDriver, TimerQueue } from "./timers.ts";
