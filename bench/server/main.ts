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
import { type Load, readLoad } from "../shared/load.ts";
import { runProgram } from "../shared/program.ts";
import { Candidate, measureRounds, printTable } from "./candidate.ts";
import { logging, peers } from "./peers.ts";
import { type Row, rows } from "./rows.ts";

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

async function check({ peer, port }: Candidate, { path, answer, id }: Row): Promise<void> {
  const body = id === "upload" ? Buffer.alloc(16_384) : null;
  const headers = { "Content-Type": "application/octet-stream" };
  const init = body === null ? {} : { method: "POST", body, headers };
  const text = await (await fetch(`http://127.0.0.1:${port}${path}`, init)).text();
  if (!answer.test(text)) throw new Error(`${peer.title} answers ${path} with ${text.slice(0, 100)}`);
}

async function load({ port }: Candidate, row: Row, seconds: string): Promise<Load> {
  const script = row.script === undefined ? [] : ["-s", join(folder, `${row.id}.lua`)];
  const url = `http://127.0.0.1:${port}${row.path}`;
  const wrk = ["wrk", "-t1", `-c${row.connections}`, `-d${seconds}s`, "--timeout", "30s", ...script, url];
  return readLoad((await runProgram("client", wrk)).stdout);
}

async function measureRow(row: Row): Promise<void> {
  const all = row.id === "log" ? logging : peers.filter(({ without = [] }) => !without.includes(row.id));
  await using stack = new AsyncDisposableStack();
  const candidates: Candidate[] = [];
  for (const peer of all.filter(({ id }) => chosenPeers.includes(id)))
    candidates.push(stack.use(await Candidate.start(peer)));
  for (const candidate of candidates) {
    if (candidate.peer.id !== "floor") await check(candidate, row);
    await load(candidate, row, "1");
  }
  const samples = await measureRounds(candidates, rounds, (candidate) => load(candidate, row, values.seconds));
  printTable(
    row.title,
    candidates.map(({ peer }) => peer),
    samples,
    [
      { id: "floor", title: "the floor" },
      { id: "fastify", title: "Fastify" },
    ],
  );
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
