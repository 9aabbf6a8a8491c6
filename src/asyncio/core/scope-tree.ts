// What is found by walking the tree: down from a scope to what waits in it, and up to the root of its task.

import type { Park } from "./park.ts";
import type { Scope } from "./scope.ts";
import type { Task } from "./task.ts";

/** @internal The tasks that belong to `scope`, oldest first. */
export function tasksOf(scope: Scope): Task<unknown>[] {
  const tasks: Task<unknown>[] = [];
  for (let task = scope.firstTask; task !== undefined; task = task.next) tasks.push(task);
  return tasks;
}

/** @internal The waits in `scope` and in the scopes within it, but for masked ones. */
export function collectParks(scope: Scope, parks: Park[]): Park[] {
  for (let park = scope.firstPark; park !== undefined; park = park.next) parks.push(park);
  for (const child of scope.children) if (!child.masked) collectParks(child, parks);
  return parks;
}

/** @internal Whether anything waits in `scope` or in the scopes within it. */
export function hasParks(scope: Scope): boolean {
  return scope.firstPark !== undefined || scope.children.some(hasParks);
}

/** @internal How often the scopes from `scope` up to its task's root were asked to stop. */
export function countRequests(scope: Scope): number {
  let requests = 0;
  for (let s: Scope = scope; ; s = s.parent!) {
    requests += s.requests;
    if (s === s.root) return requests;
  }
}

/** @internal As {@link countRequests}, of those whose requests reach `scope`: what is beyond a masked one is not heard. */
export function countAudibleRequests(scope: Scope): number {
  let requests = 0;
  for (let s: Scope = scope; ; s = s.parent!) {
    requests += s.requests;
    if (s === s.root || s.masked) return requests;
  }
}
