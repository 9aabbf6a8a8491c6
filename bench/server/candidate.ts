// A server that is measured, and how measurements are shown.

import type { Process } from "pottle/asyncio/subprocess";
import { cpuTimeOf } from "../shared/cpu-time.ts";
import { findFreePort, untilItAnswers } from "../shared/free-port.ts";
import type { Load } from "../shared/load.ts";
import { type Core, startServer } from "../shared/program.ts";
import type { Peer } from "./peers.ts";

/** One measurement: microseconds of CPU time a request, and requests a second. */
export interface Sample {
  readonly cpu: number;
  readonly rate: number;
}

/** A server that runs. */
export class Candidate implements AsyncDisposable {
  readonly peer: Peer;
  readonly port: number;
  readonly #process: Process;

  private constructor(peer: Peer, port: number, process: Process) {
    this.peer = peer;
    this.port = port;
    this.#process = process;
  }

  /** Starts a server, and waits until it answers; of one that speaks no HTTP/1.1, until it listens. */
  static async start(peer: Peer, core?: Core): Promise<Candidate> {
    const port = await findFreePort();
    const command = peer.command.map((part) => part.replace("PORT", String(port)));
    const process = await startServer(command, core);
    await untilItAnswers(process, `http://127.0.0.1:${port}/plain`);
    return new Candidate(peer, port, process);
  }

  /** The process id. */
  get pid(): number {
    return this.#process.pid;
  }

  /** The CPU time of the server while it answers a load. */
  async measure(load: () => Promise<Load>): Promise<Sample> {
    const before = cpuTimeOf(this.#process.pid);
    const { requests, perSecond } = await load();
    return { cpu: ((cpuTimeOf(this.#process.pid) - before) / requests) * 1e6, rate: perSecond };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** The samples of each server, in the order of the rounds. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** Measures all servers in rounds, in each of which everybody has a turn, in an order that alternates. */
export async function measureRounds(
  candidates: readonly Candidate[],
  rounds: number,
  load: (candidate: Candidate) => Promise<Load>,
): Promise<Samples> {
  const samples = new Map<string, Sample[]>(candidates.map(({ peer }) => [peer.id, []]));
  for (let round = 0; round < rounds; round++) {
    for (const candidate of round % 2 === 0 ? candidates : candidates.toReversed())
      samples.get(candidate.peer.id)!.push(await candidate.measure(() => load(candidate)));
  }
  return samples;
}

/** The median, with the least and the most. */
export function spread(numbers: readonly number[], digits: number): string {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return `${median(numbers).toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

/** The middle one of the numbers when they are sorted, or the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Prints a table: CPU time for `each`, its ratio to that of the servers in `against`, round by round, and the rate. */
export function printTable(
  title: string,
  peers: readonly Peer[],
  samples: Samples,
  against: readonly { readonly id: string; readonly title: string }[],
  each = "request",
): void {
  const others = against.filter(({ id }) => samples.has(id));
  const heads = ["server", `CPU a ${each}, µs`, ...others.map((other) => `of ${other.title}`), `${each}s/s`];
  console.log(`\n### ${title}\n\n| ${heads.join(" | ")} |\n|${" --- |".repeat(heads.length)}`);
  for (const { id, title: name } of peers) {
    const own = samples.get(id)!;
    const cpu = spread(
      own.map((sample) => sample.cpu),
      1,
    );
    const ratios = others.map((other) => {
      const theirs = samples.get(other.id)!;
      return spread(
        own.map((sample, i) => sample.cpu / theirs[i]!.cpu),
        2,
      );
    });
    const rate = spread(
      own.map((sample) => sample.rate),
      0,
    );
    console.log(`| ${[name, cpu, ...ratios, rate].join(" | ")} |`);
  }
}
