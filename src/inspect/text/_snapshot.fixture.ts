import type { ProcessView, TaskView, WaitView } from "../../asyncio/index.ts";
import type { RemoteSnapshot } from "../index.ts";

/** A task of a fake snapshot; missing properties get a default. */
export type TaskLike = Pick<TaskView, "id"> & Partial<TaskView>;

/** Makes a task as in a snapshot. */
export function fakeTask(task: TaskLike): TaskView {
  const plain = {
    kind: "task",
    name: "",
    dueIn: undefined,
    masked: false,
    stopping: undefined,
    state: "waiting" as const,
  };
  return { ...plain, waits: [], scopes: [], more: 0, tasks: [], folded: [], ...task };
}

/** Makes a wait as in a snapshot. */
export function fakeWait(resource: string, wait: Partial<WaitView> = {}): WaitView {
  return { resource, ms: 0, dueIn: undefined, heldBy: undefined, line: undefined, ...wait };
}

/** Makes a snapshot with these tasks, which the process owns. */
export function fakeSnapshot(tasks: readonly TaskView[]): RemoteSnapshot {
  const counts: ProcessView["counts"] = { running: 0, waiting: tasks.length, stopping: 0, stuck: 0 };
  const root = { ...fakeTask({ id: 0 }), kind: "process", tasks };
  return { version: 1, pid: 1, program: "app.ts", at: 0, uptime: 0, counts, root, deadlocks: [] };
}
