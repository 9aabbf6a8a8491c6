import {
  type Figures,
  type ProcessView,
  type ProcessViewOptions,
  readFigures,
  viewProcess,
} from "../../asyncio/index.ts";
import type { CancellationRecord } from "./cancellation-log.ts";
import { isExcluded } from "./excluded-tasks.ts";
import { currentHistory } from "./recording.ts";

/** The process at one moment, with what is recorded of its past. */
export interface Snapshot extends ProcessView {
  /** The last requests to stop, newest first; `undefined` if nothing is recorded. */
  readonly cancellations?: readonly CancellationRecord[] | undefined;
  /** The figures of pools and clients, in the order in which they were opened. */
  readonly figures?: readonly Figures[] | undefined;
}

/**
 * Everything that goes on in the process at this moment, bounded, as plain data; with the last cancellations while
 * {@link recordHistory} is on. The requests of the live view itself are left out, unless `hide` says otherwise.
 *
 * @example
 * const lock = new Lock({ name: "db" });
 * await using tasks = new AsyncExitStack();
 * for (const name of ["importer", "report"]) {
 *   const task = createTask(() => lock.with(() => sleep(60_000)), { name });
 *   tasks.callback(() => void task.cancel());
 * }
 * await sleep(0);
 * console.log(takeSnapshot().root.tasks[1]?.waits[0]?.heldBy?.name); // importer
 */
export function takeSnapshot(options: ProcessViewOptions = {}): Snapshot {
  const cancellations = currentHistory()?.cancellations();
  return { ...viewProcess({ hide: isExcluded, ...options }), cancellations, figures: readFigures() };
}
