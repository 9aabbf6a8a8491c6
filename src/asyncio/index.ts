/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// errors
export {
  BrokenBarrierError,
  CancelledError,
  type CancelledErrorOptions,
  InvalidStateError,
  isCancelled,
  KeyboardInterrupt,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  TimeoutError,
} from "./errors.ts";
export { type ErrorClass, type ErrorMatch, ExceptionGroup } from "./exception-group.ts";
export {
  callExceptionHandler,
  type ExceptionContext,
  type ExceptionHandler,
  setExceptionHandler,
} from "./exception-handler.ts";

// running a program
export { type RunOptions, run, Runner } from "./runner.ts";
export type { EventLoop } from "./event-loop.ts";
export { getEventLoop, newEventLoop } from "./new-event-loop.ts";

// tasks
export { Awaitable, type DoneCallback } from "./awaitable.ts";
export { Future } from "./future.ts";
export { allTasks, createTask, currentTask, Task, type TaskFunction, type TaskOptions } from "./task.ts";
export { currentScope, currentSignal, Scope, type ScopeOptions } from "./scope.ts";
export { bind, Context, ContextVar, copyContext, type Token } from "./context-var.ts";

// several at once
export { type Gathered, type GatheredOrError, gather, type GatherOptions } from "./gather.ts";
export { TaskGroup, type TaskGroupStatistics, taskGroup } from "./task-group.ts";
export { type ReturnWhen, wait, type WaitOptions } from "./wait.ts";
export { AsCompleted, asCompleted, type AsCompletedOptions, type DoneTask } from "./as-completed.ts";
export { race } from "./race.ts";
export type { AwaitableInput, OutputOf } from "./to-task.ts";

// limits and shelter
export { moveOnAfter, timeout, timeoutAt, type TimeLimit } from "./timeout.ts";
export { waitFor } from "./wait-for.ts";
export { shield } from "./shield.ts";
export { uncancellable } from "./uncancellable.ts";

// waiting
export { checkpoint, sleep } from "./sleep.ts";
export { waitPromise, type WaitPromiseOptions } from "./wait-promise.ts";
export { toThread } from "./to-thread.ts";
export { type CancelPark, Park, park, type Resource } from "./park.ts";
export { outside } from "./real-time.ts";
export { ScopeTimer } from "./scope-timer.ts";

// queues
export { LifoQueue, PriorityQueue, type PriorityQueueOptions, Queue, type QueueStatistics } from "./queue.ts";

// synchronisation
export { Lock, type LockStatistics, type NameOptions } from "./lock.ts";
export { Event } from "./event.ts";
export { Condition, type ConditionOptions } from "./condition.ts";
export { BoundedSemaphore, Semaphore, type SemaphoreStatistics } from "./semaphore.ts";
export { CapacityLimiter, type CapacityLimiterStatistics } from "./capacity-limiter.ts";
export { Barrier, type BarrierStatistics } from "./barrier.ts";

// context managers
export { asyncContextManager, type AsyncContextManager, type Entered } from "./async-context-manager.ts";
export { AsyncExitStack, type ExitFunction } from "./async-exit-stack.ts";
export { type Aclosing, aclosing } from "./aclosing.ts";

// iterators
export { type ItemOf, merge } from "./merge.ts";
export { buffer } from "./buffer.ts";
export { chunk, type ChunkOptions } from "./chunk.ts";
export { take } from "./take.ts";

// watching
export { addInstrument, type Instrument } from "./instrument.ts";
export {
  type CallGraph,
  type CallGraphOptions,
  type CallGraphWait,
  captureCallGraph,
  formatCallGraph,
  printCallGraph,
} from "./call-graph.ts";
export {
  creationStack,
  type DeadlockLink,
  type DebugOptions,
  enableDebug,
  findAwaitCycles,
  type FoldedTasks,
  formatAwaitTree,
  formatTaskTable,
  formatTaskTree,
  type ProcessView,
  type ProcessViewOptions,
  publishView,
  type ScopeNode,
  type ScopeView,
  snapshotTasks,
  type TaskNode,
  type TaskReference,
  type TaskRow,
  type TaskSnapshot,
  type TaskState,
  taskTable,
  taskTree,
  type TaskView,
  type ViewFunction,
  viewProcess,
  type WaitNode,
  type WaitView,
} from "./debug/index.ts";
