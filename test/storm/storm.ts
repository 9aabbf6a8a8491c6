// The storm: a million random cancellations over every primitive, in rounds that each follow from a seed.
//
//   npm run storm                                               a million
//   node test/storm/storm.ts --cancels 50000                    fewer
//   node test/storm/storm.ts --debug --seed 1000                in debug mode, by other seeds
//   node test/storm/storm.ts --primitive Lock --seed 17         one round again, twice, and whether both were the same

import { parseArgs } from "node:util";
import { type DebugOptions, enableDebug } from "../../src/asyncio/index.ts";
import { findLeaks, type Footprint, takeFootprint } from "../../src/asyncio/testing/index.ts";
import { isMain } from "../../tools/_repository.ts";
import * as abortSignals from "./_abort-signals.ts";
import * as combinators from "./_combinators.ts";
import * as deep from "./_deep.ts";
import * as iterators from "./_iterators.ts";
import * as limits from "./_limits.ts";
import * as lostFlows from "./_lost-flows.ts";
import * as outsideWorld from "./_outside-world.ts";
import * as permits from "./_permits.ts";
import * as queues from "./_queues.ts";
import { type RoundOptions, type RoundOutcome, runRound, type Scenario } from "./_round.ts";
import * as signals from "./_signals.ts";
import * as swallowers from "./_swallowers.ts";
import { Tally } from "./_tally.ts";

const everything: readonly Scenario[] = [
  queues,
  permits,
  signals,
  combinators,
  limits,
  swallowers,
  iterators,
  abortSignals,
  deep,
  lostFlows,
  outsideWorld,
].flatMap((kind) => Object.values(kind));

/**
 * What the storm finds something at that docs/cancellation.md says: a cancellation that meets only the loser of a bare
 * `Promise.race` is taken by the loser.
 */
const unmended: ReadonlySet<string> = new Set(["Promise.any", "race lost"]);

/** Debug mode as the storm has it: what is slow on a machine that is busy is nobody's fault. */
const debugOptions: DebugOptions = { slowStepDuration: Infinity, stopGrace: 60_000 };

/** Every primitive that the storm goes over. */
export const scenarios: readonly Scenario[] = everything.filter(({ name }) => !unmended.has(name));

/** How many cancellations end a round, and one on the machine's own clock. */
const PER_ROUND = 150;
const PER_REAL_ROUND = 30;

/** One in so many rounds over all primitives includes those on the machine's own clock. */
const REAL_EVERY = 20;

/** How a storm is run. */
export interface StormOptions {
  /** How many cancellations end it. */
  readonly cancels: number;
  /** The seed of the first round; each further round over all primitives has the next. @default 1 */
  readonly seed?: number;
  /** The primitives it goes over. @default all */
  readonly over?: readonly Scenario[];
  /** Whether debug mode is on. @default false */
  readonly debug?: boolean;
  /** Told of each round over all primitives: how many cancellations there were so far. */
  readonly onProgress?: (cancels: number) => void;
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
  // Opened when they are first asked for, by whatever warns of something, or starts a thread.
  for (const stream of [process.stdout, process.stderr]) stream.uncork();
  const before = takeFootprint();
  const stop = options.debug === true ? enableDebug(debugOptions) : undefined;
  const { tally, failure } = await runRounds(options);
  await stop?.();
  return { tally, failure, leaks: await leaksSince(before) };
}

// What closes needs a few turns.
async function leaksSince(before: Footprint): Promise<string[]> {
  for (let turns = 0; turns < 50 && findLeaks(before).length > 0; turns++)
    await new Promise((resolve) => void setTimeout(resolve, 1));
  return findLeaks(before);
}

async function runRounds(options: StormOptions): Promise<Omit<StormOutcome, "leaks">> {
  const { cancels, seed: first = 1, debug = false, onProgress } = options;
  const over = options.over ?? scenarios;
  const tally = new Tally();
  for (let seed = first; tally.total < cancels; seed++) {
    const withReal = over.length === 1 || (seed - first) % REAL_EVERY === 0;
    for (const scenario of over) {
      if (scenario.isReal === true && !withReal) continue;
      const { violations } = await runRound(scenario, optionsOf(scenario, seed), tally.of(scenario.name));
      if (violations.length === 0) continue;
      const again = replayOf(scenario.name, seed) + (debug ? " --debug" : "");
      return { tally, failure: { primitive: scenario.name, seed, violations, replay: again } };
    }
    onProgress?.(tally.total);
  }
  return { tally, failure: undefined };
}

/** Runs one round by its seed. */
export function replay(scenario: Scenario, seed: number): Promise<RoundOutcome> {
  return runRound(scenario, optionsOf(scenario, seed), new Tally().of(scenario.name));
}

function optionsOf({ isReal }: Scenario, seed: number): RoundOptions {
  return { seed, cancels: isReal === true ? PER_REAL_ROUND : PER_ROUND };
}

function replayOf(primitive: string, seed: number): string {
  return `node test/storm/storm.ts --primitive "${primitive}" --seed ${seed}`;
}

function chosen(primitive: string | undefined): readonly Scenario[] | undefined {
  if (primitive === undefined) return undefined;
  const found = everything.filter(({ name }) => name === primitive);
  if (found.length > 0) return found;
  const names = everything.map(({ name }) => name).join(", ");
  throw new RangeError(`Cannot storm as the primitive must be one of ${names}: current value is ${primitive}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      cancels: { type: "string", default: "1000000" },
      seed: { type: "string" },
      primitive: { type: "string" },
      debug: { type: "boolean", default: false },
    },
  });
  const over = chosen(values.primitive);
  if (values.seed !== undefined && values.primitive !== undefined)
    return showRound(over![0]!, Number(values.seed), values.debug);
  const [cancels, seed] = [Number(values.cancels), Number(values.seed ?? 1)];
  const options = { cancels, seed, debug: values.debug, onProgress: progressOf(cancels) };
  await showStorm(over === undefined ? options : { ...options, over });
}

// A line on the terminal, written again and again; in a log, one line for each tenth.
function progressOf(cancels: number): (done: number) => void {
  const start = performance.now();
  let shown = 0;
  return (done) => {
    const tenth = Math.floor((done / cancels) * 10);
    if (!process.stderr.isTTY && tenth === shown) return;
    shown = tenth;
    const line = `${done} of ${cancels} cancellations, ${((performance.now() - start) / 1_000).toFixed(0)} s`;
    process.stderr.write(process.stderr.isTTY ? `\r${line}` : `${line}\n`);
  };
}

async function showRound(scenario: Scenario, seed: number, debug: boolean): Promise<void> {
  const stop = debug ? enableDebug(debugOptions) : undefined;
  const outcomes = [await replay(scenario, seed), await replay(scenario, seed)] as const;
  await stop?.();
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
