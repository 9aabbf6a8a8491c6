// Hearing: finds out whether code received a cancellation through its signal. The code awaits a function of Node or of
// a library, and passed our signal to it.
//
// Nothing reports this. If the signal worked, the code continues in a `catch` or `finally`; if not, it continues after
// the promise that it awaited. From outside, both look the same. So this file looks for evidence in the turn in which
// the code continues (ticks and microtasks, until the event loop handles anything else):
//
//   - a promise was rejected in this turn with our cancellation, or with an error that has it among its causes; or
//   - the aborted signal was read: code that polls it instead of listening throws directly after the read.
//
// Evidence counts from the next step on (a step is the code that runs between two microtasks). The reason is that a
// rejected promise throws in its awaiter one step later. Code that continues in the same step has only started the
// function that was rejected.
//
// We see that code continues when it begins one of our waits or makes a promise of its own. If there is evidence then,
// the code has heard the request, and is not cancelled again. Otherwise its next wait of ours throws the cancellation.
//
// Rejections are seen through V8's promise hooks. The hooks are on only while a request that was sent by a signal is
// unheard, and most requests are heard in the same turn. Meanwhile, an `await` anywhere in the process costs some 50 ns
// more (Node 26: 38 to 91 ns). rejection.ts finds out what a promise was rejected with. Some of Node's functions lose
// the reason of the abort. Their errors are recognised by name and message, and only in the context of the scope. If
// this version of Node does not let us see rejections, the abort itself counts as a read of the signal.
//
// Other kinds of evidence were tried and dropped. "The signal has a listener": it may belong to work in the background,
// so a time limit had no effect. "The code continues in the turn of the abort": files, streams and bodies reject some
// turns later. "The error is in the output of `util.inspect`": it runs getters, and took 16 s for a message of 50
// million lines. Of 142 ways to await a function that takes a signal, on Node 24 and 26, the second was right for 78,
// and the present one is right for all: docs/cancellation.md has the table.

import type { CallSiteObject } from "node:util";
import { util, v8 } from "../../../base/node.ts";
import { ambient } from "../state/ambient.ts";
import { CancelledError, setMeaning } from "../errors/errors.ts";
import { outside } from "../state/real-time.ts";
import { canSee, errorsWithin, read, rejectionOf } from "./rejection.ts";
import { runtime } from "../state/runtime.ts";
import type { Scope } from "./scope.ts";

/** How long evidence for one request is looked for, in milliseconds. After that, the request counts as unheard. */
const longest = 10_000;

// Code that continues in the same turn does so within three rounds of ticks and microtasks.
const hops = 8;

const mostSettled = 1_024;

// The evidence of one turn. It is created when the first evidence of the turn is seen.
interface Turn {
  hops: number;
  /** For each scope, the step in which its aborted signal was first read. */
  readonly looks: Map<Scope, number>;
  readonly settled: Settled[];
  /** The requests that promises were rejected with, each with the step in which this was first seen. */
  readonly origins: Map<CancelledError | undefined, number>;
  /** The scopes in which a promise was rejected with an error that has lost the reason, each with the step. */
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

/** @internal The requests that were sent by a signal and are unheard, and the evidence of this turn. */
export class Hearing {
  // The unheard requests, by scope, with the time when each is forgotten; the earliest first.
  readonly #unheard: Map<Scope, number> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #turn: Turn | undefined;
  #step = 0;
  #isStepSeen = false;
  #stopHooks: (() => void) | undefined;
  #sees: boolean | undefined;
  /** Called when code with evidence makes a promise of its own, which shows that it continues. */
  onHeard: (scope: Scope) => void = (scope) => this.forget(scope);

  /**
   * @param sees - Whether rejections can be seen. @default the result of `canSee()`, which is called when it is first
   * needed
   */
  constructor(sees?: boolean) {
    this.#sees = sees;
  }

  /** Whether the promise hooks are on. */
  get isOn(): boolean {
    return this.#stopHooks !== undefined;
  }

  /** The scopes with an unheard request. */
  get unheard(): Iterable<Scope> {
    return this.#unheard.keys();
  }

  /** Starts to look for evidence, because a signal is being aborted for a request to cancel `scope`. */
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

  /** Stops looking for evidence for `scope`, because its request was heard or taken back. */
  forget(scope: Scope): void {
    if (!this.#unheard.delete(scope) || this.#unheard.size > 0) return;
    this.#stopHooks?.();
    this.#stopHooks = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Sets the timer that forgets unheard requests when their time is over. */
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

  /**
   * Records that the aborted signal of a request to cancel `scope` was read; `isSure` if the reading code certainly
   * throws.
   */
  noteLook(scope: Scope, isSure = false): void {
    const { looks } = this.#currentTurn();
    if (isSure) looks.set(scope, -1);
    else addFirst(looks, scope, this.#seeStep());
  }

  /** An object that identifies the current turn. */
  get turn(): object {
    return this.#currentTurn();
  }

  /** Whether there is evidence, in this turn, that code in `scope` has heard the request to cancel it. */
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

  // One round: a tick, and all microtasks after it. A tick alone could come before the first microtask.
  #hop(): void {
    queueMicrotask(() => {
      if (--this.#turn!.hops === 0) this.#turn = undefined;
      else process.nextTick(() => this.#hop());
    });
  }

  // The number of the current step. Reactions to promises that are rejected in this step run after its end.
  #seeStep(): number {
    if (this.#isStepSeen) return this.#step;
    this.#isStepSeen = true;
    queueMicrotask(() => {
      this.#step++;
      this.#isStepSeen = false;
    });
    return this.#step;
  }

  // V8 calls this before the promise has its state, so the promise is examined later, in `#examine`.
  #onSettled(promise: Promise<unknown>): void {
    const { settled } = this.#currentTurn();
    if (settled.length === mostSettled) return;
    settled.push({ promise, scope: runtime.storage.getStore(), step: this.#seeStep() });
  }

  /**
   * Examines the promises of this turn, so that `setMeaning` is known for errors that have lost the reason. Called when
   * code ends with an error.
   */
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
    return false; // an object with a Proxy in its prototype chain, which throws
  }
}

// The operators of Node's Readable and undici make an AbortError without a cause; a body of node:http fails with an
// error of its connection.
function hasLostReason(error: object): boolean {
  if (read(error, "name") === "AbortError") return read(error, "cause") === undefined;
  return read(error, "message") === "aborted" && read(error, "code") === "ECONNRESET";
}

// The folders of all copies of the package in this process.
const homes = ambient("homes", () => new Set<string>()).add(
  import.meta.url.replace(/\/(src|dist)\/asyncio\/.*$/, "/$1/"),
);

type Origin = "ours" | "platform" | "user";

function originOf({ scriptName }: CallSiteObject): Origin {
  if (scriptName === "" || scriptName.startsWith("node:")) return "platform";
  const isOurs = homes.values().some((home) => scriptName.startsWith(home)) && !scriptName.includes(".test.");
  return isOurs ? "ours" : "user";
}

// Promises that Node or this package make in the scope's context do not show that the user's code continues.
function isUserCode(): boolean {
  return util()
    .getCallSites(24)
    .some((site) => originOf(site) === "user");
}

/**
 * @internal Whether the user's own code called our function that calls this, and not a function of Node or of another
 * package.
 */
export function isCalledByUser(): boolean {
  const caller = util()
    .getCallSites(8)
    .find((site) => originOf(site) !== "ours");
  return caller !== undefined && originOf(caller) === "user" && !caller.scriptName.includes("/node_modules/");
}

/** @internal The only instance in this process, shared by all copies of the package. */
export const hearing: Hearing = ambient("hearing", () => new Hearing());
