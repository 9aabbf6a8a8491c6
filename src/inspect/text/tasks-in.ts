import type { ScopeView, TaskView } from "../../asyncio/index.ts";

/**
 * The tasks of a snapshot that `root` owns, directly or through other tasks, in the order in which they were created.
 */
export function tasksIn(root: ScopeView): TaskView[] {
  const tasks: TaskView[] = [];
  for (const scope of scopesIn(root)) for (const task of scope.tasks) tasks.push(task);
  return tasks.sort((one, other) => one.id - other.id);
}

/** `root` and the scopes of a snapshot within it. Those of owned tasks are included unless `ofOneTask` is true. */
export function* scopesIn(root: ScopeView, ofOneTask: boolean = false): Generator<ScopeView, void, undefined> {
  const open = [root];
  for (let scope = open.pop(); scope !== undefined; scope = open.pop()) {
    yield scope;
    if (!ofOneTask) for (const task of scope.tasks.toReversed()) open.push(task);
    for (const child of scope.scopes.toReversed()) open.push(child);
  }
}
