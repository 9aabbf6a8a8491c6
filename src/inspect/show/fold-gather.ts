// A `gather` is a task of its own, which belongs to the nearest owner of tasks. If the task that awaits it owns tasks,
// as a request does, the `gather` is shown below that task; otherwise beside it. In both cases, the two are shown as
// one line, because together they do one thing.

import type { ScopeView, TaskView, WaitView } from "../../asyncio/index.ts";
import { formatCount } from "../text/describe.ts";

/** A task, and the `gather` that is the only thing it waits for, if there is one. */
export interface Gathering {
  readonly task: TaskView;
  /** The `gather`: the task itself, a task that it owns, or a task beside it. */
  readonly gather: TaskView | undefined;
}

const namesShown = 5;

/**
 * Joins each `gather` among the tasks of one owner to the task that waits for nothing else; `awaiterOf` returns that
 * task.
 */
export function joinGathers(
  tasks: readonly TaskView[],
  awaiterOf: (id: number) => number | undefined,
): readonly Gathering[] {
  const beside = new Map<number, TaskView>();
  const known = new Map(tasks.map((task) => [task.id, task]));
  for (const task of tasks) {
    const awaiter = task.kind === "gather" ? known.get(awaiterOf(task.id) ?? -1) : undefined;
    if (awaiter !== undefined && canTake(awaiter)) beside.set(awaiter.id, task);
  }
  const joined = new Set(beside.values());
  return tasks
    .filter((task) => !joined.has(task))
    .map((task) => ({ task, gather: beside.get(task.id) ?? gatherIn(task, awaiterOf) }));
}

// Whether the task has only one wait, and nothing else is shown below it.
function canTake(task: TaskView): boolean {
  return task.kind !== "gather" && onlyWait(task) !== undefined && task.tasks.length + task.folded.length === 0;
}

function gatherIn(task: TaskView, awaiterOf: (id: number) => number | undefined): TaskView | undefined {
  if (task.kind === "gather") return task;
  const [child, ...others] = task.tasks;
  if (child?.kind !== "gather" || others.length + task.folded.length > 0 || onlyWait(task) === undefined)
    return undefined;
  return awaiterOf(child.id) === task.id ? child : undefined;
}

/** The only content of a scope, if that is a single wait. It is shown in the line of the scope. */
export function onlyWait({ waits, scopes, more }: ScopeView): WaitView | undefined {
  return waits.length === 1 && scopes.length === 0 && more === 0 ? waits[0] : undefined;
}

/**
 * `gather of 3: a, b, c`. Existing tasks that were passed to it have other owners; their names are taken from the wait.
 */
export function titleOf({ tasks, folded }: TaskView, wait: WaitView | undefined): string {
  const count = folded.reduce((sum, each) => sum + each.count, tasks.length);
  if (count === 0) return wait?.resource ?? "gather";
  const names = tasks.slice(0, namesShown).map(({ name }) => name);
  const rest = count - names.length;
  const more = rest > 0 ? ` and ${formatCount(rest)} more` : "";
  return `gather of ${formatCount(count)}: ${names.join(", ")}${more}`;
}

/** Whether a `gather` and all its tasks only wait, so that it can be collapsed without hiding anything important. */
export function isCalm(gather: TaskView): boolean {
  const views: ScopeView[] = [gather];
  for (let view = views.pop(); view !== undefined; view = views.pop()) {
    if (view.stopping !== undefined || view.tasks.some(({ state }) => state !== "waiting")) return false;
    for (const below of view.tasks) views.push(below);
    for (const below of view.scopes) views.push(below);
  }
  return gather.state === "waiting";
}
