// Who waits for whom. The edges are there already: a wait knows its scope and its resource, a lock knows its holder. Here
// they are followed, by loops: users chain tasks and nest scopes as deep as they like.
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

/** @internal What is waited for in `scope` and in the scopes within it, even where a cancellation does not reach. */
export function* waitsIn(scope: Scope): Generator<Park, void, undefined> {
  for (const each of scopesIn(scope)) yield* ownWaits(each);
}

/** @internal What `task` waits for at this moment, even where a cancellation does not reach. */
export function waitsOf(task: Task<unknown>): Park[] {
  return [...waitsIn(task.scope)];
}

/** @internal What code waits for in `scope` itself. */
export function* ownWaits(scope: Scope): Generator<Park, void, undefined> {
  for (let park = scope.firstPark; park !== undefined; park = park.next) yield park;
}

/** @internal The tasks and futures that a wait is for. */
export function awaitedIn({ resource, scope }: Park): readonly Awaitable<unknown>[] {
  if (resource instanceof Awaitable) return [resource];
  if (resource.awaits !== undefined) return resource.awaits();
  if (resource.kind === "race") return tasksOf(scope).filter(isWatched);
  return resource.kind === "gather" ? tasksOf(scope).filter(isLinked) : [];
}

// Tasks that tasks of a race create in passing belong to it as well; it does not wait for them.
function isWatched(task: Task<unknown>): boolean {
  return task.isWatched;
}

function isLinked(task: Task<unknown>): boolean {
  return task.isLinked;
}

const combining: ReadonlySet<string> = new Set(["race", "gather"]);

/** @internal Whether tasks are known that have to do something for the wait to end; cheaper than finding them. */
export function hasBlockers({ resource }: Park): boolean {
  if (resource instanceof Awaitable) return resource instanceof Task;
  const isHeld = resource.holder !== undefined || resource.holders !== undefined;
  return isHeld || resource.awaits !== undefined || combining.has(resource.kind);
}

/** @internal The tasks that a wait is for, and the one that holds what it is for; for capacity see `Resource.holders`. */
export function blockersOf(park: Park): Task<unknown>[] {
  const tasks = awaitedIn(park).filter(isRunningTask);
  const holder = park.resource.holder?.();
  if (holder !== undefined && !holder.done()) tasks.push(holder);
  return tasks;
}

function isRunningTask(awaitable: Awaitable<unknown>): awaitable is Task<unknown> {
  return awaitable instanceof Task && !awaitable.done();
}
