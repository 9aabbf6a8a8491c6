// Code that was asked to stop and goes on some time later. Either it has not heard of it, because it awaits a promise that
// is not ours, or computes; or it has heard, and waits for something new: it caught the error, or cleans up for long.
// Code that waits for what it waited for when it was asked waits for somebody else's clean-up, and is not to blame.

import { collectParks, outside, type Park, type Scope } from "../core/index.ts";
import type { Detector } from "./detector.ts";
import { describeScope, report } from "./report.ts";
import { describeWait, lastWait } from "./wait-stacks.ts";

interface Request {
  readonly scope: Scope;
  /** What it waited for when it was asked. */
  readonly before: WeakSet<Park>;
  readonly madeAt: number;
}

/** @internal Reports code that goes on for longer than `grace` milliseconds after it was asked to stop. */
export function detectUnstoppedCode(grace: number): Detector {
  const patience = new Patience(grace);
  return { instrument: { cancel: (scope) => patience.begin(scope) }, stop: () => patience.stop() };
}

// Looks at each request when its time is over. The timers are the platform's own: they hold no process open, and are no
// business of a test's virtual clock.
class Patience {
  readonly #grace: number;
  readonly #timers: Map<Scope, NodeJS.Timeout> = new Map();

  constructor(grace: number) {
    this.#grace = grace;
  }

  begin(scope: Scope): void {
    if (this.#timers.has(scope) || this.#grace === Infinity) return;
    const before = new WeakSet(collectParks(scope));
    this.#waitFor({ scope, before, madeAt: performance.now() });
  }

  #waitFor(request: Request): void {
    const timer = outside(setTimeout, () => this.#look(request), this.#grace);
    timer.unref();
    this.#timers.set(request.scope, timer);
  }

  #look(request: Request): void {
    const { scope } = request;
    this.#timers.delete(scope);
    if (scope.requests === 0 || scope.isClosing) return;
    if (hasMasked(scope)) this.#waitFor(request);
    else judge(request);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}

function hasMasked(scope: Scope): boolean {
  return scope.children.some((child) => child.masked || hasMasked(child));
}

function judge({ scope, before, madeAt }: Request): void {
  const waits = collectParks(scope);
  if (waits.some((park) => before.has(park))) return;
  const asked = `${describeScope(scope)} was asked to stop ${Math.round(performance.now() - madeAt)} ms ago (${scope.error!.message})`;
  if (scope.pending) report(scope, `${asked} and has reached no wait since: ${describeDeafness(scope)}`);
  else report(scope, `${asked}, was told so, and goes on: ${describeWaits(waits)}. ${advice}`);
}

const advice = "Throw a CancelledError that you catch again, and give long clean-up a timeout";

function describeDeafness({ task }: Scope): string {
  const last = task === undefined ? undefined : lastWait(task);
  const before = last === undefined ? "It has not waited for anything yet" : `It last waited for ${describeWait(last)}`;
  return `it awaits a promise that is not ours, or computes. ${before}. Hand currentSignal() to what it awaits, or use waitPromise()`;
}

function describeWaits(waits: readonly Park[]): string {
  if (waits.length === 0) return "it awaits a promise that is not ours, or computes";
  return `it waits for ${waits.map(describeWait).join(", and for ")}`;
}
