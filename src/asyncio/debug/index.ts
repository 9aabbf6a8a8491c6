// debug mode
export { creationStack } from "./creation-stacks.ts";
export { type DebugOptions, enableDebug } from "./enable-debug.ts";

// the call graph of one task
export {
  type CallGraph,
  type CallGraphOptions,
  type CallGraphWait,
  captureCallGraph,
  formatCallGraph,
  printCallGraph,
} from "./call-graph.ts";

// snapshots of the process
export type { AwaiterView } from "./awaiter-view.ts";
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
export type { TaskState } from "./rank-tasks.ts";
export type { CapacityView, TaskReference, WaitView } from "./wait-view.ts";
