import { type Scope, type Task, tasksOf } from "../core/index.ts";
import { waitsOf } from "./await-graph.ts";

/**
 * What a task does: `waiting` for something of Pottle's; `stopping`, as it was asked to; `stuck` in a deadlock or behind
 * one; else `running`, which may also be a wait for a promise that is not Pottle's.
 */
export type TaskState = "running" | "waiting" | "stopping" | "stuck";

type Tasks = ReadonlyMap<Task<unknown>, unknown>;

/** @internal What a task does, if `stuck` are the tasks that can never go on. */
export function stateOf(task: Task<unknown>, stuck: Tasks): TaskState {
  if (task.scope.requests > 0) return "stopping";
  if (stuck.has(task)) return "stuck";
  return hasWaits(task.scope) ? "waiting" : "running";
}

function hasWaits(scope: Scope): boolean {
  return scope.firstPark !== undefined || scope.children.some(hasWaits);
}

/** @internal All tasks that belong to `scope`, at any depth, but for those that are hidden. */
export function listTasks(scope: Scope, hide: (task: Task<unknown>) => boolean): Task<unknown>[] {
  const found: Task<unknown>[] = [];
  const scopes = [scope];
  for (let next = scopes.pop(); next !== undefined; next = scopes.pop()) {
    for (const task of tasksOf(next)) {
      if (hide(task)) continue;
      found.push(task);
      scopes.push(task.scope);
    }
    // One by one: a call takes only so many arguments.
    for (const child of next.children) scopes.push(child);
  }
  return found;
}

/**
 * @internal The tasks that somebody who looks at the process looks for - those that are stuck, hold what others wait for,
 * or were asked to stop - and their owners; `limit` at most.
 */
export function findRemarkable(tasks: readonly Task<unknown>[], stuck: Tasks, limit: number): Set<Task<unknown>> {
  const found = new Set<Task<unknown>>();
  for (const task of remarkable(tasks, stuck)) {
    const line = [...owners(task)].filter((owner) => !found.has(owner));
    if (found.size + line.length > limit) break;
    for (const owner of line) found.add(owner);
  }
  return found;
}

function* remarkable(tasks: readonly Task<unknown>[], stuck: Tasks): Generator<Task<unknown>> {
  const known = new Set(tasks);
  for (const holder of holdersIn(tasks)) if (known.has(holder)) yield holder;
  for (const task of tasks) if (stuck.has(task) || task.scope.requests > 0) yield task;
}

function holdersIn(tasks: readonly Task<unknown>[]): Set<Task<unknown>> {
  const holders = new Set<Task<unknown>>();
  for (const task of tasks) {
    for (const { resource } of waitsOf(task)) {
      const holder = resource.holder?.();
      if (holder !== undefined) holders.add(holder);
    }
  }
  return holders;
}

function* owners(task: Task<unknown>): Generator<Task<unknown>> {
  for (let owner: Task<unknown> | undefined = task; owner !== undefined; owner = owner.scope.parent?.task) yield owner;
}
