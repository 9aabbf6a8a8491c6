// Measures what a second worker brings: `pottle run` with one worker and with two, on two cores that the load shares with them.
//
//   npm run bench:server:workers -- [--rounds 7] [--seconds 3]
//
// In each round both have a turn, in an order that alternates, and a ratio compares the same round.

import { join } from "node:path";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { run } from "pottle/asyncio";
import { cpuTimesOf } from "../shared/cpu-time.ts";
import { readLoad } from "../shared/load.ts";
import { runProgram } from "../shared/program.ts";
import { Candidate, spread } from "./candidate.ts";
import type { Peer } from "./peers.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, seconds: { type: "string", default: "3" } },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const repository = join(import.meta.dirname, "..", "..");

/** How many connections the load has: enough that their uneven division among two workers matters little. */
const connections = 64;

const rows = [
  { title: "a view of about a millisecond of CPU time", path: "/work/1000" },
  { title: "plain text, of which the load takes a good part of the cores", path: "/plain" },
] as const;

/** One turn of a server. */
interface Turn {
  /** Requests a second. */
  readonly rate: number;
  /** CPU time of all processes of the server for a request, in milliseconds. */
  readonly cpu: number;
  /** How many cores the server used on average. */
  readonly cores: number;
  /** How many cores all else used on average: the load, and what else this machine does. */
  readonly others: number;
  /** The part of the server's CPU time that its busiest process used. */
  readonly busiest: number;
}

function workers(count: number): Peer {
  const command = [process.execPath, join(repository, "bin", "pottle.cjs"), "run"];
  const app = join(import.meta.dirname, "programs", "work-app.mjs");
  const options = ["--workers", String(count), "--port", "PORT", "--access-log", "none"];
  return {
    id: String(count),
    title: count === 1 ? "1 worker" : `${count} workers`,
    command: [...command, app, ...options],
  };
}

/** The time that all cores were busy so far, in seconds. */
function busyTime(): number {
  const busy = cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq);
  return busy.reduce((one, other) => one + other, 0) / 1_000;
}

async function measure({ pid, port }: Candidate, path: string, duration: number): Promise<Turn> {
  const [before, busyBefore, begun] = [cpuTimesOf(pid), busyTime(), performance.now()];
  const url = `http://127.0.0.1:${port}${path}`;
  const wrk = ["wrk", "-t1", `-c${connections}`, `-d${duration}s`, "--timeout", "30s", url];
  const { requests, perSecond } = readLoad((await runProgram("any", wrk)).stdout);
  const [after, busy, elapsed] = [cpuTimesOf(pid), busyTime() - busyBefore, (performance.now() - begun) / 1_000];
  const used = [...after].map(([id, time]) => time - (before.get(id) ?? 0));
  const all = used.reduce((one, other) => one + other, 0);
  return {
    rate: perSecond,
    cpu: (all / requests) * 1_000,
    cores: all / elapsed,
    others: (busy - all) / elapsed,
    busiest: Math.max(...used) / all,
  };
}

async function measureRow(candidates: readonly Candidate[], path: string): Promise<Turn[][]> {
  const turns: Turn[][] = candidates.map(() => []);
  for (const candidate of candidates) await measure(candidate, path, 1);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [...candidates.keys()] : [...candidates.keys()].toReversed();
    for (const index of order) turns[index]!.push(await measure(candidates[index]!, path, seconds));
  }
  return turns;
}

function printRow(title: string, candidates: readonly Candidate[], turns: readonly Turn[][]): void {
  const heads = [
    "server",
    "requests/s",
    "of 1 worker",
    "CPU a request, ms",
    "cores it used",
    "cores of all else",
    "busiest process",
  ];
  console.log(`\n### ${title}\n\n| ${heads.join(" | ")} |\n|${" --- |".repeat(heads.length)}`);
  for (const [index, { peer }] of candidates.entries()) {
    const own = turns[index]!;
    const cell = (of: (turn: Turn) => number, digits: number): string => spread(own.map(of), digits);
    const ratios = own.map(({ rate }, round) => rate / turns[0]![round]!.rate);
    const cells = [
      cell(({ rate }) => rate, 0),
      spread(ratios, 2),
      cell(({ cpu }) => cpu, 3),
      cell(({ cores }) => cores, 2),
      cell(({ others }) => others, 2),
      `${cell(({ busiest }) => busiest * 100, 0)} %`,
    ];
    console.log(`| ${[peer.title, ...cells].join(" | ")} |`);
  }
}

await run(async () => {
  console.log(
    `Node ${process.versions.node}; ${cpus().length} cores; ${rounds} rounds of ${seconds} s; median (least–most).`,
  );
  await using stack = new AsyncDisposableStack();
  const candidates: Candidate[] = [];
  for (const count of [1, 2]) candidates.push(stack.use(await Candidate.start(workers(count), "any")));
  for (const { title, path } of rows) printRow(title, candidates, await measureRow(candidates, path));
});
