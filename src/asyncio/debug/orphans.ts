import { describeOrphan, isCancelled, type Orphan, orphans, outside, type Park, runtime } from "../core/index.ts";
import type { Detector } from "./detector.ts";
import { report } from "./report.ts";
import { describeWait } from "./wait-stacks.ts";

/** @internal Reports promises that were left by `waitPromise`, and are still pending `grace` milliseconds later. */
export function detectOrphans(grace: number): Detector {
  const watch = new OrphanWatch(grace);
  return {
    instrument: {
      wake: (park, error) => {
        if (park.resource.kind === "promise" && isCancelled(error)) watch.left(park);
      },
    },
    stop: () => watch.stop(),
  };
}

class OrphanWatch {
  readonly #grace: number;
  readonly #timers: Set<NodeJS.Timeout> = new Set();
  readonly #known: WeakSet<Orphan> = new WeakSet();

  constructor(grace: number) {
    this.#grace = grace;
    for (const orphan of orphans()) this.#known.add(orphan);
  }

  // Once for each promise and name, however many waits leave it.
  left(park: Park): void {
    const orphan = park.payload as Orphan | undefined;
    if (orphan === undefined || this.#known.has(orphan) || this.#grace === Infinity) return;
    this.#known.add(orphan);
    this.#waitFor(orphan, park);
  }

  #waitFor(orphan: Orphan, park: Park): void {
    const timer = outside(setTimeout, () => this.#look(orphan, park, timer), this.#grace);
    timer.unref();
    this.#timers.add(timer);
  }

  #look(orphan: Orphan, park: Park, timer: NodeJS.Timeout): void {
    this.#timers.delete(timer);
    if (!orphan.isPending) return;
    const age = Math.round(runtime.timers.now() - orphan.since);
    report(
      park.scope,
      `A promise was left ${age} ms ago and is still pending: ${describeOrphan(orphan)}. It was awaited as ${describeWait(park)}. ` +
        "Hand currentSignal() to what made it, so that it can end with the code that awaits it",
    );
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
