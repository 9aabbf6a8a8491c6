// Hearing: whether code that awaits something of the platform's, with our signal, was thrown out by the signal.
//
// Nothing tells us: the code goes on in a `catch` or `finally`, or, deaf to the signal, behind the promise that it awaited,
// and looks the same to us. So we look for evidence in the turn in which it goes on (ticks and microtasks, until the event
// loop takes up anything else):
//
//   - a promise was rejected in this turn with our cancellation, or with an error that has it among its causes; or
//   - the signal was looked at in this turn: what polls it instead of listening throws where it has looked.
//
// Code goes on where it waits for something of ours, or makes a promise of its own. With evidence it has heard, and is left
// alone; without, it is thrown out at its next wait of ours.
//
// Rejections are seen through the platform's promise hooks, which are on only while a request that went out by a signal is
// unheard: most are heard in the same turn. A promise cannot be asked for its error; but `util.inspect` shows it, and reads
// the `name` of each error that it shows: ours notes that, so that identity decides and not text. Some of Node's functions
// lose the reason on the way; their errors are known by their text, in the context of the scope only.
//
// Tried, and dropped: "a listener hangs on the signal" (it may be that of work in the background, and a limit was lost by
// it); "it goes on in the turn of the abort" (files, streams and bodies reject some turns later). Of 142 ways to await what
// takes a signal, on Node 24 and 26, that was right for 78, and this is for all: docs/cancellation.md has the table.

import { util, v8 } from "../../base/node.ts";
import { ambient } from "./ambient.ts";
import { type CancelledError, probe } from "./errors.ts";
import { outside } from "./real-time.ts";
import { runtime } from "./runtime.ts";
import type { Scope } from "./scope.ts";

/** For how long evidence is looked for, in milliseconds; after that code that goes on has not heard. */
const longest = 10_000;

// Same-turn code goes on within three hops of ticks and microtasks.
const hops = 8;

const mostSettled = 1_024;

// The turn that something was seen in; a new one is begun by the first thing that is seen after the last was over.
interface Turn {
  hops: number;
  /** In the very step in which a signal is looked at, no code has been thrown out by it yet. */
  isFirstStep: boolean;
  readonly looks: Set<Scope>;
  readonly settled: { readonly promise: Promise<unknown>; readonly scope: Scope | undefined }[];
  readonly origins: Set<CancelledError>;
  readonly losers: Set<Scope>;
}

interface Hearing {
  readonly unheard: Map<Scope, NodeJS.Timeout>;
  turn: Turn | undefined;
  stopHooks: (() => void) | undefined;
}

const hearing = ambient<Hearing>("hearing", () => ({ unheard: new Map(), turn: undefined, stopHooks: undefined }));
const { unheard } = hearing;

/** @internal A signal went out for a request to stop `scope`, which no wait has heard: evidence is looked for. */
export function listen(scope: Scope): void {
  if (unheard.has(scope)) return;
  const timer = outside(setTimeout, () => forget(scope), longest);
  timer.unref();
  unheard.set(scope, timer);
  hearing.stopHooks ??= v8().promiseHooks.createHook({ init: onInit, settled: onSettled }) as () => void;
}

/** @internal The request to stop `scope` was heard, or taken back. */
export function forget(scope: Scope): void {
  if (unheard.size === 0) return;
  clearTimeout(unheard.get(scope));
  unheard.delete(scope);
  if (unheard.size > 0) return;
  hearing.stopHooks?.();
  hearing.stopHooks = undefined;
}

/** @internal The aborted signal of a request to stop `scope` was looked at. */
export function noteLookFor(scope: Scope): void {
  currentTurn(true).looks.add(scope);
}

/** @internal Whether there is evidence, in this turn, that code in `scope` has heard of the request to stop it. */
export function hasHeard(scope: Scope): boolean {
  const { turn } = hearing;
  if (turn === undefined) return false;
  if (turn.looks.has(scope) && !turn.isFirstStep) return true;
  if (!unheard.has(scope)) return false;
  examine(turn);
  return turn.origins.has(scope.error!.origin) || [...turn.losers].some((loser) => isWithin(loser, scope));
}

function currentTurn(isFirstStep: boolean): Turn {
  if (hearing.turn !== undefined) {
    hearing.turn.hops = hops;
    return hearing.turn;
  }
  const turn: Turn = { hops, isFirstStep, looks: new Set(), settled: [], origins: new Set(), losers: new Set() };
  hearing.turn = turn;
  if (isFirstStep) queueMicrotask(endFirstStep);
  process.nextTick(hop);
  return turn;
}

function endFirstStep(): void {
  if (hearing.turn !== undefined) hearing.turn.isFirstStep = false;
}

// A tick, and all microtasks after it: a tick alone would come before the first of them.
function hop(): void {
  queueMicrotask(() => {
    if (hearing.turn === undefined || --hearing.turn.hops === 0) hearing.turn = undefined;
    else process.nextTick(hop);
  });
}

// Called before the promise has its state: it is examined when somebody asks.
function onSettled(promise: Promise<unknown>): void {
  const { settled } = currentTurn(false);
  if (settled.length < mostSettled) settled.push({ promise, scope: runtime.storage.getStore() });
}

function onInit(): void {
  if (hearing.turn === undefined) return;
  const scope = runtime.storage.getStore();
  if (scope === undefined) return;
  for (const asked of unheard.keys()) {
    if (isWithin(scope, asked) && hasHeard(asked) && isUserCode()) onHeard(asked);
  }
}

let onHeard: (scope: Scope) => void = forget;

/** @internal Sets what is called when code went on by making a promise of its own. */
export function setOnHeard(listener: (scope: Scope) => void): void {
  onHeard = listener;
}

function isWithin(scope: Scope, asked: Scope): boolean {
  for (let s: Scope | undefined = scope; s !== undefined; s = s.parent) {
    if (s === asked) return true;
    if (s === s.root) return false;
  }
  return false;
}

function examine({ settled, origins, losers }: Turn): void {
  for (const { promise, scope } of settled) {
    const seen = probe(() => show(promise));
    for (const error of seen.found) origins.add(error.origin);
    if (scope !== undefined && seen.found.length === 0 && hasLostReason(seen.text)) losers.add(scope);
  }
  settled.length = 0;
}

const isRejected = /^\w+ \{\s*<rejected>/;
const flat = { depth: 0, customInspect: false, maxArrayLength: 0, maxStringLength: 0, breakLength: Infinity };
const deep = { ...flat, depth: 4, maxArrayLength: 8, maxStringLength: 32 };

// The text of a promise that was rejected; empty for any other.
function show(promise: Promise<unknown>): string {
  try {
    const { inspect } = util();
    return isRejected.test(inspect(promise, flat)) ? inspect(promise, deep) : "";
  } catch {
    return ""; // an error whose own getters throw shows nothing
  }
}

// Readable's operators make an AbortError without its cause, and the bodies of node:http an error of the connection.
function hasLostReason(text: string): boolean {
  const isBareAbort = text.includes("AbortError: The operation was aborted") && !text.includes("[cause]");
  return isBareAbort || (text.includes("Error: aborted\n") && text.includes("code: 'ECONNRESET'"));
}

// The folder of each copy of the package.
const homes = ambient("homes", () => new Set<string>()).add(new URL("../../", import.meta.url).href);

// What Node and we do within the scope's context is no sign of the user's code going on.
function isUserCode(): boolean {
  const { getCallSites } = util();
  return getCallSites(24).some(({ scriptName }) => {
    if (scriptName === "" || scriptName.startsWith("node:")) return false;
    return !homes.values().some((home) => scriptName.startsWith(home)) || scriptName.includes(".test.");
  });
}
