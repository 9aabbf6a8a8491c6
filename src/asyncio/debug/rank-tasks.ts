import { hasParks, type Resource, type Scope, scopesIn, type Task, tasksOf, waitsIn } from "../core/index.ts";

/**
 * The state of a task: `waiting` in one of Pottle's waits; `stopping` if it was cancelled; `stuck` if it is in a
 * deadlock or waits for a task that is; otherwise `running`. A task that awaits a promise of other code also counts as
 * `running`.
 */
export type TaskState = "running" | "waiting" | "stopping" | "stuck";

type Tasks = ReadonlyMap<Task<unknown>, unknown>;

/** @internal The state of a task. `stuck` contains the tasks that can never continue. */
export function stateOf(task: Task<unknown>, stuck: Tasks): TaskState {
  if (task.scope.requests > 0) return "stopping";
  if (stuck.has(task)) return "stuck";
  return hasParks(task.scope) ? "waiting" : "running";
}

/**
 * @internal All tasks that `scope` owns, directly or through other tasks, except hidden tasks and those that these own.
 */
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

/** @internal Options of {@link rankTasks}. */
export interface RankOptions {
  readonly stuck: Tasks;
  /** The resources that tasks wait for. */
  readonly resources: Iterable<Resource>;
  readonly limit: number;
}

/**
 * @internal The tasks to show before all others: those that are stuck, hold a resource that others wait for, or were
 * cancelled, and the owners of these; at most `limit`.
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

// The task and those of its owners that are not in `found` yet. If a task is in `found`, its owners are too.
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
