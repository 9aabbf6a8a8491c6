// Code that was asked to stop and goes on some time later. Either it has not heard of it, because it awaits a promise that
// is not ours, or computes; or it has heard, and waits for something new: it caught the error, or cleans up for long.
// Code that waits for what it waited for when it was asked waits for the clean-up of others, and is not reported.

import { collectParks, outside, type Park, type Scope, scopesIn } from "../core/index.ts";
import { type Detector, describeScope, report } from "./report.ts";
import { describeWait, lastWait } from "./wait-stacks.ts";

interface Request {
  readonly scope: Scope;
  /** Its waits when it was asked. */
  readonly before: readonly Park[];
  /** When it was asked, and when that is looked at. */
  readonly madeAt: number;
  lookAt: number;
}

/** @internal Reports code that goes on for longer than `grace` milliseconds after it was asked to stop. */
export function detectUnstoppedCode(grace: number): Detector {
  const requests = new Requests(grace);
  return { instrument: { cancel: (scope) => requests.add(scope) }, stop: () => requests.stop() };
}

// Looks at each request when its time is over. They stand in line in the order of their times, so one timer is enough. It
// is the platform's own: it does not hold the process open, and does not follow the virtual clock of a test.
class Requests {
  readonly #grace: number;
  #line: Request[] = [];
  readonly #scopes: Set<Scope> = new Set();
  #timer: NodeJS.Timeout | undefined;

  constructor(grace: number) {
    this.#grace = grace;
  }

  add(scope: Scope): void {
    if (this.#scopes.has(scope) || this.#grace === Infinity) return;
    const madeAt = performance.now();
    this.#wait({ scope, before: collectParks(scope), madeAt, lookAt: madeAt + this.#grace });
  }

  #wait(request: Request): void {
    this.#scopes.add(request.scope);
    this.#line.push(request);
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
    const due = this.#line.splice(0, later === -1 ? this.#line.length : later);
    for (const request of due) this.#lookAt(request, now);
    if (this.#timer === undefined) this.#setTimer();
  }

  #lookAt(request: Request, now: number): void {
    const { scope } = request;
    this.#scopes.delete(scope);
    if (scope.requests === 0 || scope.isClosing) return;
    if (isBusyEnding(scope)) this.#wait({ ...request, lookAt: now + this.#grace });
    else judge(request);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#line = [];
    this.#scopes.clear();
  }
}

// Whether a scope within it is sheltered, or is ending and waits for the tasks that belong to it: these are looked at
// themselves.
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
