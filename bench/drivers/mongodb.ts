// What a command costs by Pottle and by the bare driver of MongoDB, with ten under way at once. The server is a double in
// a process of its own, whose time does not count. Prints a table.
//
//   node bench/drivers/mongodb.ts [--rounds NUMBER] [--quick]
//
// Exit codes: 0 if the target was reached (or with --quick), 1 if it was missed, 2 if something could not be measured.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exitWith } from "../shared/exit-code.ts";
import type { Spread } from "../asyncio/summary.ts";
import { type CommandCost, measureCommands } from "./mongodb-cost.ts";

/** How many times the CPU time of the bare driver ours may be. */
const target = 1.1;

interface Options {
  readonly rounds: number;
  readonly quick: boolean;
}

function readOptions(args: readonly string[]): Options {
  const options = { rounds: { type: "string" }, quick: { type: "boolean", default: false } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 61));
  if (Number.isInteger(rounds) && rounds >= 1) return { rounds, quick: values.quick };
  throw new RangeError(`Cannot measure as --rounds must be a whole number >= 1: current value is ${values.rounds}`);
}

async function main({ rounds, quick }: Options): Promise<number> {
  const program = join(import.meta.dirname, "programs", "mongo-double.ts");
  const double = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const [url] = (await once(double.stdout.setEncoding("utf8"), "data")) as [string];
    const costs = await measureCommands(url.trim(), rounds, quick ? 50 : 500);
    console.log(`Rounds: ${rounds}, alternating between both. Node ${process.versions.node}.\n\n${table(costs)}\n`);
    if (quick) console.log("Not judged: the counts were tiny (--quick).");
    return quick ? 0 : judge(costs);
  } finally {
    double.stdin.end();
    if (double.exitCode === null) await once(double, "exit");
  }
}

function table(costs: readonly CommandCost[]): string {
  const rows = costs.map(
    ({ command, pottle, bare, ratio }) => `| ${command} | ${show(pottle)} | ${show(bare)} | ${show(ratio)} |`,
  );
  return [
    "| CPU time of a command (µs: min – median – max) | Pottle | bare driver | times the bare driver |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function judge(costs: readonly CommandCost[]): number {
  const dear = costs.filter(({ ratio }) => ratio.median > target);
  const outcome = dear.length === 0 ? "reached" : `missed by ${dear.map(({ command }) => command).join(", ")}`;
  console.log(`A command costs ≤ ${target} × the bare driver: ${outcome}.`);
  return dear.length === 0 ? 0 : 1;
}

/** Three digits that mean something are all that such a measurement has. */
function show({ min, median, max }: Spread): string {
  return [min, median, max].map((value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))).join(" – ");
}

await exitWith(() => main(readOptions(process.argv.slice(2))));
