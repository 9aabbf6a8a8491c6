// Debug mode is an ordinary user of `addInstrument`: it keeps where tasks were created and waits began, and has its
// detectors hear of what happens.

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
  /** The duration, in milliseconds, from which a step is reported as slow; `Infinity` for never. @default 100 */
  readonly slowStepDuration?: number;
  /**
   * The time, in milliseconds, after which code that was asked to stop and goes on is reported, and a promise that was left
   * and is still pending; `Infinity` for never. @default 1000
   */
  readonly stopGrace?: number;
}

interface DebugMode {
  /** The options of each call that was not taken back, the newest last. */
  readonly inForce: Required<DebugOptions>[];
  /** The options that it runs with. */
  running: Required<DebugOptions> | undefined;
  stop: (() => Promise<void>) | undefined;
}

const mode = ambient<DebugMode>("debug", () => ({ inForce: [], running: undefined, stop: undefined }));

/**
 * Switches debug mode on: it keeps where tasks were created and where they wait, and reports, to the exception handler,
 * steps that block every other task, deadlocks, cancellations that are swallowed, code that does not stop when it is
 * asked to, promises that were left and go on, and what outlives its scope. If it is on already, the newest options
 * hold.
 *
 * `run(main, { debug: true })` and the environment variable `POTTLE_DEBUG` call it for you.
 *
 * @returns A function that takes this call back; nothing is left of it when its promise is fulfilled.
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

// The stacks come first: the detectors show them.
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
