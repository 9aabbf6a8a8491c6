// asyncio for Node: tasks, groups, time limits, queues, locks, and other ways to wait.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// errors
export {
  BrokenBarrierError,
  CancelledError,
  cancellationOf,
  type CancelledErrorOptions,
  InvalidStateError,
  isCancelled,
  KeyboardInterrupt,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  TimeoutError,
} from "./core/errors/errors.ts";
export { type ErrorClass, type ErrorMatch, ExceptionGroup } from "./core/errors/exception-group.ts";
export {
  callExceptionHandler,
  type ExceptionContext,
  type ExceptionHandler,
  setExceptionHandler,
} from "./core/errors/exception-handler.ts";

// running a program
export { type RunOptions, run, Runner } from "./run/runner.ts";
export { runProgram } from "./run/run-program.ts";
export { exitCodes, exitSignalOf, type ExitSignal, type SignalHandler } from "./run/signals.ts";
export type { EventLoop } from "./run/event-loop.ts";
export { getEventLoop, newEventLoop } from "./run/new-event-loop.ts";

// tasks
export { Awaitable, type DoneCallback } from "./core/tasks/awaitable.ts";
export { Future } from "./core/tasks/future.ts";
export { allTasks, createTask, currentTask, Task, type TaskFunction, type TaskOptions } from "./core/tasks/task.ts";
export { type Closer, currentScope, currentSignal, Scope, type ScopeOptions } from "./core/scopes/scope.ts";
export { bind, Context, ContextVar, copyContext, type Token } from "./core/state/context-var.ts";

// running several tasks
export { type Gathered, type GatheredOrError, gather, type GatherOptions } from "./combine/gather.ts";
export { TaskGroup, type TaskGroupStatistics, taskGroup } from "./combine/task-group.ts";
export { type ReturnWhen, wait, type WaitOptions } from "./combine/wait.ts";
export { AsCompleted, asCompleted, type AsCompletedOptions, type DoneTask } from "./combine/as-completed.ts";
export { race } from "./combine/race.ts";
export type { AwaitableInput, OutputOf } from "./core/tasks/to-task.ts";

// time limits and shielding
export { moveOnAfter, timeout, timeoutAt, type TimeLimit } from "./combine/timeout.ts";
export { waitFor } from "./combine/wait-for.ts";
export { shield } from "./combine/shield.ts";
export { uncancellable } from "./core/scopes/uncancellable.ts";
export { within, type WithinHooks } from "./core/scopes/within.ts";

// waiting
export { checkpoint, sleep } from "./core/waits/sleep.ts";
export { waitPromise, type WaitPromiseOptions } from "./core/waits/wait-promise.ts";
export { toThread } from "./threads/to-thread.ts";
export { type OnCancel, Park, park, type ParkOptions, type Resource } from "./core/waits/park.ts";
export { type WaitArguments, WaitQueue, type WaitQueueOptions } from "./core/waits/wait-queue.ts";
export { ambient, ambientExpression } from "./core/state/ambient.ts";
export { outside } from "./core/state/real-time.ts";
export { ScopeTimer } from "./core/scopes/scope-timer.ts";
export { closeWithScope, openIn } from "./core/scopes/ownership.ts";

// queues
export { LifoQueue, PriorityQueue, type PriorityQueueOptions, Queue, type QueueStatistics } from "./sync/queue.ts";

// synchronisation
export { Lock, type LockStatistics, type NameOptions } from "./sync/lock.ts";
export { Event } from "./sync/event.ts";
export { Condition, type ConditionOptions } from "./sync/condition.ts";
export { BoundedSemaphore, Semaphore, type SemaphoreStatistics } from "./sync/semaphore.ts";
export { CapacityLimiter, type CapacityLimiterStatistics } from "./sync/capacity-limiter.ts";
export { Barrier, type BarrierStatistics } from "./sync/barrier.ts";

// context managers
export { asyncContextManager, type AsyncContextManager, type Entered } from "./iterate/async-context-manager.ts";
export { AsyncExitStack, type ExitFunction } from "./iterate/async-exit-stack.ts";
export { type Aclosing, aclosing } from "./iterate/aclosing.ts";

// iterators
export { type ItemOf, merge } from "./iterate/merge.ts";
export { buffer } from "./iterate/buffer.ts";
export { chunk, type ChunkOptions } from "./iterate/chunk.ts";
export { take } from "./iterate/take.ts";

// watching
export { addInstrument, type Instrument } from "./core/state/instrument.ts";
export { type Figures, type FiguresSource, publishFigures, readFigures } from "./core/state/figures.ts";
export {
  type AwaiterView,
  type CallGraph,
  type CallGraphOptions,
  type CallGraphWait,
  type CapacityView,
  captureCallGraph,
  creationStack,
  type DeadlockLink,
  type DebugOptions,
  enableDebug,
  type FoldedTasks,
  formatCallGraph,
  printCallGraph,
  type ProcessView,
  type ProcessViewOptions,
  publishView,
  type ScopeView,
  type TaskReference,
  type TaskState,
  type TaskView,
  type ViewFunction,
  viewProcess,
  type WaitView,
} from "./debug/index.ts";
