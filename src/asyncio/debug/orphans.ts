import { describeOrphan, isCancelled, type Orphan, outside, type Park, runtime } from "../core/index.ts";
import { type Detector, report } from "./report.ts";
import { TimedLine } from "../../base/timed-line.ts";
import { describeWait } from "./wait-stacks.ts";

interface Left {
  readonly orphan: Orphan;
  readonly park: Park;
}

/**
 * @internal Reports promises that a cancelled `waitPromise` abandoned, and that are still pending `grace` milliseconds
 * later.
 */
export function detectOrphans(grace: number): Detector {
  const line = new TimedLine<Left>(
    grace,
    ({ orphan, park }) => {
      if (orphan.isPending) reportOrphan(orphan, park);
    },
    outside,
  );
  return {
    instrument: {
      wake: (park, error) => {
        if (park.resource.kind !== "promise" || !isCancelled(error)) return;
        const orphan = park.payload as Orphan | undefined;
        // A promise that several waits abandon is reported once, with the count.
        if (orphan?.count === 1) line.add({ orphan, park });
      },
    },
    stop: () => line.clear(),
  };
}

function reportOrphan(orphan: Orphan, park: Park): void {
  const age = Math.round(runtime.timers.now() - orphan.since);
  report(
    park.scope,
    `A promise was left ${age} ms ago and is still pending: ${describeOrphan(orphan)}. It was awaited as ${describeWait(park)}. ` +
      "Hand currentSignal() to what made it, so that it can end with the code that awaits it",
  );
}
