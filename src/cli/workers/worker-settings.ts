import { os } from "../../base/node.ts";
import { UsageError } from "../errors.ts";
import type { RunSettings } from "../run-settings.ts";
import { refusal } from "../settings/setting.ts";

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

const mostWorkers = 1_024;

/**
 * The settings of workers.
 *
 * @returns `undefined` if the application is served by this process alone.
 * @throws {UsageError} If the number of workers is out of range, or options contradict each other.
 */
export function readWorkerSettings({
  values,
  origins,
}: Pick<RunSettings, "values" | "origins">): WorkerSettings | undefined {
  const { workers, maxRequests, maxRequestsJitter, pidFile, reload } = values;
  const refuse = (name: string, why: (option: string) => string): void => {
    const origin = origins.get(name);
    if (origin !== undefined) throw refusal({ name, origin }, why);
  };
  if (workers === undefined) {
    for (const option of ["maxRequests", "maxRequestsJitter", "pidFile"])
      refuse(option, (spelling) => `${spelling} needs '--workers': add '--workers 1' or more`);
    return undefined;
  }
  const count = workers === "auto" ? os().availableParallelism() : Number(workers);
  if (!/^(?:auto|\d{1,9})$/.test(workers) || count < 1 || count > mostWorkers)
    refuse(
      "workers",
      (spelling) =>
        `the value of ${spelling} must be 'auto' or a whole number from 1 to ${mostWorkers}: current value is '${workers}'`,
    );
  // `--reload` with one worker is the same as `--reload` alone.
  if (reload && count === 1) return undefined;
  if (reload)
    throw new UsageError(`'--reload' serves with one process, not with ${count}: leave out '--reload' or '--workers'`);
  if (maxRequests === Infinity)
    refuse("maxRequestsJitter", (spelling) => `${spelling} needs '--max-requests', which it is added to`);
  return { count, maxRequests, maxRequestsJitter, pidFile };
}
