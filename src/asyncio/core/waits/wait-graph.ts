// The graph of which task waits for which. Its edges are not stored here: a wait knows its scope and its resource, and
// a lock knows its holder. This file follows them. It uses loops instead of recursion, because users may chain tasks
// and nest scopes to any depth.
//
//   task ── its waits ──┬─ for a task ──────────> that task
//                       ├─ for a group, gather ─> its tasks: all of them are needed
//                       ├─ for a race ──────────> its tasks: one of them is enough
//                       ├─ for a lock ──────────> its holder
//                       └─ for capacity ────────> its holders: one of them is enough

import { Awaitable } from "../tasks/awaitable.ts";
import type { Park } from "./park.ts";
import type { Scope } from "../scopes/scope.ts";
import { scopesIn, tasksOf } from "../scopes/scope-tree.ts";
import { Task } from "../tasks/task.ts";

/** @internal The waits in `scope` and in the scopes within it, including those in masked scopes. */
export function* waitsIn(scope: Scope): Generator<Park, void, undefined> {
  for (const each of scopesIn(scope)) yield* ownWaits(each);
}

/** @internal The current waits of `task`, including those in masked scopes. */
export function waitsOf(task: Task<unknown>): Park[] {
  return [...waitsIn(task.scope)];
}

/** @internal The waits in `scope` itself, without those in the scopes within it. */
export function* ownWaits(scope: Scope): Generator<Park, void, undefined> {
  for (let park = scope.firstPark; park !== undefined; park = park.next) yield park;
}

/** @internal The tasks and futures that a wait waits for. */
export function awaitedIn({ resource, scope }: Park): readonly Awaitable<unknown>[] {
  if (resource instanceof Awaitable) return [resource];
  if (resource.awaits !== undefined) return resource.awaits();
  if (resource.kind === "race") return tasksOf(scope).filter(isWatched);
  return resource.kind === "gather" ? tasksOf(scope).filter(isLinked) : [];
}

// A race also owns tasks that its competitors create, but it does not wait for those.
function isWatched(task: Task<unknown>): boolean {
  return task.isWatched;
}

function isLinked(task: Task<unknown>): boolean {
  return task.isLinked;
}

const combining: ReadonlySet<string> = new Set(["race", "gather"]);

/** @internal Whether the wait depends on known tasks. This is cheaper than finding those tasks. */
export function hasBlockers({ resource }: Park): boolean {
  if (resource instanceof Awaitable) return resource instanceof Task;
  const isHeld = resource.holder !== undefined || resource.holders !== undefined;
  return isHeld || resource.awaits !== undefined || combining.has(resource.kind);
}

/**
 * @internal The tasks that a wait waits for, and the task that holds its resource. For capacity, see
 * `Resource.holders`.
 */
export function blockersOf(park: Park): Task<unknown>[] {
  const tasks = awaitedIn(park).filter(isRunningTask);
  const holder = park.resource.holder?.();
  if (holder !== undefined && !holder.done()) tasks.push(holder);
  return tasks;
}

function isRunningTask(awaitable: Awaitable<unknown>): awaitable is Task<unknown> {
  return awaitable instanceof Task && !awaitable.done();
}
