// Walks through the scopes of one task. Users nest scopes as deep as they like, so each walk is a loop.

import type { Park } from "../waits/park.ts";
import type { Scope } from "./scope.ts";
import type { Task } from "../tasks/task.ts";

/** @internal The scopes within `top`, itself first, each before those within it; masked ones below it only if `masked`. */
export function* scopesIn(top: Scope, masked: boolean = true): Generator<Scope, void, undefined> {
  for (let scope: Scope | undefined = top; scope !== undefined;) {
    yield scope;
    scope = following(scope, top, masked);
  }
}

// The next scope in the order of a walk from `top`: the first child, else the next sibling of it or of the nearest parent.
function following(scope: Scope, top: Scope, masked: boolean): Scope | undefined {
  const child = unmasked(scope.scopes?.first, masked);
  if (child !== undefined) return child;
  for (let s = scope; s !== top; s = s.parent!) {
    const sibling = unmasked(s.next, masked);
    if (sibling !== undefined) return sibling;
  }
  return undefined;
}

function unmasked(first: Scope | undefined, masked: boolean): Scope | undefined {
  if (masked) return first;
  let scope = first;
  while (scope?.masked === true) scope = scope.next;
  return scope;
}

/** @internal The tasks that belong to `scope`, oldest first. */
export function tasksOf(scope: Scope): Task<unknown>[] {
  return scope.tasks?.toArray() ?? [];
}

/** @internal The waits in `scope` and in the scopes within it, except masked ones. */
export function collectParks(scope: Scope): Park[] {
  if (scope.scopes?.first === undefined) return scope.parks?.toArray() ?? [];
  const parks: Park[] = [];
  for (const each of scopesIn(scope, false)) {
    for (let park = each.parks?.first; park !== undefined; park = park.next) parks.push(park);
  }
  return parks;
}

/** @internal Whether anything waits in `scope` or in the scopes within it. */
export function hasParks(scope: Scope): boolean {
  if (scope.root.receivers === 0) return false;
  for (const each of scopesIn(scope)) if (each.parks?.first !== undefined) return true;
  return false;
}

/** @internal Whether anything waits in `scope` or in the scopes within it, or a task belongs to one of them. */
export function isBusy(scope: Scope): boolean {
  for (const { parks, tasks } of scopesIn(scope)) {
    if (parks?.first !== undefined || tasks?.first !== undefined) return true;
  }
  return false;
}

/** @internal How often the scopes from `scope` up to its task's root were asked to stop. */
export function countRequests(scope: Scope): number {
  let requests = 0;
  for (let s: Scope = scope; ; s = s.parent!) {
    requests += s.requests;
    if (s === s.root) return requests;
  }
}

/** @internal All tasks that belong to `top`, at any depth. */
export function* tasksIn(top: Scope): Generator<Task<unknown>, void, undefined> {
  const tops = [top];
  for (let next = tops.pop(); next !== undefined; next = tops.pop()) {
    for (const scope of scopesIn(next)) {
      for (const task of tasksOf(scope)) {
        yield task;
        tops.push(task.scope);
      }
    }
  }
}
