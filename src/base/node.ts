// Modules of Node that most programs never use. An import would load them at every start, which costs a program that only
// sleeps and waits a third of its time; these functions load them when they are first called.

import type * as Inspector from "node:inspector";
import type * as Net from "node:net";
import type * as Os from "node:os";
import type * as Util from "node:util";
import type * as V8 from "node:v8";
import type * as WorkerThreads from "node:worker_threads";

/** @internal `node:util`. */
export function util(): typeof Util {
  return process.getBuiltinModule("node:util");
}

/** @internal `node:v8`. */
export function v8(): typeof V8 {
  return process.getBuiltinModule("node:v8");
}

/** @internal `node:os`. */
export function os(): typeof Os {
  return process.getBuiltinModule("node:os");
}

/** @internal `node:net`. */
export function net(): typeof Net {
  return process.getBuiltinModule("node:net");
}

/** @internal `node:worker_threads`. */
export function workerThreads(): typeof WorkerThreads {
  return process.getBuiltinModule("node:worker_threads");
}

/** @internal `node:inspector`. */
export function inspector(): typeof Inspector {
  return process.getBuiltinModule("node:inspector");
}

/** @internal The method by which `console.log` shows an object: `util.inspect.custom`. */
export const inspectCustom: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;
