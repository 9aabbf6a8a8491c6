import type { Task } from "../../asyncio/index.ts";
import { isExcluded } from "./excluded-tasks.ts";

/** Where a task belongs. */
export interface Lineage {
  /** The request that it belongs to, or is; else its outermost owner, the server's own tasks excluded. */
  readonly root: Task<unknown>;
  /** How many tasks are between it and that, itself included; a `gather` does not count. */
  readonly depth: number;
  /** Whether one of its owners is hidden. */
  readonly hidden: boolean;
}

/** Remembers where tasks belong, so that finding it costs the same at any depth. */
export class Lineages {
  readonly #known = new WeakMap<Task<unknown>, Lineage>();

  /** Where a task belongs. */
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

/** The request that a task belongs to or is, or `undefined`. */
export function requestOf(task: Task<unknown>): Task<unknown> | undefined {
  let owner: Task<unknown> | undefined = task;
  while (owner !== undefined && owner.role !== "request") owner = owner.scope.parent?.task;
  return owner;
}
