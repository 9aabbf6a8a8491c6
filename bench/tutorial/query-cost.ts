import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ratiosTo, type Spread, spreadOf } from "../asyncio/summary.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "programs", "query.ts");

/** What a query costs: microseconds of CPU time in the process that asks. */
export interface QueryCost {
  readonly pottle: Spread;
  readonly pg: Spread;
  /** How many times the cost of bare pg ours is, round by round. */
  readonly ratio: Spread;
}

/** Measures what a query costs by Pottle and by bare pg: each in a process of its own, each first in every other round. */
export async function measureQueryCost(url: string, rounds: number, count: number): Promise<QueryCost> {
  const samples = { pottle: [] as number[], pg: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const peers = ["pottle", "pg"] as const;
    for (const peer of round % 2 === 0 ? peers : peers.toReversed())
      samples[peer].push(await measure(peer, url, count));
  }
  const { pottle, pg } = samples;
  return { pottle: spreadOf(pottle), pg: spreadOf(pg), ratio: spreadOf(ratiosTo(pg, pottle)) };
}

async function measure(peer: "pottle" | "pg", url: string, count: number): Promise<number> {
  const { stdout } = await run(process.execPath, [program, peer, url, String(count)], { timeout: 120_000 });
  const microseconds = Number(stdout);
  if (microseconds > 0) return microseconds;
  throw new Error(`Cannot measure what a query costs by ${peer} as its program gave no figure: ${stdout}`);
}
