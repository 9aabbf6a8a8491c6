import { ambient, describeResource, type Park, type Task } from "../core/index.ts";
import { captureStack, framesOf, type Stack } from "./stacks.ts";

const stacks = ambient("debug.waitStacks", () => new WeakMap<Park, Stack>());
const lastWaits = ambient("debug.lastWaits", () => new WeakMap<Task<unknown>, Park>());

/** @internal Records where a wait begins. */
export function recordWait(park: Park): void {
  stacks.set(park, captureStack(recordWait));
  if (park.scope.task !== undefined) lastWaits.set(park.scope.task, park);
}

/**
 * @internal The call stack of a wait, the innermost call first; `undefined` if debug mode was off when the wait began.
 */
export function waitStack(park: Park): string[] | undefined {
  const stack = stacks.get(park);
  return stack === undefined ? undefined : framesOf(stack);
}

/** @internal The last wait that `task` began. */
export function lastWait(task: Task<unknown>): Park | undefined {
  return lastWaits.get(task);
}

/** @internal The resource of a wait, and the line that waits: `Lock db at load (file:///app.ts:3:9)`. */
export function describeWait(park: Park): string {
  const line = waitStack(park)?.[0];
  const resource = describeResource(park.resource);
  return line === undefined ? resource : `${resource} at ${line}`;
}
