// Measures the echo of WebSocket messages beside bare ws: CPU time a message, 64 connections.
//
//   npm run bench:server:websocket -- [--rounds 7] [--seconds 2]

import { parseArgs } from "node:util";
import { join } from "node:path";
import { run } from "pottle/asyncio";
import type { Load } from "../shared/load.ts";
import { runProgram } from "../shared/program.ts";
import { Candidate, measureRounds, printTable } from "./candidate.ts";
import type { Peer } from "./peers.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "7" }, seconds: { type: "string", default: "2" } },
});
const programs = join(import.meta.dirname, "programs");
const peers: readonly Peer[] = ["pottle", "ws"].map((id) => ({
  id,
  title: id === "ws" ? "bare ws" : "Pottle",
  command: [process.execPath, join(programs, `echo-${id}.mjs`), "PORT"],
}));

async function load({ port }: Candidate, seconds: string): Promise<Load> {
  const client = [process.execPath, join(programs, "echo-client.mjs"), String(port), "64", seconds];
  return JSON.parse((await runProgram("client", client)).stdout) as Load;
}

await run(async () => {
  await using stack = new AsyncDisposableStack();
  const candidates: Candidate[] = [];
  for (const peer of peers) candidates.push(stack.use(await Candidate.start(peer)));
  for (const candidate of candidates) await load(candidate, "1");
  const samples = await measureRounds(candidates, Number(values.rounds), (one) => load(one, values.seconds));
  printTable("WebSocket echo", peers, samples, [{ id: "ws", title: "bare ws" }]);
});
