import { describeResource, type Scope, type Task } from "../core/index.ts";

const largest = 8;

/**
 * A text that describes the waits, scopes and tasks in a scope, without the names of the tasks. It is equal for two
 * tasks that do the same. It is empty if the scope contains too much to be compared.
 */
function shapeOf(scope: Scope): string {
  const count = { left: largest };
  const shape = describe(scope, count);
  return count.left < 0 ? "" : shape;
}

function describe(scope: Scope, count: { left: number }): string {
  if (--count.left < 0) return "";
  let shape = scope.requests > 0 ? `${scope.kind}!` : scope.kind;
  for (let park = scope.firstPark; park !== undefined && count.left >= 0; park = park.next) {
    if (park !== scope.firstPark) count.left--;
    shape += ` ${park.resource.kind === "task" ? "task" : describeResource(park.resource)}`;
  }
  if (scope.firstTask === undefined && scope.scopes?.first === undefined) return shape;
  const scopes = scope.children.slice(0, largest).map((child) => describe(child, count));
  const tasks = firstTasks(scope).map((task) => describe(task.scope, count));
  return `${shape}(${scopes.join()};${tasks.join()})`;
}

function firstTasks(scope: Scope): Task<unknown>[] {
  const tasks: Task<unknown>[] = [];
  for (let task = scope.firstTask; task !== undefined && tasks.length <= largest; task = task.next) tasks.push(task);
  return tasks;
}

/** @internal Tasks that have the same owner and do the same. */
export interface Group {
  /** The number of tasks that are shown. */
  shown: number;
  readonly folded: Task<unknown>[];
}

/** @internal Groups the tasks of one owner that do the same. */
export class Groups {
  readonly #groups: Map<string, Group> = new Map();
  /** The tasks that are in no group. */
  readonly others: Group = { shown: -Infinity, folded: [] };

  /** Returns the group of a task. */
  of(task: Task<unknown>): Group {
    const shape = shapeOf(task.scope);
    if (shape === "") return this.others;
    const group = this.#groups.get(shape) ?? { shown: 0, folded: [] };
    this.#groups.set(shape, group);
    return group;
  }

  /** All groups; the tasks that are in no group come last. */
  all(): Group[] {
    return [...this.#groups.values(), this.others];
  }
}
