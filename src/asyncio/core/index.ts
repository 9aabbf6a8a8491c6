// The interface of the core for the other folders of asyncio: tasks, scopes, waits, and the state of the runtime. What
// users can import is listed in `asyncio/index.ts`.

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
} from "./errors/errors.ts";
export { ExceptionGroup } from "./errors/exception-group.ts";
export { callExceptionHandler, setExceptionHandler } from "./errors/exception-handler.ts";

// tasks and futures
export { Awaitable, type Watch, type Watcher } from "./tasks/awaitable.ts";
export {
  allTasks,
  createTask,
  currentTask,
  describeResource,
  Task,
  type TaskFunction,
  type TaskOptions,
} from "./tasks/task.ts";
export { type AwaitableInput, type OutputOf, requireInput, toAwaitable } from "./tasks/to-task.ts";

// scopes
export { absorbed, currentScope, makeCancellation, Scope } from "./scopes/scope.ts";
export { closingGrace } from "./scopes/closing.ts";
export { closeWithScope } from "./scopes/ownership.ts";
export { markPending, takePending, throwPending } from "./scopes/delivery.ts";
export { collectParks, countRequests, hasParks, scopesIn, tasksIn, tasksOf } from "./scopes/scope-tree.ts";
export { uncancellable } from "./scopes/uncancellable.ts";
export { runWithin, within, type WithinHooks } from "./scopes/within.ts";
export { type Context, copyContext } from "./state/context-var.ts";

// waiting
export { Park, park, type Resource } from "./waits/park.ts";
export { WaitQueue } from "./waits/wait-queue.ts";
export { ignoreCancel, waitAmong } from "./waits/wait-among.ts";
export { waitPromise } from "./waits/wait-promise.ts";
export { describeOrphan, type Orphan, orphans } from "./waits/orphans.ts";
export { checkpoint, sleep } from "./waits/sleep.ts";
export { countTurns, maybeYield, nextTurn } from "./state/turn.ts";

// which task waits for which
export { DeadlockWatch } from "./waits/deadlock.ts";
export { fullNameOf, jobOf, joinNames } from "./tasks/full-name.ts";
export { circlesOf, findStuckTasks, type StuckLink } from "./waits/stuck-tasks.ts";
export { awaitedIn, ownWaits, waitsIn, waitsOf } from "./waits/wait-graph.ts";

// the runtime
export { ambient, ambientExpression } from "./state/ambient.ts";
export { addInstrument, type Instrument } from "./state/instrument.ts";
export { outside, platformTurn } from "./state/real-time.ts";
export { runtime, type Schedule } from "./state/runtime.ts";
export { type Timer, type TimerDriver, TimerQueue } from "./state/timers.ts";
