import type { TaskSnapshot } from "./task-snapshot.ts";

/**
 * The circles of tasks that await each other, each as the numbers of its tasks, the first one again at the end. Every
 * circle that a search from the first task on closes is in it, not every way to go round.
 *
 * @example
 * console.log(findAwaitCycles([
 *   { id: 2, name: "a", waits: [], awaitedBy: [{ id: 3, callStack: [] }] },
 *   { id: 3, name: "b", waits: [], awaitedBy: [{ id: 2, callStack: [] }] },
 * ])); // [ [ 2, 3, 2 ] ]
 */
export function findAwaitCycles(tasks: readonly TaskSnapshot[]): number[][] {
  const awaiters = new Map(tasks.map(({ id, awaitedBy }) => [id, awaitedBy.map((awaiter) => awaiter.id)]));
  const cycles: number[][] = [];
  const finished = new Set<number>();
  for (const { id } of tasks) search(id, [], { awaiters, cycles, finished });
  return cycles;
}

interface Search {
  readonly awaiters: ReadonlyMap<number, readonly number[]>;
  readonly cycles: number[][];
  readonly finished: Set<number>;
}

function search(id: number, path: readonly number[], state: Search): void {
  const start = path.indexOf(id);
  if (start !== -1) state.cycles.push([...path.slice(start), id]);
  if (start !== -1 || state.finished.has(id)) return;
  for (const awaiter of state.awaiters.get(id) ?? []) search(awaiter, [...path, id], state);
  state.finished.add(id);
}
