import type { ProcessView } from "../../asyncio/index.ts";
import { tasksIn } from "./tasks-in.ts";

/**
 * Finds circles of tasks that await each other. Each circle is a list of task numbers, with the first one repeated at
 * the end. The list contains the circles that a depth-first search finds; overlapping circles may be missing.
 *
 * @param snapshot - A snapshot that was taken with the option `awaiters`.
 * @example
 * console.log(findAwaitCycles(takeSnapshot({ awaiters: true, limit: Infinity }))); // []
 */
export function findAwaitCycles({ root }: Pick<ProcessView, "root">): number[][] {
  const tasks = tasksIn(root);
  const search = new Search(
    new Map(tasks.map(({ id, awaitedBy = [] }) => [id, awaitedBy.map((awaiter) => awaiter.id)])),
  );
  for (const { id } of tasks) search.from(id);
  return search.cycles;
}

// A task on the current path of the search, and the number of its awaiters that were visited.
interface Step {
  readonly id: number;
  next: number;
}

class Search {
  readonly cycles: number[][] = [];
  readonly #awaiters: ReadonlyMap<number, readonly number[]>;
  readonly #finished: Set<number> = new Set();
  readonly #path: Step[] = [];
  readonly #places: Map<number, number> = new Map();

  constructor(awaiters: ReadonlyMap<number, readonly number[]>) {
    this.#awaiters = awaiters;
  }

  from(start: number): void {
    this.#enter(start);
    for (let step = this.#path.at(-1); step !== undefined; step = this.#path.at(-1)) {
      const awaiter = this.#awaiters.get(step.id)?.[step.next++];
      if (awaiter !== undefined) this.#enter(awaiter);
      else this.#leave(step.id);
    }
  }

  #enter(id: number): void {
    const place = this.#places.get(id);
    if (place !== undefined) this.cycles.push([...this.#path.slice(place).map((step) => step.id), id]);
    if (place !== undefined || this.#finished.has(id)) return;
    this.#places.set(id, this.#path.push({ id, next: 0 }) - 1);
  }

  #leave(id: number): void {
    this.#path.pop();
    this.#places.delete(id);
    this.#finished.add(id);
  }
}
