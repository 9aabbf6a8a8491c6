// Runs a way under a `timeout` or in a task, cancels it, and tells what came of it.

import { unlink } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import {
  CancelledError,
  createTask,
  currentSignal,
  sleep,
  timeout,
  type TimeLimit,
  TimeoutError,
} from "../../src/asyncio/index.ts";
import { Scene, type Stage } from "./_scene.ts";
import type { Ending, Way } from "./_way.ts";

/** How a way is cancelled, and how its code cleans up. */
export interface Variant {
  readonly name: string;
  readonly by: "timeout" | "task.cancel";
  /** What the `finally` waits for first. */
  readonly first: "sleep" | "unlink";
  readonly signal: "own" | "any";
  /** Whether the cancellation comes before the signal is asked for. */
  readonly isPending: boolean;
}

const own = { by: "timeout", first: "sleep", signal: "own", isPending: false } as const;
/** All that every way is run under. */
export const variants: readonly Variant[] = [
  { ...own, name: "timeout" },
  { ...own, name: "task, unlink first", by: "task.cancel", first: "unlink" },
  { ...own, name: "any()", by: "task.cancel", signal: "any" },
  { ...own, name: "any(), unlink first", first: "unlink", signal: "any" },
  { ...own, name: "pending", by: "task.cancel", isPending: true },
  { ...own, name: "pending, unlink first, any()", first: "unlink", signal: "any", isPending: true },
];

/** What came of a way. */
export interface Outcome {
  /** What the awaited function did. */
  readonly ending: Ending;
  /** Whether its code went on in the turn of the abort. */
  readonly atOnce: boolean;
  /** Whether the `finally` ran whole. */
  readonly whole: boolean;
  /** How the `timeout` or the task ended. */
  readonly end: string;
}

interface Trace {
  ending: Ending;
  atOnce: boolean;
  whole: boolean;
  isOver: boolean;
}

interface Run {
  readonly way: Way;
  readonly variant: Variant;
  readonly scene: Scene;
  readonly trace: Trace;
  isTurn: boolean;
  readonly started: PromiseWithResolvers<void>;
  readonly cancelled: PromiseWithResolvers<void>;
}

/** Runs `way` as `variant` says. */
export async function runWay(way: Way, variant: Variant, stage: Stage): Promise<Outcome> {
  const scene = new Scene(stage);
  await way.prepare?.(scene);
  const trace: Trace = { ending: "goes on", atOnce: false, whole: false, isOver: false };
  const [started, cancelled] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const run: Run = { way, variant, scene, trace, isTurn: false, started, cancelled };
  try {
    const end = await (variant.by === "timeout" ? byTimeout(run) : byTask(run));
    return { ending: trace.ending, atOnce: trace.atOnce, whole: trace.whole, end };
  } finally {
    await scene.end();
  }
}

async function byTimeout(run: Run): Promise<string> {
  let limit: TimeLimit | undefined;
  const outcome = timeout(Infinity, (it) => {
    limit = it;
    return work(run);
  }).then(() => "returned", describeEnd);
  await cancel(run, () => limit!.reschedule(0));
  return await outcome;
}

async function byTask(run: Run): Promise<string> {
  const task = createTask(() => work(run));
  const outcome = task.then(
    () => "returned",
    (error: unknown) => (task.cancelled() ? "cancelled" : describeEnd(error)),
  );
  await cancel(run, () => task.cancel("planned"));
  return await outcome;
}

function describeEnd(error: unknown): string {
  return error instanceof TimeoutError ? "TimeoutError" : "the error";
}

async function cancel(run: Run, request: () => void): Promise<void> {
  const { way, variant, trace } = run;
  await run.started.promise;
  if (!variant.isPending && way.isShort !== true) await delay(way.runsFor ?? 15);
  if (!variant.isPending && way.tellsReady === true) await run.scene.whenReady;
  if (trace.isOver) throw new Error(`Cannot cancel ${way.name} as it is over: ${trace.ending}`);
  await inTimer(
    () => {
      run.isTurn = true;
      request();
      run.cancelled.resolve();
      atTurnEnd(() => (run.isTurn = false));
    },
    variant.isPending || way.isShort === true,
  );
  if (way.goOn === undefined || variant.isPending) return;
  await delay(5);
  if (!trace.isOver) await way.goOn(run.scene);
}

// Code that is short has to be cancelled in the step in which it begins.
function inTimer(fn: () => void, atOnce: boolean): Promise<void> {
  if (atOnce) return Promise.resolve(fn());
  return new Promise((resolve) => setTimeout(() => resolve(fn()), 1));
}

// Ticks and microtasks run in turn until none is left, before the event loop takes up anything else.
function atTurnEnd(fn: () => void, hops = 8): void {
  process.nextTick(() => queueMicrotask(() => (hops === 0 ? fn() : atTurnEnd(fn, hops - 1))));
}

async function work(run: Run): Promise<void> {
  const { variant, trace, started, cancelled } = run;
  if (variant.isPending) {
    started.resolve();
    await cancelled.promise;
  }
  try {
    await start(run);
    trace.ending = "returns";
  } catch (error) {
    trace.ending = describeEnding(error);
    throw error;
  } finally {
    trace.isOver = true;
    trace.atOnce = run.isTurn;
    if (variant.first === "unlink") await unlink("/nowhere/nothing").catch(() => undefined);
    await sleep(5);
    trace.whole = true;
  }
}

async function start({ way, variant, scene, started }: Run): Promise<unknown> {
  const signal = makeSignal(variant);
  const awaited = way.run(signal, scene);
  started.resolve();
  if (!isDeaf(way, variant)) return await awaited;
  return await Promise.race([awaited, delay(way.runsFor ?? 150)]);
}

function makeSignal({ signal }: Variant): AbortSignal {
  if (signal === "own") return currentSignal();
  return AbortSignal.any([currentSignal(), new AbortController().signal]);
}

function isDeaf(way: Way, { isPending }: Variant): boolean {
  return isPending ? way.whenAborted === "goes on" : endingOf(way) === "goes on";
}

/** What `way` does on this version of Node. */
export function endingOf({ ending, hearsSince = 0 }: Way): Ending {
  return isAtLeast(hearsSince) ? ending : "goes on";
}

/** Whether this Node is of that major version or newer. */
export function isAtLeast(major: number): boolean {
  return Number.parseInt(process.versions.node, 10) >= major;
}

function describeEnding(error: unknown): Ending {
  if (error instanceof CancelledError) return "throws the cancellation";
  if (!(error instanceof Error)) return "throws an error without a cause";
  const hasCause = error.cause instanceof CancelledError;
  if (error.name === "AbortError")
    return hasCause ? "throws an `AbortError` made of it" : "throws an `AbortError` without a cause";
  if (hasCause) return "throws an error made of it";
  return error instanceof AggregateError ? "throws an error of its own" : "throws an error without a cause";
}

/** What has to come of `way`. */
export function expected(way: Way, variant: Variant): Partial<Outcome> {
  if (variant.isPending) return expectedOfPending(way, variant);
  const ending = endingOf(way);
  const stopped = variant.by === "timeout" ? "TimeoutError" : "cancelled";
  const atOnce = way.moment === "at once";
  if (ending === "goes on") return { ending: "returns", whole: false, end: stopped };
  if (ending === "returns") return { ending, atOnce, whole: false, end: stopped };
  return { ending, atOnce, whole: true, end: keepsError(ending) ? "the error" : stopped };
}

/** Whether what `ending` throws is an error of its own, and no cancellation. */
export function keepsError(ending: Ending): boolean {
  return ending === "throws an error made of it" || ending === "throws an error of its own";
}

function expectedOfPending({ whenAborted = "throws" }: Way, _variant: Variant): Partial<Outcome> {
  return { whole: whenAborted === "throws" };
}
