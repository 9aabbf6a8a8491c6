// Walks through the scopes of one task. Users may nest scopes to any depth, so each walk is a loop, not a recursion.

import type { Park } from "../waits/park.ts";
import type { Scope } from "./scope.ts";
import type { Task } from "../tasks/task.ts";

/**
 * @internal `top` and all scopes within it, each before its own inner scopes. Masked scopes, and those within them, are
 * included only if `masked` is true; `top` always is.
 */
export function* scopesIn(top: Scope, masked: boolean = true): Generator<Scope, void, undefined> {
  for (let scope: Scope | undefined = top; scope !== undefined;) {
    yield scope;
    scope = following(scope, top, masked);
  }
}

// The next scope in a walk from `top`: the first child, else the next sibling, else the next sibling of the nearest
// ancestor that has one.
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

/** @internal The tasks that `scope` owns, the oldest first. */
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

/** @internal Whether there is a wait in `scope` or in a scope within it. */
export function hasParks(scope: Scope): boolean {
  if (scope.root.receivers === 0) return false;
  for (const each of scopesIn(scope)) if (each.parks?.first !== undefined) return true;
  return false;
}

/** @internal Whether there is a wait or an owned task in `scope` or in a scope within it. */
export function isBusy(scope: Scope): boolean {
  for (const { parks, tasks } of scopesIn(scope)) {
    if (parks?.first !== undefined || tasks?.first !== undefined) return true;
  }
  return false;
}

/** @internal The number of outstanding requests to the scopes from `scope` up to its task's root. */
export function countRequests(scope: Scope): number {
  let requests = 0;
  for (let s: Scope = scope; ; s = s.parent!) {
    requests += s.requests;
    if (s === s.root) return requests;
  }
}

/** @internal All tasks that `top` owns, directly or through other tasks. */
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
