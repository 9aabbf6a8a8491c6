import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ratiosTo, type Spread, spreadOf } from "../asyncio/summary.ts";
import type { Case, Peer } from "./cases.ts";
import { Site } from "./crawl.ts";
import type { Options } from "./options.ts";
import { missingFor } from "./requirements.ts";
import { Candidate } from "./web.ts";

/** One measurement of one peer. */
export interface Measurement {
  /** CPU time: milliseconds of a whole crawl, or microseconds of one request. */
  readonly cpu: number;
  /** Pages or requests per second. */
  readonly rate: number;
}

/** What one peer needs for one case. */
export interface Figure {
  readonly peer: Peer;
  readonly cpu: Spread;
  readonly rate: Spread;
  /** How many times as much CPU time as Pottle's, round by round. */
  readonly ratio: Spread;
}

/** What was measured of one case. */
export interface Result {
  readonly case: Case;
  /** One for each peer, Pottle's first; none if something is missing. */
  readonly figures: readonly Figure[];
  /** What is not there and would be needed, in words. */
  readonly missing: readonly string[];
}

/** What measures one peer once. */
type Measure = (peer: Peer) => Promise<Measurement>;

/**
 * Measures everything, one case after the other. In each round all peers solve the case one after the other, each time
 * another one first, so that whatever else the machine does is shared by all.
 *
 * @param tell - Told what is going on.
 */
export async function measureAll(options: Options, tell: (message: string) => void): Promise<Result[]> {
  const results: Result[] = [];
  for (const one of options.cases) {
    const missing = await missingFor(one);
    tell(missing.length === 0 ? one.title : `${one.title}: not measured, see below`);
    results.push({ case: one, missing, figures: missing.length === 0 ? await measureCase(one, options, tell) : [] });
  }
  return results;
}

async function measureCase(one: Case, options: Options, tell: (message: string) => void): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const measure = await prepare(one, options, stack);
  const samples = new Map<Peer, Measurement[]>(one.peers.map((peer) => [peer, []]));
  for (let round = 0; round < options.rounds; round++) {
    tell(`  round ${round + 1} of ${options.rounds}`);
    for (const peer of rotate(one.peers, round)) samples.get(peer)!.push(await measure(peer));
  }
  return summarise(samples);
}

async function prepare(one: Case, { seconds }: Options, stack: AsyncDisposableStack): Promise<Measure> {
  if (one.kind === "crawl") {
    const folder = await mkdtemp(join(tmpdir(), "pottle-bench-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const site = stack.use(await Site.start(one, folder));
    return (peer) => site.measure(peer);
  }
  const candidates = new Map<Peer, Candidate>();
  for (const peer of one.peers) candidates.set(peer, stack.use(await Candidate.start(one, peer, seconds)));
  return (peer) => candidates.get(peer)!.measure(one, seconds);
}

function rotate<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function summarise(samples: ReadonlyMap<Peer, readonly Measurement[]>): Figure[] {
  const [ours = []] = samples.values();
  return [...samples].map(([peer, values]) => ({
    peer,
    cpu: spreadOf(values.map(({ cpu }) => cpu)),
    rate: spreadOf(values.map(({ rate }) => rate)),
    ratio: spreadOf(ratiosTo(cpuOf(ours), cpuOf(values))),
  }));
}

function cpuOf(values: readonly Measurement[]): number[] {
  return values.map(({ cpu }) => cpu);
}
