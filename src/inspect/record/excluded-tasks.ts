import { ambient, type Task } from "../../asyncio/index.ts";

// A request of the live view would show itself: such requests are left out, with all that they start.
const excluded = ambient("inspect.excluded", () => new WeakSet<Task<unknown>>());

/** Leaves a task out of snapshots, with all that belongs to it. */
export function excludeTask(task: Task<unknown>): void {
  excluded.add(task);
}

/** Whether a task itself was excluded. */
export function isExcluded(task: Task<unknown>): boolean {
  return excluded.has(task);
}
