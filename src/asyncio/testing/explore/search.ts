import { checkpoint } from "../../core/index.ts";
import { type Decider, deviate, type Deviation, type MadeChoice } from "./choices.ts";
import { chooseAtRandom, shapeOf } from "./deciders.ts";
import { ExploreFailure } from "./explore-failure.ts";
import type { ExploreSettings } from "./explore-options.ts";
import { type Finding, Findings } from "./findings.ts";
import { showSteps } from "./narrative.ts";
import { type ExploreTest, type Outcome, play } from "./play.ts";
import { takeOverRejections } from "./rejections.ts";
import { formatSchedule } from "./schedule-line.ts";
import { type Attempt, shrink } from "./shrink.ts";
import { SystematicSearch } from "./systematic.ts";

// The maximum number of runs for shortening a failure.
const mostAttempts = 2_000;

/** The result of `explore()` if it found no failure. */
export interface Exploration {
  /** The number of runs of the test. */
  readonly runs: number;
  /** The number of runs with an order of events that no earlier run had. */
  readonly distinct: number;
  /** The number of events in the longest run: starts of tasks, and beginnings and ends of waits. */
  readonly longest: number;
  /** Whether every possible schedule was tried. */
  readonly isExhaustive: boolean;
  /** The duration of the search, in milliseconds. */
  readonly ms: number;
}

/** @internal One search through the schedules of a test. */
export class Search {
  readonly #test: ExploreTest;
  readonly #settings: ExploreSettings;
  readonly #start: number = performance.now();
  readonly #orders: Set<number> = new Set();
  #findings: Findings = new Findings();
  #runs = 0;
  #longest = 0;
  #attempts = 0;

  constructor(test: ExploreTest, settings: ExploreSettings) {
    this.#test = test;
    this.#settings = settings;
  }

  /** @throws {ExploreFailure} If the test fails. */
  async run(): Promise<Exploration> {
    using stack = new DisposableStack();
    stack.use(takeOverRejections((reason) => this.#findings.add("unobserved", reason)));
    const { replay } = this.#settings;
    if (replay === undefined) return await this.#explore();
    const outcome = await this.#try(deviate(replay));
    if (outcome.finding !== undefined) throw await this.#explain(outcome.finding, deviationsOf(outcome), true);
    return this.#summary(false);
  }

  async #explore(): Promise<Exploration> {
    const usual = await this.#tryOrFail(deviate([]));
    const shape = shapeOf(usual.choices);
    const systematic = new SystematicSearch();
    systematic.add([], usual.choices, usual.hash);
    for (const seed of this.#settings.seeds) {
      const deviations = systematic.take();
      if (deviations === undefined) return this.#summary(true);
      const { choices, hash } = await this.#tryOrFail(deviate(deviations), usual);
      systematic.add(deviations, choices, hash);
      if (this.#isOver) break;
      await this.#tryOrFail(chooseAtRandom(seed, shape), usual);
      if (this.#isOver) break;
    }
    return this.#summary(systematic.isExhausted);
  }

  get #isOver(): boolean {
    return performance.now() - this.#start > this.#settings.budget;
  }

  async #tryOrFail(decide: Decider, usual?: Outcome): Promise<Outcome> {
    const outcome = await this.#try(decide);
    if (outcome.finding !== undefined) throw await this.#shorten(outcome.finding, outcome, usual);
    return outcome;
  }

  async #try(decide: Decider, tells = false): Promise<Outcome> {
    await checkpoint(); // a search can be cancelled between two runs
    this.#findings = new Findings();
    this.#runs++;
    const outcome = await play(this.#test, decide, this.#settings, this.#findings, tells);
    this.#orders.add(outcome.hash);
    this.#longest = Math.max(this.#longest, outcome.events);
    return outcome;
  }

  async #shorten(finding: Finding, outcome: Outcome, usual: Outcome | undefined): Promise<ExploreFailure> {
    const runs = this.#runs;
    const end = performance.now() + this.#settings.budget;
    const attempt: Attempt = async (deviations) => {
      if (++this.#attempts > mostAttempts || performance.now() > end) return undefined;
      return this.#failing(deviations);
    };
    const again = await this.#failing(deviationsOf(outcome));
    if (again === undefined) return this.#explain(finding, deviationsOf(outcome), false, runs);
    const shrunk = await shrink(again, attempt);
    const single = shrunk.length < 2 ? undefined : await findSingle(usual?.choices ?? [], attempt);
    return this.#explain(finding, single === undefined ? shrunk : await shrink(single, attempt), true, runs);
  }

  // Returns the deviations that took effect if the run fails, or `undefined`.
  async #failing(deviations: readonly Deviation[]): Promise<readonly Deviation[] | undefined> {
    const outcome = await this.#try(deviate(deviations));
    return outcome.finding === undefined ? undefined : deviationsOf(outcome);
  }

  async #explain(
    first: Finding,
    deviations: readonly Deviation[],
    isCertain: boolean,
    runs = this.#runs,
  ): Promise<ExploreFailure> {
    const { finding = first, steps } = await this.#try(deviate(deviations), true);
    return new ExploreFailure({
      kind: finding.kind,
      schedule: formatSchedule(deviations),
      deviations: deviations.length,
      narrative: showSteps(steps),
      runs,
      isCertain,
      cause: finding.error,
    });
  }

  #summary(isExhaustive: boolean): Exploration {
    const ms = performance.now() - this.#start;
    return { runs: this.#runs, distinct: this.#orders.size, longest: this.#longest, isExhaustive, ms };
  }
}

// Leaving deviations out finds only parts of the first failing schedule. A single deviation elsewhere may fail as well,
// so each one is tried.
async function findSingle(usual: readonly MadeChoice[], attempt: Attempt): Promise<readonly Deviation[] | undefined> {
  for (const { key, options } of usual) {
    for (let value = 1; value < options; value++) {
      const failing = await attempt([{ key, value }]);
      if (failing !== undefined) return failing;
    }
  }
  return undefined;
}

function deviationsOf({ choices }: Outcome): Deviation[] {
  return choices.filter(({ value }) => value !== 0).map(({ key, value }) => ({ key, value }));
}
