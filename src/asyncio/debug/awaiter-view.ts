// Finds for all tasks at once which task awaits which. The search goes forwards: from the waits of each task to the
// tasks that they wait for.

import { type Awaitable, awaitedIn, type Park, Task, waitsIn } from "../core/index.ts";
import { waitStack } from "./wait-stacks.ts";

/** A task that awaits another at one moment. */
export interface AwaiterView {
  /** The number of the awaiting task. */
  readonly id: number;
  /** The call stack of the wait, the innermost call first; empty outside debug mode. */
  readonly callStack: readonly string[];
}

/**
 * @internal The tasks that await each of `tasks`, one entry for each wait. A combinator is replaced by the tasks that
 * await it.
 */
export function findAwaiters(tasks: readonly Task<unknown>[]): Map<Task<unknown>, AwaiterView[]> {
  const found = new Map<Task<unknown>, AwaiterView[]>();
  for (const task of tasks) {
    // A combinator is skipped if a task awaits it, because that task is listed instead.
    if (task.combinator !== undefined && task.awaitedBy.length > 0) continue;
    for (const park of waitsIn(task.scope)) addAwaiter(found, task.id, park);
  }
  return found;
}

function addAwaiter(found: Map<Task<unknown>, AwaiterView[]>, id: number, park: Park): void {
  const awaiter = { id, callStack: waitStack(park) ?? [] };
  for (const task of lookThrough(awaitedIn(park))) {
    const awaiters = found.get(task);
    if (awaiters === undefined) found.set(task, [awaiter]);
    else if (!isSame(awaiters.at(-1)!, awaiter)) awaiters.push(awaiter);
  }
}

// Duplicates are possible: a race, for example, waits for each of its tasks and for all of them together.
function isSame(one: AwaiterView, other: AwaiterView): boolean {
  return one.id === other.id && one.callStack.join() === other.callStack.join();
}

// The awaited tasks and, behind each combinator, the tasks that it waits for; each task once.
function lookThrough(awaited: readonly Awaitable<unknown>[]): Set<Task<unknown>> {
  const found = new Set<Task<unknown>>();
  const open = awaited.toReversed();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!(next instanceof Task) || found.has(next)) continue;
    found.add(next);
    if (next.combinator === undefined) continue;
    for (const park of waitsIn(next.scope)) for (const behind of awaitedIn(park)) open.push(behind);
  }
  return found;
}
