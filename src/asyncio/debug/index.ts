// the mode
export { creationStack } from "./creation-stacks.ts";
export { type DebugOptions, enableDebug } from "./enable-debug.ts";

// what goes on
export { findAwaitCycles } from "./await-cycles.ts";
export { formatAwaitTree } from "./await-tree.ts";
export { type AwaiterSnapshot, snapshotTasks, type TaskSnapshot } from "./task-snapshot.ts";
export { formatTaskTable, type TaskRow, taskTable } from "./task-table.ts";
export { formatTaskTree, type ScopeNode, type TaskNode, taskTree, type WaitNode } from "./task-tree.ts";

// the process, for people to look at
export {
  type DeadlockLink,
  type FoldedTasks,
  type ProcessView,
  type ProcessViewOptions,
  type ScopeView,
  type TaskView,
  viewProcess,
} from "./process-view.ts";
export { publishView, type ViewFunction } from "./publish-view.ts";
export type { TaskState } from "./remarkable-tasks.ts";
export type { TaskReference, WaitView } from "./wait-view.ts";
