export { Awaitable, type Watcher } from "./awaitable.ts";
export { type Context, copyContext } from "./context-var.ts";
export {
  BrokenBarrierError,
  type CancelledError,
  InvalidStateError,
  KeyboardInterrupt,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  TimeoutError,
  isCancelled,
} from "./errors.ts";
export { ExceptionGroup } from "./exception-group.ts";
export { callExceptionHandler } from "./exception-handler.ts";
export { type Instrument, addInstrument } from "./instrument.ts";
export { Park, type Resource, park } from "./park.ts";
export { passOn, takePending, throwPending } from "./pending.ts";
export { outside, platformTurn } from "./real-time.ts";
export { type Schedule, runtime } from "./runtime.ts";
export { Scope, closingGrace, currentScope } from "./scope.ts";
export { collectParks, countRequests, tasksOf } from "./scope-tree.ts";
export {
  Task,
  type TaskFunction,
  type TaskOptions,
  allTasks,
  createTask,
  currentTask,
  describeResource,
} from "./task.ts";
export { type Timer, type TimerDriver, TimerQueue } from "./timers.ts";
export { type AwaitableInput, type OutputOf, requireInput, toAwaitable } from "./to-task.ts";
export { breather, countTurns, nextTurn } from "./turn.ts";
export { isNotHeard, waitAmong } from "./wait-among.ts";
export { type Orphan, orphans, waitPromise } from "./wait-promise.ts";
export { Waiters, waitInLine } from "./waiters.ts";
