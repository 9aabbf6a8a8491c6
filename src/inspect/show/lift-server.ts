import type { FoldedTasks, ScopeView, TaskView } from "../../asyncio/index.ts";

/** The tree of a process, with the requests taken out of the server's own tasks. */
export interface LiftedView {
  /** The requests of the server. */
  readonly requests: readonly TaskView[];
  /** Requests that are counted instead of shown. */
  readonly folded: readonly FoldedTasks[];
  /** The server's own tasks, without the tasks that they own. */
  readonly server: readonly TaskView[];
  /** Everything else. */
  readonly rest: ScopeView;
}

/**
 * Takes the server's own tasks out of the tree, and the requests out of these. Without a server, the tree is unchanged.
 */
export function liftServer(root: ScopeView, roleOf: (id: number) => string | undefined): LiftedView {
  const [requests, folded, server] = [[] as TaskView[], [] as FoldedTasks[], [] as TaskView[]];
  const take = (task: TaskView): TaskView[] => {
    if (roleOf(task.id) !== "server") return [task];
    for (const child of task.tasks) if (roleOf(child.id) !== "server") requests.push(child);
    folded.push(...task.folded);
    server.push({ ...task, tasks: [], folded: [] });
    return task.tasks.filter(({ id }) => roleOf(id) === "server").flatMap(take);
  };
  const scopes = root.scopes
    .map((scope) => ({ ...scope, tasks: scope.tasks.flatMap(take) }))
    .filter((scope, i) => !isEmpty(scope) || isEmpty(root.scopes[i]!));
  const tasks = root.tasks.flatMap(take);
  return { requests, folded, server, rest: { ...root, scopes, tasks } };
}

function isEmpty({ waits, scopes, tasks, folded, more }: ScopeView): boolean {
  return waits.length + scopes.length + tasks.length + folded.length + more === 0;
}
