import { ambient, type Task } from "../../asyncio/index.ts";

// Whoever looks sees itself: the requests of the view are left out, with all that they start.
const hidden = ambient("inspect.hidden", () => new WeakSet<Task<unknown>>());

/** Leaves a task out of what is shown, with all that belongs to it. */
export function hideTask(task: Task<unknown>): void {
  hidden.add(task);
}

/** Whether a task was hidden itself. */
export function isHidden(task: Task<unknown>): boolean {
  return hidden.has(task);
}
