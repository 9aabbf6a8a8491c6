// The live view, and the inspection of running processes: snapshots, trees, tables.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// snapshots
export { type Snapshot, takeSnapshot } from "./record/snapshot.ts";
export { formatSnapshot } from "./text/format-snapshot.ts";
export { type FormatOptions, formatTree } from "./text/format-tree.ts";
export { formatTable } from "./text/format-table.ts";
export { findAwaitCycles } from "./text/await-cycles.ts";

// history
export type { CancellationRecord } from "./record/cancellation-log.ts";
export { recordHistory } from "./record/recording.ts";

// the live view
export { liveView, type LiveViewOptions } from "./show/live-view.ts";
export type { AccessOptions } from "./show/refusal.ts";
export { withLiveView } from "./show/with-live-view.ts";

// other processes
export { InspectError, type InspectProblem } from "./remote/inspect-error.ts";
export { inspectProcess, type InspectProcessOptions, type RemoteSnapshot } from "./remote/inspect-process.ts";
export { formatProcesses, listProcesses, type ProcessEntry } from "./remote/list-processes.ts";
export type { Block } from "./remote/read-block.ts";
