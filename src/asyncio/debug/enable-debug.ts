// Debug mode is an ordinary user of `addInstrument`: it records where tasks were created and where waits began, and
// passes the events of the runtime to its detectors.

import { addInstrument, ambient, currentTask, type Instrument, runtime } from "../core/index.ts";
import { requireTime } from "../../base/options.ts";
import { recordCreation } from "./creation-stacks.ts";
import { detectDeadlocks } from "./deadlocks.ts";
import { detectLeftBehind } from "./left-behind.ts";
import { detectOrphans } from "./orphans.ts";
import { detectSlowSteps } from "./slow-steps.ts";
import { detectSwallowedCancellations } from "./swallowed-cancellations.ts";
import { detectUncancelledCode } from "./uncancelled-code.ts";
import { recordWait } from "./wait-stacks.ts";
import type { Detector } from "./report.ts";

/** Thresholds at which debug mode warns. */
export interface DebugOptions {
  /** The duration from which a step is reported as slow, in milliseconds; `Infinity` for never. @default 100 */
  readonly slowStepDuration?: number;
  /**
   * How long cancelled code may continue, and an abandoned promise may stay pending, before it is reported, in
   * milliseconds; `Infinity` for never. @default 1000
   */
  readonly stopGrace?: number;
}

interface DebugMode {
  /** The options of each call of `enableDebug` that was not undone, the newest last. */
  readonly inForce: Required<DebugOptions>[];
  /** The options that debug mode currently runs with. */
  running: Required<DebugOptions> | undefined;
  stop: (() => Promise<void>) | undefined;
}

const mode = ambient<DebugMode>("debug", () => ({ inForce: [], running: undefined, stop: undefined }));

/**
 * Switches debug mode on. Debug mode records where tasks were created and where they wait. It reports to the exception
 * handler: steps that block every other task, deadlocks, swallowed cancellations, code that does not stop when it is
 * cancelled, abandoned promises that stay pending, and code that outlives its scope. If debug mode is already on, the
 * newest options apply.
 *
 * `run(main, { debug: true })` and the environment variable `POTTLE_DEBUG` call this function for you.
 *
 * @returns A function that undoes this call; when its promise is fulfilled, all hooks and timers are removed.
 * @throws {RangeError} If `slowStepDuration` is below 1 or NaN, or `stopGrace` is NaN.
 * @example
 * const stop = enableDebug({ slowStepDuration: 50 });
 * await createTask(() => sleep(5));
 * await stop();
 * @see https://docs.python.org/3/library/asyncio-dev.html#debug-mode
 */
export function enableDebug(options: DebugOptions = {}): () => Promise<void> {
  const complete = normalize(options);
  mode.inForce.push(complete);
  void restart();
  return async () => {
    const index = mode.inForce.indexOf(complete);
    if (index === -1) return;
    mode.inForce.splice(index, 1);
    await restart();
  };
}

function normalize({ slowStepDuration = 100, stopGrace = 1_000 }: DebugOptions): Required<DebugOptions> {
  requireTime(slowStepDuration, "watch for slow steps");
  requireTime(stopGrace, "watch for what does not stop");
  if (slowStepDuration < 1) {
    throw new RangeError(
      `Cannot watch for slow steps as slowStepDuration must be >= 1: current value is ${slowStepDuration}`,
    );
  }
  return { slowStepDuration, stopGrace };
}

function restart(): Promise<void> | undefined {
  const newest = mode.inForce.at(-1);
  if (newest === mode.running) return undefined;
  const stopped = mode.stop?.();
  mode.running = newest;
  runtime.debug = newest !== undefined;
  mode.stop = newest === undefined ? undefined : start(newest);
  return stopped;
}

// The instrument that records stacks comes first, because the detectors show them.
const stacks: Instrument = {
  spawn: (task) => recordCreation(task, currentTask()),
  wait: (park) => recordWait(park),
};

function start({ slowStepDuration, stopGrace }: Required<DebugOptions>): () => Promise<void> {
  const detectors: Detector[] = [
    detectSlowSteps(slowStepDuration),
    detectDeadlocks(),
    detectSwallowedCancellations(),
    detectUncancelledCode(stopGrace),
    detectOrphans(stopGrace),
    detectLeftBehind(),
  ];
  const removals = [stacks, ...detectors.map(({ instrument }) => instrument)].map(addInstrument);
  return async () => {
    for (const remove of removals) remove();
    await Promise.all(detectors.map(async (detector) => detector.stop?.()));
  };
}
