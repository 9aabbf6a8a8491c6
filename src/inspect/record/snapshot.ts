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

/** A snapshot of the process, with its recorded history. */
export interface Snapshot extends ProcessView {
  /** The last cancellation requests, the newest first; `undefined` if recording is off. */
  readonly cancellations?: readonly CancellationRecord[] | undefined;
  /** The counts of pools and clients, in the order in which they were opened. */
  readonly figures?: readonly Figures[] | undefined;
}

/**
 * Takes a snapshot of the process, of bounded size, as plain data. It contains the last cancellations while {@link
 * recordHistory} is on. The requests of the live view itself are left out, unless you pass `hide`.
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
