// The storm: a million random cancellations over every primitive, in rounds that each follow from a seed.
//
//   npm run storm                                               a million
//   node test/storm/storm.ts --cancels 50000                    fewer
//   node test/storm/storm.ts --primitive Lock --seed 17         one round again, twice, and whether both were the same

import { parseArgs } from "node:util";
import { findLeaks, takeFootprint } from "../../src/asyncio/testing/index.ts";
import { isMain } from "../../tools/_repository.ts";
import * as combinators from "./_combinators.ts";
import * as limits from "./_limits.ts";
import * as permits from "./_permits.ts";
import * as queues from "./_queues.ts";
import { type RoundOutcome, runRound, type Scenario } from "./_round.ts";
import * as signals from "./_signals.ts";
import { Tally } from "./_tally.ts";

/** Every primitive that the storm goes over. */
export const scenarios: readonly Scenario[] = [queues, permits, signals, combinators, limits].flatMap((kind) =>
  Object.values(kind),
);

/** How many cancellations end a round. */
const PER_ROUND = 150;

/** How a storm is run. */
export interface StormOptions {
  /** How many cancellations end it. */
  readonly cancels: number;
  /** The seed of the first round; each further round over all primitives has the next. @default 1 */
  readonly seed?: number;
  /** The primitives it goes over. @default all */
  readonly over?: readonly Scenario[];
}

/** A round that went wrong, and how to see it again. */
export interface Failure {
  readonly primitive: string;
  readonly seed: number;
  readonly violations: readonly string[];
  /** The command that runs this very round again. */
  readonly replay: string;
}

/** What came of a storm. */
export interface StormOutcome {
  readonly tally: Tally;
  /** The first round that went wrong; it ended the storm. */
  readonly failure: Failure | undefined;
  /** What was left behind at the end. */
  readonly leaks: readonly string[];
}

/** Runs rounds over the primitives in turn, until there were enough cancellations or one goes wrong. */
export async function runStorm(options: StormOptions): Promise<StormOutcome> {
  const { cancels, seed: first = 1, over = scenarios } = options;
  const tally = new Tally();
  const before = takeFootprint();
  for (let seed = first; tally.total < cancels; seed++) {
    for (const scenario of over) {
      const { violations } = await runRound(scenario, { seed, cancels: PER_ROUND }, tally.of(scenario.name));
      if (violations.length === 0) continue;
      const failure = { primitive: scenario.name, seed, violations, replay: replayOf(scenario.name, seed) };
      return { tally, failure, leaks: findLeaks(before) };
    }
  }
  return { tally, failure: undefined, leaks: findLeaks(before) };
}

/** Runs one round by its seed. */
export function replay(scenario: Scenario, seed: number): Promise<RoundOutcome> {
  return runRound(scenario, { seed, cancels: PER_ROUND }, new Tally().of(scenario.name));
}

function replayOf(primitive: string, seed: number): string {
  return `node test/storm/storm.ts --primitive ${primitive} --seed ${seed}`;
}

function chosen(primitive: string | undefined): readonly Scenario[] {
  if (primitive === undefined) return scenarios;
  const found = scenarios.filter(({ name }) => name === primitive);
  if (found.length > 0) return found;
  const names = scenarios.map(({ name }) => name).join(", ");
  throw new RangeError(`Cannot storm as the primitive must be one of ${names}: current value is ${primitive}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      cancels: { type: "string", default: "1000000" },
      seed: { type: "string" },
      primitive: { type: "string" },
    },
  });
  const over = chosen(values.primitive);
  if (values.seed !== undefined && values.primitive !== undefined) return showRound(over[0]!, Number(values.seed));
  await showStorm({ cancels: Number(values.cancels), seed: Number(values.seed ?? 1), over });
}

async function showRound(scenario: Scenario, seed: number): Promise<void> {
  const outcomes = [await replay(scenario, seed), await replay(scenario, seed)] as const;
  const hashes = outcomes.map(({ hash }) => hash.toString(16));
  console.log(
    `${scenario.name}, seed ${seed}: trace ${hashes.join(" and ")}, ${hashes[0] === hashes[1] ? "the same" : "not the same"}`,
  );
  for (const violation of outcomes[0].violations) console.log(`  ${violation}`);
  if (outcomes[0].violations.length > 0) process.exitCode = 1;
}

async function showStorm(options: StormOptions): Promise<void> {
  const start = performance.now();
  const { tally, failure, leaks } = await runStorm(options);
  console.log(String(tally));
  console.log(`${tally.total} cancellations in ${((performance.now() - start) / 1_000).toFixed(1)} s`);
  for (const leak of leaks) console.log(`left behind: ${leak}`);
  if (failure !== undefined) showFailure(failure);
  if (failure !== undefined || leaks.length > 0) process.exitCode = 1;
}

function showFailure({ primitive, seed, violations, replay: command }: Failure): void {
  console.log(`${primitive} failed with seed ${seed}:`);
  for (const violation of violations) console.log(`  ${violation}`);
  console.log(`again: ${command}`);
}

if (isMain(import.meta.url)) await main();
