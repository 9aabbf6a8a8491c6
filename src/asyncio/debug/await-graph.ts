// Who waits for whom. The edges are there already: a wait knows its scope and its resource, a task knows who awaits it, a
// lock knows who holds it. Here they are followed through the tasks that only stand for others: `gather`, `shield`.

import { Awaitable, type Park, type Scope, Task, tasksOf } from "../core/index.ts";

/** @internal What `task` waits for at this moment, also where a cancellation does not reach it. */
export function waitsOf(task: Task<unknown>): Park[] {
  return waitsIn(task.scope);
}

function waitsIn(scope: Scope): Park[] {
  return [...ownWaits(scope), ...scope.children.flatMap(waitsIn)];
}

/** @internal What code waits for in `scope` itself. */
export function ownWaits(scope: Scope): Park[] {
  const waits: Park[] = [];
  for (let park = scope.firstPark; park !== undefined; park = park.next) waits.push(park);
  return waits;
}

/** @internal The tasks and futures that a wait is for. */
export function awaitedIn({ resource, scope }: Park): Awaitable<unknown>[] {
  if (resource instanceof Awaitable) return [resource];
  if (resource.kind === "taskGroup") return scope.children.filter(isTaskGroup).flatMap(tasksOf).filter(isWatched);
  if (resource.kind === "race") return tasksOf(scope).filter(isWatched);
  return resource.kind === "gather" ? tasksOf(scope).filter(isLinked) : [];
}

// Tasks that tasks of the group create in passing belong to it as well; it does not wait for them.
function isWatched(task: Task<unknown>): boolean {
  return task.isWatched;
}

function isLinked(task: Task<unknown>): boolean {
  return task.isLinked;
}

/** @internal The tasks without which a wait cannot end: those it is for, and the one that holds what it is for. */
export function blockersOf(park: Park): Task<unknown>[] {
  const holder = park.resource.holder?.();
  const awaited = awaitedIn(park).filter((awaitable) => awaitable instanceof Task);
  return holder === undefined ? awaited : [...awaited, holder];
}

/** @internal The tasks that wait for `awaitable`, found through what only stands for others. */
export function awaitersOf(awaitable: Awaitable<unknown>): Task<unknown>[] {
  const found: Set<Task<unknown>> = new Set();
  collectAwaiters(awaitable, found, new Set());
  return [...found];
}

function collectAwaiters(awaitable: Awaitable<unknown>, found: Set<Task<unknown>>, seen: Set<Task<unknown>>): void {
  for (const task of directAwaiters(awaitable)) {
    if (seen.has(task)) continue;
    seen.add(task);
    // A combinator that nobody awaits stands for itself.
    if (task.combinator === undefined || directAwaiters(task).length === 0) found.add(task);
    else collectAwaiters(task, found, seen);
  }
}

function directAwaiters(awaitable: Awaitable<unknown>): Task<unknown>[] {
  const joiner = awaitable instanceof Task ? joinerOf(awaitable) : undefined;
  return joiner === undefined ? awaitable.awaitedBy : [...new Set([joiner, ...awaitable.awaitedBy])];
}

// The task whose group or race waits for a task of it.
function joinerOf(task: Task<unknown>): Task<unknown> | undefined {
  if (!task.isWatched) return undefined;
  const owner = task.scope.parent!;
  const waiting = isTaskGroup(owner) ? owner.parent! : owner;
  return owner.task !== undefined && waitsFor(waiting, owner.kind) ? owner.task : undefined;
}

function isTaskGroup(scope: Scope): boolean {
  return scope.kind === "taskGroup";
}

function waitsFor(scope: Scope, kind: string): boolean {
  return ownWaits(scope).some((park) => park.resource.kind === kind);
}

/** @internal The waits of `task` by which it waits for `awaitable`, directly or through what stands for others. */
export function waitsOn(task: Task<unknown>, awaitable: Awaitable<unknown>, seen: Set<unknown> = new Set()): Park[] {
  if (seen.has(task)) return [];
  seen.add(task);
  return waitsOf(task).filter((park) =>
    awaitedIn(park).some(
      (awaited) =>
        awaited === awaitable ||
        (awaited instanceof Task && awaited.combinator !== undefined && waitsOn(awaited, awaitable, seen).length > 0),
    ),
  );
}
