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

// tasks
export { Awaitable, type DoneCallback } from "./awaitable.ts";
export { Future } from "./future.ts";
export { allTasks, createTask, currentTask, Task, type TaskFunction, type TaskOptions } from "./task.ts";
export { currentScope, currentSignal, Scope, type ScopeOptions } from "./scope.ts";
export { bind, Context, ContextVar, copyContext, type Token } from "./context-var.ts";

// waiting
export { type CancelPark, Park, park, type Resource } from "./park.ts";
export { checkpoint, sleep } from "./sleep.ts";

// watching
export { addInstrument, type Instrument } from "./instrument.ts";
