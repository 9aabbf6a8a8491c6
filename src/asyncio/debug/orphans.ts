import { describeOrphan, isCancelled, type Orphan, outside, type Park, runtime } from "../core/index.ts";
import { type Detector, report } from "./report.ts";
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

interface Left {
  readonly orphan: Orphan;
  readonly park: Park;
  readonly lookAt: number;
}

// They stand in line in the order in which they were left, so one timer is enough.
class OrphanWatch {
  readonly #grace: number;
  #line: Left[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(grace: number) {
    this.#grace = grace;
  }

  left(park: Park): void {
    const orphan = park.payload as Orphan | undefined;
    // Of a promise that is left again and again, the first time is reported, with the count.
    if (orphan === undefined || orphan.count > 1 || this.#grace === Infinity) return;
    this.#line.push({ orphan, park, lookAt: performance.now() + this.#grace });
    if (this.#timer === undefined) this.#setTimer();
  }

  #setTimer(): void {
    const [next] = this.#line;
    if (next === undefined) return;
    const ms = Math.max(1, next.lookAt - performance.now());
    this.#timer = outside(setTimeout, () => this.#look(), ms).unref();
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    const later = this.#line.findIndex(({ lookAt }) => lookAt > now);
    for (const { orphan, park } of this.#line.splice(0, later === -1 ? this.#line.length : later)) {
      if (orphan.isPending) reportOrphan(orphan, park);
    }
    this.#setTimer();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#line = [];
  }
}

function reportOrphan(orphan: Orphan, park: Park): void {
  const age = Math.round(runtime.timers.now() - orphan.since);
  report(
    park.scope,
    `A promise was left ${age} ms ago and is still pending: ${describeOrphan(orphan)}. It was awaited as ${describeWait(park)}. ` +
      "Hand currentSignal() to what made it, so that it can end with the code that awaits it",
  );
}
