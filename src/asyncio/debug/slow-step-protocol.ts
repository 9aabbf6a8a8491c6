// The protocol between slow-steps.ts and its worker. The worker imports nothing else from this package.

import type { MessagePort } from "node:worker_threads";

/** @internal The index of the number of signs of life. */
export const signs = 0;
/** @internal The index of the number of answered knocks. */
export const answers = 1;
/** @internal The index of a flag: 1 while a debugger is attached to the process, which must not be paused then. */
export const debugged = 2;
/** @internal The number of shared numbers. */
export const places = 3;

/** @internal The data that the worker receives at its start. */
export interface WatchData {
  readonly numbers: Int32Array;
  readonly port: MessagePort;
  readonly duration: number;
  /** An expression that evaluates to the task that runs on the main thread, and throws outside any task. */
  readonly askForTask: string;
}

/** @internal The place where the main thread was after the sign with this number, as seen by the worker. */
export interface Sighting {
  readonly sign: number;
  /** The task that was running, if there was one. */
  readonly task: { readonly id: number; readonly name: string } | undefined;
  /** The call stack, the innermost call first; empty if the step ended too soon. */
  readonly frames: readonly string[];
}
