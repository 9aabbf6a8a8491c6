// What a query costs by Pottle and by bare pg, and how long it takes to cancel one, by Pottle and by Effect. Prints two
// tables.
//
//   node bench/tutorial/query.ts [--rounds NUMBER] [--quick] [--without-effect]
//
// Effect is installed into a folder of its own, which is removed at the end.
//
// Exit codes: 0 if every target was reached (or with --quick), 1 if one was missed, 2 if something could not be measured.

import { parseArgs } from "node:util";
import { exitWith } from "../shared/exit-code.ts";
import { startPostgres } from "pottle/postgres";
import type { Spread } from "../asyncio/summary.ts";
import { type CancelLatency, measureCancelLatency } from "./cancel-latency.ts";
import { measureQueryCost, type QueryCost } from "./query-cost.ts";

/** How many times the CPU time of bare pg ours may be. */
const costTarget = 1.15;

interface Options {
  readonly rounds: number;
  readonly quick: boolean;
  readonly withoutEffect: boolean;
}

function readOptions(args: readonly string[]): Options {
  const off = { type: "boolean", default: false } as const;
  const options = { rounds: { type: "string" }, quick: off, "without-effect": off } as const;
  const { values } = parseArgs({ args: [...args], options });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 15));
  const { quick, "without-effect": withoutEffect } = values;
  if (Number.isInteger(rounds) && rounds >= 1) return { rounds, quick, withoutEffect };
  throw new RangeError(`Cannot measure as --rounds must be a whole number >= 1: current value is ${values.rounds}`);
}

async function main({ rounds, quick, withoutEffect }: Options): Promise<number> {
  await using server = await startPostgres();
  const cost = await measureQueryCost(server.url, rounds, quick ? 400 : 20_000);
  console.log(
    `Rounds: ${rounds}, alternating between the peers. Node ${process.versions.node}.\n\n${costTable(cost)}\n`,
  );
  const effect = withoutEffect ? undefined : (message: string): void => console.log(message);
  const latencies = await measureCancelLatency(server.url, quick ? 2 : 2 * rounds, effect);
  console.log(`${latencyTable(latencies)}\n`);
  if (quick) {
    console.log("Not judged: the counts were tiny (--quick).");
    return 0;
  }
  return judge(cost, latencies);
}

function costTable({ pottle, pg, ratio }: QueryCost): string {
  return [
    "| CPU time of a query (µs), ten at once | min – median – max | times bare pg |",
    "| --- | --- | --- |",
    `| Pottle, cancellation armed | ${show(pottle)} | ${show(ratio)} |`,
    `| bare pg | ${show(pg)} | |`,
  ].join("\n");
}

function latencyTable(latencies: readonly CancelLatency[]): string {
  const rows = latencies.map(({ title, server, program }) => `| ${title} | ${show(server)} | ${show(program)} |`);
  return [
    "| cancelling a query (ms: min – median – max) | until nothing runs on the server | until the program goes on |",
    "| --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function judge({ ratio }: QueryCost, [ours, effect]: readonly CancelLatency[]): number {
  const isCheap = ratio.median <= costTarget;
  console.log(
    `A query costs ≤ ${costTarget} × bare pg: ${ratio.median.toFixed(2)} ×, ${isCheap ? "reached" : "missed"}.`,
  );
  if (ours === undefined || effect === undefined) return 2;
  const isFast = ours.server.median <= effect.server.median;
  console.log(`A query is cancelled no slower than by Effect: ${isFast ? "reached" : "missed"}.`);
  return isCheap && isFast ? 0 : 1;
}

/** Three digits that mean something are all that such a measurement has. */
function show({ min, median, max }: Spread): string {
  return [min, median, max].map((value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))).join(" – ");
}

await exitWith(() => main(readOptions(process.argv.slice(2))));
