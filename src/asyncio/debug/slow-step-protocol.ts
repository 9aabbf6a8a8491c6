// What slow-steps.ts and its worker share. The worker imports nothing else of this package.

import type { MessagePort } from "node:worker_threads";

/** @internal Place of the number of signs of life. */
export const signs = 0;
/** @internal Place of the number of knocks that were answered. */
export const answers = 1;
/** @internal Place of 1 while a debugger is attached to the process, which must not be paused then. */
export const debugged = 2;
/** @internal How many numbers are shared. */
export const places = 3;

/** @internal What the worker is given. */
export interface WatchData {
  readonly numbers: Int32Array;
  readonly port: MessagePort;
  readonly duration: number;
  /** An expression that gives the task that runs on the main thread, and fails outside any. */
  readonly askForTask: string;
}

/** @internal What the worker has seen: where the main thread was after its sign of this number. */
export interface Sighting {
  readonly sign: number;
  /** The task that ran, if one did. */
  readonly task: { readonly id: number; readonly name: string } | undefined;
  /** The call stack, innermost first; empty if the step was over too soon. */
  readonly frames: readonly string[];
}
