// Which tasks can never go on, of all tasks at once.
//
// `deadlocks.ts` follows the waits of one task at the moment they change. Here somebody looks at the whole process, where
// that would take the square of the number of tasks. So it goes the other way round: every task counts as stuck that
// waits for tasks only, until something in its waits turns out to be free; what depends on a free task is looked at
// again. Each wait is looked at once for each task that it depends on. What is left is stuck, in a circle or behind one.

import type { Park, Task } from "../core/index.ts";
import { blockersOf, waitsOf } from "./await-graph.ts";

/** @internal A task that cannot go on: by which wait, and which stuck task would have to end that. */
export interface StuckLink {
  readonly task: Task<unknown>;
  readonly park: Park;
  readonly blocker: Task<unknown>;
}

interface Wait {
  readonly task: Task<unknown>;
  readonly park: Park;
  readonly blockers: readonly Task<unknown>[];
  /** How many of its blockers must turn out to be free for it to be free. */
  hold: number;
}

/** @internal The stuck ones of `tasks`. */
export function findStuckTasks(tasks: readonly Task<unknown>[]): Map<Task<unknown>, StuckLink> {
  const search = new Search();
  for (const task of tasks) search.add(task);
  return search.run();
}

class Search {
  readonly #waits: Map<Task<unknown>, Wait[]> = new Map();
  readonly #dependents: Map<Task<unknown>, Wait[]> = new Map();

  add(task: Task<unknown>): void {
    const parks = waitsOf(task);
    const waits = parks.map((park) => toWait(task, park));
    if (!isStuck(task, waits)) return;
    this.#waits.set(task, waits);
    for (const wait of waits) for (const blocker of wait.blockers) this.#depend(blocker, wait);
  }

  #depend(blocker: Task<unknown>, wait: Wait): void {
    const dependents = this.#dependents.get(blocker);
    if (dependents === undefined) this.#dependents.set(blocker, [wait]);
    else dependents.push(wait);
  }

  run(): Map<Task<unknown>, StuckLink> {
    const free = [...this.#dependents.keys()].filter((task) => !this.#waits.has(task));
    for (let task = free.pop(); task !== undefined; task = free.pop()) {
      for (const wait of this.#dependents.get(task) ?? []) {
        if (this.#waits.has(wait.task) && this.#release(wait)) free.push(wait.task);
      }
    }
    return new Map([...this.#waits].map(([task, waits]) => [task, this.#link(task, waits)]));
  }

  // One blocker less. Returns whether the waiting task is free by that.
  #release(wait: Wait): boolean {
    wait.hold--;
    if (isStuck(wait.task, this.#waits.get(wait.task)!)) return false;
    this.#waits.delete(wait.task);
    return true;
  }

  #link(task: Task<unknown>, waits: readonly Wait[]): StuckLink {
    const { park, blockers } = waits.find(({ hold }) => hold > 0)!;
    return { task, park, blocker: blockers.find((blocker) => this.#waits.has(blocker))! };
  }
}

function toWait(task: Task<unknown>, park: Park): Wait {
  const blockers = blockersOf(park).filter((blocker) => !blocker.done());
  return { task, park, blockers, hold: park.resource.kind === "race" ? Math.min(1, blockers.length) : blockers.length };
}

// A task with several flows goes on when one of them does; a `gather` not before all of its children have.
function isStuck(task: Task<unknown>, waits: readonly Wait[]): boolean {
  if (task.combinator === "gather") return waits.some(({ hold }) => hold > 0);
  return waits.length > 0 && waits.every(({ hold }) => hold > 0);
}

/** @internal The circles among stuck tasks, each once. */
export function circlesOf(stuck: ReadonlyMap<Task<unknown>, StuckLink>): StuckLink[][] {
  const seen = new Set<Task<unknown>>();
  const circles: StuckLink[][] = [];
  for (const start of stuck.values()) {
    const path = new Map<Task<unknown>, number>();
    const links: StuckLink[] = [];
    let link: StuckLink | undefined = start;
    while (link !== undefined && !seen.has(link.task)) {
      seen.add(link.task);
      path.set(link.task, links.length);
      links.push(link);
      link = stuck.get(link.blocker);
    }
    const first = link === undefined ? undefined : path.get(link.task);
    if (first !== undefined) circles.push(links.slice(first));
  }
  return circles;
}
