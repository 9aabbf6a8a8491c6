import { AsyncLocalStorage } from "node:async_hooks";
import { ambient } from "./ambient.ts";
import type { Instrument } from "./instrument.ts";
import type { Park } from "../waits/park.ts";
import { RealTime } from "./real-time.ts";
import type { Scope } from "../scopes/scope.ts";
import type { Task } from "../tasks/task.ts";
import { TimerQueue } from "./timers.ts";

/** @internal Decides what runs next, where the order is free; the default is first come, first served. */
export interface Schedule {
  /** Waited for by a task before its first step. */
  start(): Promise<void> | undefined;
  /** Ends a wait: calls `deliver` now or later, in an order of its own. */
  wake(park: Park | undefined, deliver: () => void): void;
  /** Whether a step that need not yield yields all the same. */
  yields(): boolean;
  /** A number that decides between timers due at the same time; the default is first come. */
  tie(): number | undefined;
}

/** @internal What a handler is told about an error that nobody else will hear of. */
export type ExceptionHandlerFunction = (context: never) => void;

/** @internal The state of the one runtime in this process. */
export interface Runtime {
  /** The scope of the code that runs now. */
  readonly storage: AsyncLocalStorage<Scope | undefined>;
  /** The scope of code outside any task; set by scope.ts. */
  root: Scope;
  timers: TimerQueue;
  schedule: Schedule | undefined;
  instrument: Instrument | undefined;
  exceptionHandler: ExceptionHandlerFunction | undefined;
  /** Text to add to a report about a task, as debug mode knows it: where the task was created. */
  explain: ((task: Task<unknown>) => string) | undefined;
  /** Called when a wait begins for capacity that knows its holders; set by deadlock.ts. */
  onCapacityWait: ((park: Park) => void) | undefined;
  /** Numbers the tasks that have no name. */
  tasks: number;
  /** Counts the requests to stop a scope, so that of two it is known which came first. */
  requests: number;
  /** Checkpoints since I/O last had its turn. */
  steps: number;
  /** What runs now: a `run()` that owns the process. */
  running: object | undefined;
  /** Whether debug mode is on. */
  debug: boolean;
}

function createRuntime(): Runtime {
  return {
    storage: new AsyncLocalStorage(),
    root: undefined as unknown as Scope,
    timers: new TimerQueue(new RealTime()),
    schedule: undefined,
    instrument: undefined,
    exceptionHandler: undefined,
    explain: undefined,
    onCapacityWait: undefined,
    tasks: 0,
    requests: 0,
    steps: 0,
    running: undefined,
    debug: false,
  };
}

/** @internal The one runtime of this process, shared by all copies of the package. */
export const runtime: Runtime = ambient("runtime", createRuntime);
