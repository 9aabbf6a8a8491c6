import { requireCount, requireFunction, requireTime } from "../../../base/options.ts";
import type { Task } from "../../core/index.ts";
import type { Deviation } from "./choices.ts";
import { parseSchedule } from "./schedule-line.ts";

/** Options of `explore()`. */
export interface ExploreOptions {
  /**
   * The seeds of random schedules: either their number, counted from 1, or a list of seeds. For each seed, two
   * schedules are tried: a random one from that seed, and the next one of the systematic search.
   *
   * @default 500
   */
  readonly seeds?: number | readonly number[];
  /**
   * The maximum time to search, in milliseconds of real time. It only ends a search early; the order in which schedules
   * are tried does not depend on it. @default 5_000
   */
  readonly budget?: number;
  /** How many tasks a schedule may cancel; `true` means one. @default false */
  readonly cancellations?: boolean | number;
  /** Returns whether a schedule may cancel a task. @default every task except the test's own */
  readonly cancellable?: (task: Task<unknown>) => boolean;
  /**
   * By how many milliseconds woken code may be delayed, as on a busy machine. With 0, the shorter of two sleeps always
   * ends first. @default 0
   */
  readonly lateness?: number;
  /**
   * How many turns of the event loop a run may take before it counts as endless; each advance of time takes four turns.
   * @default 100_000
   */
  readonly turns?: number;
  /** The `schedule` of an `ExploreFailure`: only that schedule is run. @default none */
  readonly replay?: string;
}

/** @internal {@link ExploreOptions} with all defaults filled in. */
export interface ExploreSettings {
  readonly seeds: Iterable<number>;
  readonly budget: number;
  readonly cancellations: number;
  readonly lateness: number;
  readonly turns: number;
  readonly replay: readonly Deviation[] | undefined;
  mayCancel(task: Task<unknown>): boolean;
}

/** @internal Checks options, and fills in the defaults. */
export function completeOptions(options: ExploreOptions): ExploreSettings {
  const { seeds = 500, budget = 5_000, cancellations = false, lateness = 0, turns = 100_000, replay } = options;
  const { cancellable = isNotTheTest } = options;
  requireFunction(cancellable, "explore a test with its cancellable");
  return {
    seeds: Array.isArray(seeds)
      ? seeds.map((seed) => requireCount(seed, 0, "use a seed"))
      : countSeeds(requireCount(seeds, 0, "explore a test with its seeds", true)),
    budget: requireTime(budget, "explore a test with its budget"),
    cancellations: countCancellations(cancellations),
    lateness: requireTime(lateness, "explore a test with its lateness"),
    turns: requireCount(turns, 1, "explore a test with its turns", true),
    replay: replay === undefined ? undefined : parseSchedule(replay),
    mayCancel: (task) => task.combinator === undefined && cancellable(task),
  };
}

function countCancellations(cancellations: boolean | number): number {
  if (typeof cancellations === "boolean") return cancellations ? 1 : 0;
  return requireCount(cancellations, 0, "explore a test with its cancellations", true);
}

// A generator, because the time budget may end before the last seed.
function countSeeds(seeds: number): Iterable<number> {
  return {
    *[Symbol.iterator](): Generator<number> {
      for (let seed = 1; seed <= seeds; seed++) yield seed;
    },
  };
}

function isNotTheTest(task: Task<unknown>): boolean {
  return task.id !== 1;
}
