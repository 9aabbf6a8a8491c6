// Measures Pottle's server beside others: CPU time a request, servers on one core and the load on the other, in rounds in
// which everybody has a turn. Prints the tables of README.md.
//
//   npm run bench:server -- [--rounds 7] [--seconds 2] [--only plain,json] [--peers pottle,fastify]

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run } from "pottle/asyncio";
import type { Process } from "pottle/asyncio/subprocess";
import { cpuTimeOf } from "../shared/cpu-time.ts";
import { findFreePort, untilItAnswers } from "../shared/free-port.ts";
import { readLoad } from "../shared/load.ts";
import { runProgram, startServer } from "../shared/program.ts";
import { logging, type Peer, peers } from "./peers.ts";
import { type Row, rows } from "./rows.ts";

/** One measurement: microseconds of CPU time a request, and requests a second. */
interface Sample {
  readonly cpu: number;
  readonly rate: number;
}

interface Candidate {
  readonly peer: Peer;
  readonly process: Process;
  readonly port: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "2" },
    only: { type: "string", default: rows.map(({ id }) => id).join() },
    peers: { type: "string", default: peers.map(({ id }) => id).join() },
  },
});
const rounds = Number(values.rounds);
const chosenPeers = values.peers.split(",");
const folder = mkdtempSync(join(tmpdir(), "pottle-bench-server-"));

async function start(peer: Peer): Promise<Candidate> {
  const port = await findFreePort();
  const process = await startServer(peer.command.map((part) => part.replace("PORT", String(port))));
  await untilItAnswers(process, `http://127.0.0.1:${port}/plain`);
  return { peer, process, port };
}

async function check({ peer, port }: Candidate, { path, answer, id }: Row): Promise<void> {
  const body = id === "upload" ? Buffer.alloc(16_384) : null;
  const headers = { "Content-Type": "application/octet-stream" };
  const init = body === null ? {} : { method: "POST", body, headers };
  const text = await (await fetch(`http://127.0.0.1:${port}${path}`, init)).text();
  if (!answer.test(text)) throw new Error(`${peer.title} answers ${path} with ${text.slice(0, 100)}`);
}

async function load({ port }: Candidate, row: Row, seconds: string): Promise<Sample & { requests: number }> {
  const script = row.script === undefined ? [] : ["-s", join(folder, `${row.id}.lua`)];
  const url = `http://127.0.0.1:${port}${row.path}`;
  const wrk = ["wrk", "-t1", `-c${row.connections}`, `-d${seconds}s`, "--timeout", "30s", ...script, url];
  const { stdout } = await runProgram("client", wrk);
  const { requests, perSecond } = readLoad(stdout);
  return { cpu: 0, rate: perSecond, requests };
}

async function measure(candidate: Candidate, row: Row): Promise<Sample> {
  const before = cpuTimeOf(candidate.process.pid);
  const { requests, rate } = await load(candidate, row, values.seconds);
  return { cpu: ((cpuTimeOf(candidate.process.pid) - before) / requests) * 1e6, rate };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function spread(numbers: readonly number[], digits: number): string {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return `${median(numbers).toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

async function measureRow(row: Row): Promise<void> {
  const all = row.id === "log" ? logging : peers.filter(({ without = [] }) => !without.includes(row.id));
  const candidates: Candidate[] = [];
  try {
    for (const peer of all.filter(({ id }) => chosenPeers.includes(id))) candidates.push(await start(peer));
    for (const candidate of candidates) {
      if (candidate.peer.id !== "floor") await check(candidate, row);
      await load(candidate, row, "1");
    }
    const samples = new Map<string, Sample[]>(candidates.map(({ peer }) => [peer.id, []]));
    for (let round = 0; round < rounds; round++) {
      for (const candidate of candidates) samples.get(candidate.peer.id)!.push(await measure(candidate, row));
    }
    print(row, candidates, samples);
  } finally {
    for (const { process } of candidates) await process[Symbol.asyncDispose]();
  }
}

function print(row: Row, candidates: readonly Candidate[], samples: ReadonlyMap<string, readonly Sample[]>): void {
  const of = (id: string): readonly Sample[] | undefined => samples.get(id);
  console.log(`\n### ${row.title}\n`);
  console.log("| server | CPU a request, µs | of the floor | of Fastify | requests/s |");
  console.log("| --- | --- | --- | --- | --- |");
  for (const { peer } of candidates) {
    const own = of(peer.id)!;
    const ratio = (other: readonly Sample[] | undefined): string =>
      other === undefined ? "–" : spread(own.map(({ cpu }, i) => cpu / other[i]!.cpu), 2); // prettier-ignore
    const cpu = spread(own.map((sample) => sample.cpu), 1); // prettier-ignore
    const rate = Math.round(median(own.map((sample) => sample.rate))).toLocaleString("en");
    console.log(`| ${peer.title} | ${cpu} | ${ratio(of("floor"))} | ${ratio(of("fastify"))} | ${rate} |`);
  }
}

async function main(): Promise<void> {
  const peersFolder = join(import.meta.dirname, "peers");
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"], {
    cwd: peersFolder,
    stdio: "ignore",
  });
  for (const { id, script } of rows) if (script !== undefined) writeFileSync(join(folder, `${id}.lua`), script);
  console.log(`Node ${process.versions.node}; ${rounds} rounds of ${values.seconds} s; median (least–most).`);
  try {
    for (const id of values.only.split(",")) {
      const row = rows.find((each) => each.id === id);
      if (row === undefined) throw new RangeError(`Cannot measure an unknown row: current value is ${id}`);
      await measureRow(row);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await run(main);
