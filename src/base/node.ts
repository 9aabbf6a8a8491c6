// Node modules that are loaded only when they are first used, through these functions. An `import` would load them at
// every start, which would take a third of the run time of a program that only sleeps and waits. An `import` also reads
// every export. The exports of `node:http` and `node:crypto` include WebSocket and Web Crypto, and reading these loads
// Node's fetch and all its algorithms: more than half of the start time of a server.

import type * as ChildProcess from "node:child_process";
import type * as Crypto from "node:crypto";
import type * as Http from "node:http";
import type * as Inspector from "node:inspector";
import type * as Net from "node:net";
import type * as Os from "node:os";
import type * as Tls from "node:tls";
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

/** @internal `node:tls`. */
export function tls(): typeof Tls {
  return process.getBuiltinModule("node:tls");
}

/** @internal `node:worker_threads`. */
export function workerThreads(): typeof WorkerThreads {
  return process.getBuiltinModule("node:worker_threads");
}

/** @internal `node:http`. */
export function http(): typeof Http {
  return process.getBuiltinModule("node:http");
}

/** @internal `node:child_process`. */
export function childProcess(): typeof ChildProcess {
  return process.getBuiltinModule("node:child_process");
}

/** @internal `node:crypto`. */
export function crypto(): typeof Crypto {
  return process.getBuiltinModule("node:crypto");
}

/** @internal `node:inspector`. */
export function inspector(): typeof Inspector {
  return process.getBuiltinModule("node:inspector");
}

/** @internal The key of the method that `console.log` calls to show an object: `util.inspect.custom`. */
export const inspectCustom: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;
