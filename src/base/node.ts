// Modules of Node that most programs never use. An import would load them at every start, which costs a program that only
// sleeps and waits a third of its time; these functions load them when they are first called.

/** @internal `node:util`. */
export function util(): typeof import("node:util") {
  return process.getBuiltinModule("node:util");
}

/** @internal `node:v8`. */
export function v8(): typeof import("node:v8") {
  return process.getBuiltinModule("node:v8");
}

/** @internal `node:os`. */
export function os(): typeof import("node:os") {
  return process.getBuiltinModule("node:os");
}

/** @internal `node:worker_threads`. */
export function workerThreads(): typeof import("node:worker_threads") {
  return process.getBuiltinModule("node:worker_threads");
}

/** @internal `node:inspector`. */
export function inspector(): typeof import("node:inspector") {
  return process.getBuiltinModule("node:inspector");
}

/** @internal The method by which `console.log` shows an object: `util.inspect.custom`. */
export const inspectCustom: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;
