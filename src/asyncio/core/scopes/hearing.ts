// Hearing: whether code that awaits something of the platform's, with our signal, was thrown out by the signal.
//
// Nothing tells us: the code goes on in a `catch` or `finally`, or, deaf to the signal, behind the promise that it awaited,
// and looks the same to us. So we look for evidence in the turn in which it goes on (ticks and microtasks, until the event
// loop takes up anything else):
//
//   - a promise was rejected in this turn with our cancellation, or with an error that has it among its causes; or
//   - the signal was looked at: what polls it instead of listening throws where it has looked.
//
// Both count from the next step on (a step is what runs between two microtasks): what a promise throws is thrown a step
// later, and code that goes on in the same step has only started what was rejected.
//
// Code goes on where it waits for something of ours, or makes a promise of its own. With evidence it has heard, and is left
// alone; without, it is thrown out at its next wait of ours.
//
// Rejections are seen through the platform's promise hooks, which are on only while a request that went out by a signal is
// unheard: most are heard in the same turn. Meanwhile an `await` anywhere in the process costs some 50 ns more (Node 26: 38
// to 91 ns). rejection.ts tells what a promise was rejected with. Some of Node's functions lose the reason on the way;
// their errors are known by name and message, in the context of the scope only. Where the platform does not let us see
// rejections, the turn of the abort counts as a look.
//
// Tried, and dropped: "a listener hangs on the signal" (it may be that of work in the background, and a limit was lost by
// it); "it goes on in the turn of the abort" (files, streams and bodies reject some turns later); to know errors by what
// `util.inspect` prints of them (it runs getters, and took 16 s for a message of 50 million lines). Of 142 ways to await
// what takes a signal, on Node 24 and 26, the second was right for 78, and this is for all: docs/cancellation.md has the
// table.

import type { CallSiteObject } from "node:util";
import { util, v8 } from "../../../base/node.ts";
import { ambient } from "../state/ambient.ts";
import { CancelledError, setMeaning } from "../errors/errors.ts";
import { outside } from "../state/real-time.ts";
import { canSee, errorsWithin, read, rejectionOf } from "./rejection.ts";
import { runtime } from "../state/runtime.ts";
import type { Scope } from "./scope.ts";

/** For how long evidence is looked for, in milliseconds; after that code that goes on has not heard. */
const longest = 10_000;

// Same-turn code goes on within three hops of ticks and microtasks.
const hops = 8;

const mostSettled = 1_024;

// The turn that something was seen in; a new one is begun by the first thing that is seen after the last was over.
interface Turn {
  hops: number;
  /** The step in which the signal of a scope was first looked at. */
  readonly looks: Map<Scope, number>;
  readonly settled: Settled[];
  /** The requests that promises were rejected with, each with the step in which that was seen first. */
  readonly origins: Map<CancelledError | undefined, number>;
  /** The scopes in which a promise was rejected with an error that has lost its reason. */
  readonly losers: Map<Scope, number>;
}

interface Settled {
  readonly promise: Promise<unknown>;
  readonly scope: Scope | undefined;
  readonly step: number;
}

function addFirst<K>(steps: Map<K, number>, key: K, step: number): void {
  if (!steps.has(key)) steps.set(key, step);
}

/** @internal The requests that went out by a signal and are unheard, and the evidence of this turn. */
export class Hearing {
  // In the order in which their time is up.
  readonly #unheard: Map<Scope, number> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #turn: Turn | undefined;
  #step = 0;
  #isStepSeen = false;
  #stopHooks: (() => void) | undefined;
  #sees: boolean | undefined;
  /** Called when code went on by making a promise of its own. */
  onHeard: (scope: Scope) => void = (scope) => this.forget(scope);

  /** @param sees - Whether rejections can be seen. @default whether this Node lets us, which is tried at the first need */
  constructor(sees?: boolean) {
    this.#sees = sees;
  }

  /** Whether the platform's promise hooks are on. */
  get isOn(): boolean {
    return this.#stopHooks !== undefined;
  }

  /** The requests that are unheard. */
  get unheard(): Iterable<Scope> {
    return this.#unheard.keys();
  }

  /** A signal went out for a request to stop `scope`, which no wait has heard: evidence is looked for. */
  listen(scope: Scope): void {
    this.#sees ??= canSee();
    if (!this.#sees) return this.noteLook(scope);
    this.#unheard.set(scope, performance.now() + longest);
    if (this.#stopHooks === undefined) this.#startHooks();
  }

  #startHooks(): void {
    const callbacks = { init: () => this.#onInit(), settled: (promise: Promise<unknown>) => this.#onSettled(promise) };
    this.#stopHooks = v8().promiseHooks.createHook(callbacks) as () => void;
  }

  /** The request to stop `scope` was heard, or taken back. */
  forget(scope: Scope): void {
    if (!this.#unheard.delete(scope) || this.#unheard.size > 0) return;
    this.#stopHooks?.();
    this.#stopHooks = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** A request stays unheard: it is forgotten after its time. */
  watchTime(): void {
    if (this.#timer !== undefined || this.#unheard.size === 0) return;
    const [until] = this.#unheard.values();
    this.#timer = outside(setTimeout, () => this.#forgetOld(), until! - performance.now());
    this.#timer.unref();
  }

  #forgetOld(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [scope, until] of this.#unheard) {
      if (until > now) break;
      this.forget(scope);
    }
    this.watchTime();
  }

  /** The aborted signal of a request to stop `scope` was looked at; `isSure` if that throws. */
  noteLook(scope: Scope, isSure = false): void {
    const { looks } = this.#currentTurn();
    if (isSure) looks.set(scope, -1);
    else addFirst(looks, scope, this.#seeStep());
  }

  /** Something that is the same until the turn is over. */
  get turn(): object {
    return this.#currentTurn();
  }

  /** Whether there is evidence, in this turn, that code in `scope` has heard of the request to stop it. */
  hasHeard(scope: Scope): boolean {
    const turn = this.#turn;
    if (turn === undefined) return false;
    this.#examine(turn);
    const steps = [turn.looks.get(scope), turn.losers.get(scope), turn.origins.get(scope.error?.origin)];
    return steps.some((step) => step !== undefined && step < this.#step);
  }

  #currentTurn(): Turn {
    if (this.#turn !== undefined) {
      this.#turn.hops = hops;
      return this.#turn;
    }
    process.nextTick(() => this.#hop());
    return (this.#turn = { hops, looks: new Map(), settled: [], origins: new Map(), losers: new Map() });
  }

  // A tick, and all microtasks after it: a tick alone would come before the first of them.
  #hop(): void {
    queueMicrotask(() => {
      if (--this.#turn!.hops === 0) this.#turn = undefined;
      else process.nextTick(() => this.#hop());
    });
  }

  // The reactions to what is rejected in this step are queued behind the end of the step.
  #seeStep(): number {
    if (this.#isStepSeen) return this.#step;
    this.#isStepSeen = true;
    queueMicrotask(() => {
      this.#step++;
      this.#isStepSeen = false;
    });
    return this.#step;
  }

  // Called before the promise has its state: it is examined when somebody asks.
  #onSettled(promise: Promise<unknown>): void {
    const { settled } = this.#currentTurn();
    if (settled.length === mostSettled) return;
    settled.push({ promise, scope: runtime.storage.getStore(), step: this.#seeStep() });
  }

  /** Code ends by an error: what it means is known from now on, if it has lost its reason in this turn. */
  explain(): void {
    if (this.#turn !== undefined) this.#examine(this.#turn);
  }

  #examine({ settled, origins, losers }: Turn): void {
    for (const { promise, scope, step } of settled) {
      const error = rejectionOf(promise);
      if (error === undefined) continue;
      const found = [...errorsWithin(error)];
      const cancellations = found.filter(isCancellation);
      for (const { origin } of cancellations) addFirst(origins, origin, step);
      if (scope === undefined || cancellations.length > 0 || !found.some(hasLostReason)) continue;
      for (const asked of scopesAround(scope)) {
        if (!this.#unheard.has(asked)) continue;
        addFirst(losers, asked, step);
        setMeaning(error, asked.error!);
      }
    }
    settled.length = 0;
  }

  #onInit(): void {
    if (this.#turn === undefined) return;
    const scope = runtime.storage.getStore();
    if (scope === undefined || scope.root.pendings === 0) return;
    let isUser: boolean | undefined;
    for (const asked of scopesAround(scope)) {
      if (asked.pending === 0 || !this.#unheard.has(asked) || !this.hasHeard(asked)) continue;
      if (!(isUser ??= isUserCode())) return;
      this.onHeard(asked);
    }
  }
}

function* scopesAround(scope: Scope): Generator<Scope, void, undefined> {
  for (let s: Scope = scope; ; s = s.parent!) {
    yield s;
    if (s === s.root) return;
  }
}

function isCancellation(error: object): error is CancelledError {
  try {
    return error instanceof CancelledError;
  } catch {
    return false; // an object with a Proxy among its prototypes, which throws
  }
}

// Readable's operators and undici make an AbortError without a cause, the bodies of node:http an error of the connection.
function hasLostReason(error: object): boolean {
  if (read(error, "name") === "AbortError") return read(error, "cause") === undefined;
  return read(error, "message") === "aborted" && read(error, "code") === "ECONNRESET";
}

// The folder of each copy of the package.
const homes = ambient("homes", () => new Set<string>()).add(
  import.meta.url.replace(/\/(src|dist)\/asyncio\/.*$/, "/$1/"),
);

type Origin = "ours" | "platform" | "user";

function originOf({ scriptName }: CallSiteObject): Origin {
  if (scriptName === "" || scriptName.startsWith("node:")) return "platform";
  const isOurs = homes.values().some((home) => scriptName.startsWith(home)) && !scriptName.includes(".test.");
  return isOurs ? "ours" : "user";
}

// What Node and we do within the scope's context is no sign of the user's code going on.
function isUserCode(): boolean {
  return util()
    .getCallSites(24)
    .some((site) => originOf(site) === "user");
}

/** @internal Whether the user's own code called what calls this, and no function of Node's or of a package. */
export function isCalledByUser(): boolean {
  const caller = util()
    .getCallSites(8)
    .find((site) => originOf(site) !== "ours");
  return caller !== undefined && originOf(caller) === "user" && !caller.scriptName.includes("/node_modules/");
}

/** @internal The one of this process, whatever copies of the package there are. */
export const hearing: Hearing = ambient("hearing", () => new Hearing());
