// Finds code that still runs some time after it was cancelled. There are two cases. Either the request has not reached
// the code, because it computes or awaits a promise that cannot be cancelled. Or the code has received the cancellation
// and then begun a new wait, because it caught the error or because its clean-up takes long. If the code is still in
// the same wait as when it was cancelled, it waits for the clean-up of other tasks, and is not reported.

import { collectParks, outside, type Park, type Scope, scopesIn } from "../core/index.ts";
import { type Detector, describeScope, report } from "./report.ts";
import { TimedLine } from "../../base/timed-line.ts";
import { describeWait, lastWait } from "./wait-stacks.ts";

interface Request {
  readonly scope: Scope;
  /** The waits of the scope when it was cancelled. */
  readonly before: readonly Park[];
  /** The time of the cancellation, in milliseconds of `performance.now()`. */
  readonly madeAt: number;
}

/** @internal Reports code that still runs `grace` milliseconds after it was cancelled. */
export function detectUncancelledCode(grace: number): Detector {
  const scopes = new Set<Scope>();
  const line = new TimedLine<Request>(
    grace,
    (request) => {
      const { scope } = request;
      scopes.delete(scope);
      if (scope.requests === 0 || scope.isClosing) return;
      if (isBusyEnding(scope)) wait(request);
      else judge(request);
    },
    outside,
  );
  function wait(request: Request): void {
    scopes.add(request.scope);
    line.add(request);
  }
  return {
    instrument: {
      cancel: (scope) => {
        if (scopes.has(scope) || grace === Infinity) return;
        wait({ scope, before: collectParks(scope), madeAt: performance.now() });
      },
    },
    stop: () => {
      line.clear();
      scopes.clear();
    },
  };
}

// Whether an inner scope is masked, or is closing and waits for its tasks. These are watched on their own.
function isBusyEnding(top: Scope): boolean {
  for (const scope of scopesIn(top))
    if (scope !== top && (scope.masked || (scope.isClosing && !scope.isClosed))) return true;
  return false;
}

function judge({ scope, before, madeAt }: Request): void {
  const waits = collectParks(scope);
  if (before.some((park) => park.isWaiting)) return;
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
