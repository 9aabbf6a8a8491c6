import type { Awaitable } from "../tasks/awaitable.ts";
import { type OnCancel, Park, type Resource } from "./park.ts";
import { runtime } from "../state/runtime.ts";
import { throwPending } from "../scopes/delivery.ts";
import { currentScope } from "../scopes/scope.ts";

/**
 * @internal Waits until `onSettled` wakes the wait, or until `ms` milliseconds have passed. `onSettled` is called with
 * each of `all` when that one is done. A cancellation ends the wait; with `onCancel`, it calls that function instead.
 */
export async function waitAmong<T>(
  all: readonly Awaitable<unknown>[],
  resource: Resource,
  ms: number,
  onSettled: (awaitable: Awaitable<unknown>, park: Park<T | undefined>) => void,
  onCancel?: OnCancel,
): Promise<T | undefined> {
  const scope = currentScope();
  throwPending(scope);
  const park = new Park<T | undefined>(scope, resource, onCancel);
  if (ms !== Infinity) park.timer = runtime.timers.add(ms, giveUp<T>, park, runtime.schedule?.tie());
  const watcher = { settled: (awaitable: Awaitable<unknown>): void => onSettled(awaitable, park) };
  // One wait for each awaitable, so that inspectors show the edges. A cancellation is handled by the main wait only.
  const edges = all.map((awaitable) => addEdge(awaitable, new Park(scope, awaitable, ignoreCancel)));
  const watches = all.map((awaitable) => awaitable.watch(watcher));
  try {
    return await park.promise();
  } finally {
    for (const [index, awaitable] of all.entries()) awaitable.unwatch(watches[index]!);
    for (const edge of edges) edge.end();
  }
}

function addEdge(awaitable: Awaitable<unknown>, edge: Park): Park {
  awaitable.addAwaiter(edge);
  return edge;
}

function giveUp<T>(park: Park<T | undefined>): void {
  park.wake(undefined);
}

/** @internal Ignores cancellations; for a wait whose sibling handles them. */
export function ignoreCancel(): boolean {
  return false;
}
