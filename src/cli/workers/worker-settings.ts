import { os } from "../../base/node.ts";
import { UsageError } from "../errors.ts";

/** How many processes serve an application, and for how long each. */
export interface WorkerSettings {
  /** The number of workers. */
  readonly count: number;
  /** After how many requests a worker is replaced; `Infinity` for never. */
  readonly maxRequests: number;
  /** Up to how many more requests than that a worker serves, drawn for each, so that they are not replaced together. */
  readonly maxRequestsJitter: number;
  /** The file that holds the process id of the primary; `undefined` for none. */
  readonly pidFile: string | undefined;
}

/** The options of workers as the command line has them. */
export interface WorkerValues {
  readonly workers?: string | undefined;
  readonly "max-requests"?: string | undefined;
  readonly "max-requests-jitter"?: string | undefined;
  readonly "pid-file"?: string | undefined;
  readonly reload?: boolean | undefined;
}

const mostWorkers = 1024;
const mostRequests = 1_000_000_000;

/**
 * Reads the options of workers.
 *
 * @returns `undefined` if the application is served by this process alone.
 * @throws {UsageError} If a value is not one that its option can have, or the options do not go together.
 */
export function readWorkerSettings(values: WorkerValues): WorkerSettings | undefined {
  const { workers, "pid-file": pidFile } = values;
  if (workers === undefined) return refuseRest(values);
  const count = workers === "auto" ? os().availableParallelism() : readCount("workers", workers, 1, mostWorkers);
  if (values.reload === true) return refuseReload(count);
  if (pidFile === "") throw new UsageError("the value of '--pid-file' is empty");
  const { "max-requests": most, "max-requests-jitter": jitter } = values;
  if (most === undefined && jitter !== undefined)
    throw new UsageError("'--max-requests-jitter' needs '--max-requests', which it is added to");
  return {
    count,
    maxRequests: most === undefined ? Infinity : readCount("max-requests", most, 1, mostRequests),
    maxRequestsJitter: jitter === undefined ? 0 : readCount("max-requests-jitter", jitter, 0, mostRequests),
    pidFile,
  };
}

function refuseRest(values: WorkerValues): undefined {
  for (const name of ["max-requests", "max-requests-jitter", "pid-file"] as const)
    if (values[name] !== undefined) throw new UsageError(`'--${name}' needs '--workers': add '--workers 1' or more`);
  return undefined;
}

// One worker and a reload is what `--reload` is by itself.
function refuseReload(count: number): undefined {
  if (count === 1) return undefined;
  throw new UsageError(`'--reload' serves with one process, not with ${count}: leave out '--reload' or '--workers'`);
}

function readCount(name: string, text: string, from: number, to: number): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= from && count <= to) return count;
  const auto = name === "workers" ? "'auto' or " : "";
  throw new UsageError(
    `the value of '--${name}' must be ${auto}a whole number from ${from} to ${to}: current value is '${text}'`,
  );
}
