import { ambient, type Task } from "../../asyncio/index.ts";

// Without this, the live view would show its own requests. They are left out, with all tasks that they start.
const excluded = ambient("inspect.excluded", () => new WeakSet<Task<unknown>>());

/** Excludes a task and all tasks that it owns from snapshots. */
export function excludeTask(task: Task<unknown>): void {
  excluded.add(task);
}

/** Whether a task itself was excluded. */
export function isExcluded(task: Task<unknown>): boolean {
  return excluded.has(task);
}
