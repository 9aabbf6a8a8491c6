import { AsyncLocalStorage } from "node:async_hooks";
import { ambient } from "./ambient.ts";
import type { Instrument } from "./instrument.ts";
import type { Park } from "../waits/park.ts";
import { RealTime } from "./real-time.ts";
import type { Scope } from "../scopes/scope.ts";
import type { Task } from "../tasks/task.ts";
import { TimerQueue } from "./timers.ts";

/** @internal Decides what runs next when the order is not fixed; the default order is first come, first served. */
export interface Schedule {
  /** Returns what a task waits for before its first step. */
  start(): Promise<void> | undefined;
  /** Ends a wait: calls `deliver` now or later. The schedule chooses the order. */
  wake(park: Park | undefined, deliver: () => void): void;
  /** Whether a checkpoint that need not yield yields anyway. */
  yields(): boolean;
  /** A number that orders timers due at the same time; by default, the timer that was added first fires first. */
  tie(): number | undefined;
}

/** @internal A function that receives errors which no other code will receive. */
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
  /** Returns text to add to a report about a task; debug mode sets it, and says where the task was created. */
  explain: ((task: Task<unknown>) => string) | undefined;
  /** Called when a wait begins for a capacity that knows which tasks hold it; set by deadlock.ts. */
  onCapacityWait: ((park: Park) => void) | undefined;
  /** Numbers the tasks that have no name. */
  tasks: number;
  /** Counts the cancellation requests of all scopes; the count tells which of two requests came first. */
  requests: number;
  /** The number of checkpoints since the last turn of the event loop. */
  steps: number;
  /** The `run()` that owns the process now, if there is one. */
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
