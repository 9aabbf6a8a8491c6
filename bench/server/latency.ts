// Measures how long answers take beside bare node:http, when the load is 80 % of what the server can do.
//
//   npm run bench:server:latency -- [--rounds 5] [--seconds 5] [--share 0.8]
//
// In each round, both servers first show what they can do with wrk, whose clients wait for their answers. Then an open load
// (programs/open-load.mjs) asks each for a share of that: once of what this server can do, and once of what the slower one
// can do, so that both are asked as much. The server has one core, the load the other.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { run } from "pottle/asyncio";
import { load } from "../shared/load.ts";
import { runProgram } from "../shared/program.ts";
import { Candidate, spread } from "./candidate.ts";
import type { Peer } from "./peers.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
    share: { type: "string", default: "0.8" },
  },
});
const [rounds, seconds, share] = [Number(values.rounds), Number(values.seconds), Number(values.share)];
const repository = join(import.meta.dirname, "..", "..");
const programs = join(import.meta.dirname, "programs");

const connections = 64;
/** A view of about a tenth of a millisecond: the load can ask for as much as the server can do. */
const path = "/work/100";

const pottleRun = [process.execPath, join(repository, "bin", "pottle.cjs"), "run", join(programs, "work-app.mjs")];
const peers: readonly Peer[] = [
  {
    id: "node:http",
    title: "bare node:http",
    command: [process.execPath, join(programs, "work-node-http.mjs"), "PORT"],
  },
  { id: "pottle", title: "Pottle", command: [...pottleRun, "--port", "PORT", "--access-log", "none"] },
];

/** What an open load has seen; times are in milliseconds. */
interface Latency {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly late: number;
}

/** One turn of a server. */
interface Turn {
  /** Requests a second that it can answer. */
  readonly capacity: number;
  /** At a share of that. */
  readonly own: Latency;
  /** At a share of what the slower server can answer. */
  readonly same: Latency;
}

async function ask({ port }: Candidate, rate: number, seed: number): Promise<Latency> {
  const program = [process.execPath, join(programs, "open-load.mjs")];
  const args = [port, path, Math.round(rate), seconds, connections, seed].map(String);
  return JSON.parse((await runProgram("client", [...program, ...args])).stdout) as Latency;
}

async function measureRound(candidates: readonly Candidate[], round: number): Promise<Turn[]> {
  const order = round % 2 === 0 ? [...candidates.keys()] : [...candidates.keys()].toReversed();
  const capacities: number[] = [];
  for (const index of order) {
    const url = `http://127.0.0.1:${candidates[index]!.port}${path}`;
    capacities[index] = (await load(url, connections, Math.max(1, Math.round(seconds / 2)))).perSecond;
  }
  const least = Math.min(...capacities);
  const turns: Turn[] = [];
  for (const index of order) {
    const [candidate, capacity] = [candidates[index]!, capacities[index]!];
    const own = await ask(candidate, capacity * share, round + 1);
    turns[index] = { capacity, own, same: await ask(candidate, least * share, round + 1) };
  }
  return turns;
}

function printTable(title: string, all: readonly Turn[][], of: (turn: Turn) => Latency): void {
  const heads = [
    "server",
    "can do, requests/s",
    "answered, requests/s",
    "p50, ms",
    "p99, ms",
    "p99 of node:http",
    "p99.9, ms",
    "load late, ms",
  ];
  console.log(`\n### ${title}\n\n| ${heads.join(" | ")} |\n|${" --- |".repeat(heads.length)}`);
  for (const [index, { title: name }] of peers.entries()) {
    const turns = all.map((round) => round[index]!);
    const cell = (number: (latency: Latency) => number, digits: number): string =>
      spread(
        turns.map((turn) => number(of(turn))),
        digits,
      );
    const ratios = all.map((round) => of(round[index]!).p99 / of(round[0]!).p99);
    const cells = [
      spread(
        turns.map(({ capacity }) => capacity),
        0,
      ),
      cell(({ perSecond }) => perSecond, 0),
      cell(({ p50 }) => p50, 2),
      cell(({ p99 }) => p99, 2),
      spread(ratios, 2),
      cell(({ p999 }) => p999, 2),
      cell(({ late }) => late, 2),
    ];
    console.log(`| ${[name, ...cells].join(" | ")} |`);
  }
}

await run(async () => {
  const percent = Math.round(share * 100);
  console.log(`Node ${process.versions.node}; ${rounds} rounds of ${seconds} s; median (least–most).`);
  await using stack = new AsyncDisposableStack();
  const candidates: Candidate[] = [];
  for (const peer of peers) candidates.push(stack.use(await Candidate.start(peer)));
  for (const candidate of candidates) await load(`http://127.0.0.1:${candidate.port}${path}`, connections, 1);
  const all: Turn[][] = [];
  for (let round = 0; round < rounds; round++) all.push(await measureRound(candidates, round));
  printTable(`Latency at ${percent} % of what each can do`, all, ({ own }) => own);
  printTable(`Latency when both are asked for ${percent} % of what the slower can do`, all, ({ same }) => same);
});
