import { requireCount, requireFunction, requireTime } from "../../../base/options.ts";
import type { Task } from "../../core/index.ts";
import type { Deviation } from "./choices.ts";
import { parseSchedule } from "./schedule-line.ts";

/** How `explore()` searches. */
export interface ExploreOptions {
  /**
   * The seeds of random schedules: how many, counted from 1, or which ones. For each seed one schedule is tried that
   * follows from it, and one that is next in the systematic search.
   *
   * @default 500
   */
  readonly seeds?: number | readonly number[];
  /**
   * How long to search at most, in milliseconds of real time. It only ends a search early: the order in which schedules
   * are tried does not depend on it. @default 5_000
   */
  readonly budget?: number;
  /** How many tasks a schedule may cancel; `true` is one. @default false */
  readonly cancellations?: boolean | number;
  /** Whether a schedule may cancel a task. @default every task but the test's own */
  readonly cancellable?: (task: Task<unknown>) => boolean;
  /**
   * How many milliseconds code that was woken may be late while time passes, as on a busy machine. With 0, of two sleeps
   * the shorter one always ends first. @default 0
   */
  readonly lateness?: number;
  /** How many turns of the event loop a run may take before it counts as endless; time passes in four. @default 100_000 */
  readonly turns?: number;
  /** The line of an `ExploreFailure`: only that schedule is run. @default none */
  readonly replay?: string;
}

/** @internal {@link ExploreOptions}, complete. */
export interface ExploreSettings {
  readonly seeds: Iterable<number>;
  readonly budget: number;
  readonly cancellations: number;
  readonly lateness: number;
  readonly turns: number;
  readonly replay: readonly Deviation[] | undefined;
  mayCancel(task: Task<unknown>): boolean;
}

/** @internal Checks options, and completes them. */
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

// Counted only as far as the budget lasts.
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
