import type { Task } from "../../asyncio/index.ts";
import { isExcluded } from "./excluded-tasks.ts";

/** The place of a task in the ownership tree. */
export interface Lineage {
  /** The request that the task is or belongs to, else its outermost owner. The server's own tasks do not count. */
  readonly root: Task<unknown>;
  /**
   * How many levels of ownership the task is below its root; 0 for the root itself. A `gather` does not count as a
   * level.
   */
  readonly depth: number;
  /** Whether one of the task's owners is hidden. */
  readonly hidden: boolean;
}

/** Stores the lineage of tasks, so that finding it takes the same time at any depth. */
export class Lineages {
  readonly #known = new WeakMap<Task<unknown>, Lineage>();

  /** The place of a task in the ownership tree. */
  of(task: Task<unknown>): Lineage {
    const unknown: Task<unknown>[] = [];
    let owner: Task<unknown> | undefined = task;
    while (owner !== undefined && !this.#known.has(owner)) {
      unknown.push(owner);
      owner = owner.scope.parent?.task;
    }
    for (const each of unknown.toReversed()) this.#known.set(each, this.#derive(each));
    return this.#known.get(task)!;
  }

  #derive(task: Task<unknown>): Lineage {
    const owner = task.scope.parent?.task;
    const above = owner === undefined ? undefined : this.#known.get(owner);
    const hidden = owner !== undefined && (isExcluded(owner) || above?.hidden === true);
    if (above === undefined || owner?.role === "server" || task.role === "request") {
      return { root: task, depth: 0, hidden };
    }
    return { root: above.root, depth: above.depth + (owner?.combinator === undefined ? 1 : 0), hidden };
  }
}

/** The request that a task is or belongs to, or `undefined`. */
export function requestOf(task: Task<unknown>): Task<unknown> | undefined {
  let owner: Task<unknown> | undefined = task;
  while (owner !== undefined && owner.role !== "request") owner = owner.scope.parent?.task;
  return owner;
}
