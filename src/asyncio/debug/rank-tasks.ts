import { hasParks, type Resource, type Scope, scopesIn, type Task, tasksOf, waitsIn } from "../core/index.ts";

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
  return hasParks(task.scope) ? "waiting" : "running";
}

/** @internal All tasks that belong to `scope`, at any depth, except those that are hidden and what belongs to them. */
export function listTasks(scope: Scope, hide: (task: Task<unknown>) => boolean): Task<unknown>[] {
  const found: Task<unknown>[] = [];
  const tops = [scope];
  for (let top = tops.pop(); top !== undefined; top = tops.pop()) {
    for (const each of scopesIn(top)) {
      for (const task of tasksOf(each)) {
        if (hide(task)) continue;
        found.push(task);
        tops.push(task.scope);
      }
    }
  }
  return found;
}

/** @internal The resources that tasks wait for, each with the number of waits for it. */
export function countWaits(tasks: readonly Task<unknown>[]): Map<Resource, number> {
  const counts = new Map<Resource, number>();
  for (const task of tasks) {
    for (const { resource } of waitsIn(task.scope)) counts.set(resource, (counts.get(resource) ?? 0) + 1);
  }
  return counts;
}

/** @internal The tasks that a view shows first, and how many. */
export interface RankOptions {
  readonly stuck: Tasks;
  /** What is waited for. */
  readonly resources: Iterable<Resource>;
  readonly limit: number;
}

/**
 * @internal The tasks to show before all others - those that are stuck, hold what others wait for, or were asked to stop -
 * and their owners; `limit` at most.
 */
export function rankTasks(tasks: readonly Task<unknown>[], options: RankOptions): Set<Task<unknown>> {
  const found = new Set<Task<unknown>>();
  for (const task of byInterest(tasks, options)) {
    const line = newOwners(task, found);
    if (found.size + line.length > options.limit) break;
    for (const owner of line) found.add(owner);
  }
  return found;
}

// A task and its owners, as far as they are not found yet: the owners of one that is found are found.
function newOwners(task: Task<unknown>, found: ReadonlySet<Task<unknown>>): Task<unknown>[] {
  const line: Task<unknown>[] = [];
  let owner: Task<unknown> | undefined = task;
  for (; owner !== undefined && !found.has(owner); owner = owner.scope.parent?.task) line.push(owner);
  return line;
}

function* byInterest(
  tasks: readonly Task<unknown>[],
  { stuck, resources }: RankOptions,
): Generator<Task<unknown>, void, undefined> {
  const known = new Set(tasks);
  for (const resource of resources) {
    const holder = resource.holder?.();
    for (const task of holder === undefined ? (resource.holders?.() ?? []) : [holder]) if (known.has(task)) yield task;
  }
  for (const task of tasks) if (stuck.has(task) || task.scope.requests > 0) yield task;
}
