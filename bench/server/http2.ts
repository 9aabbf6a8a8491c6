// Measures HTTP/2 beside bare node:http2 by h2load: CPU time a request, plain text.
//
//   npm run bench:server:http2 -- [--rounds 7] [--requests 40000]

import { join } from "node:path";
import { parseArgs } from "node:util";
import { run } from "pottle/asyncio";
import type { Load } from "../shared/load.ts";
import { runProgram } from "../shared/program.ts";
import { Candidate, measureRounds, printTable } from "./candidate.ts";
import type { Peer } from "./peers.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, requests: { type: "string", default: "40000" } },
});
const programs = join(import.meta.dirname, "programs");
const peers: readonly Peer[] = [
  { id: "pottle", title: "Pottle", command: [process.execPath, join(programs, "pottle.mjs"), "PORT"] },
  { id: "node:http2", title: "bare node:http2", command: [process.execPath, join(programs, "node-http2.mjs"), "PORT"] },
];

async function load({ port, peer }: Candidate, requests: string): Promise<Load> {
  // The port above that of a server which answers HTTP/1.1 as well.
  const own = peer.id === "pottle" ? port : port + 1;
  const h2load = ["h2load", "-n", requests, "-c", "8", "-m", "16", `http://127.0.0.1:${own}/plain`];
  const { stdout } = await runProgram("client", h2load);
  const [, perSecond] = /finished in [\d.]+m?s, ([\d.]+) req\/s/.exec(stdout) ?? [];
  const [, done] = /(\d+) succeeded/.exec(stdout) ?? [];
  if (Number(done) !== Number(requests)) throw new Error(`Cannot measure as not every answer came: ${stdout}`);
  return { requests: Number(done), perSecond: Number(perSecond) };
}

await run(async () => {
  await using stack = new AsyncDisposableStack();
  const candidates: Candidate[] = [];
  for (const peer of peers) candidates.push(stack.use(await Candidate.start(peer)));
  for (const candidate of candidates) await load(candidate, values.requests);
  const samples = await measureRounds(candidates, Number(values.rounds), (one) => load(one, values.requests));
  printTable("HTTP/2", peers, samples, [{ id: "node:http2", title: "bare node:http2" }]);
});
