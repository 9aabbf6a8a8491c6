import { DeadlockWatch, type Park } from "../core/index.ts";
import { waitStack } from "./wait-stacks.ts";
import type { Detector } from "./report.ts";

/** @internal Reports each circle of tasks once, at the end of the turn in which it closes. */
export function detectDeadlocks(): Detector {
  const watch = new DeadlockWatch((park) => waitStack(park)?.[0]);
  const suspect = ({ scope: { task } }: Park): void => {
    if (task !== undefined) watch.suspect(task);
  };
  return { instrument: { wait: suspect, wake: suspect }, stop: () => watch.stop() };
}
