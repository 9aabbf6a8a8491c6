// The soak: a server, and in another process clients of ten kinds, of which a tenth leaves early. At ten points all clients
// rest, and the server says what it holds. It fails if that grows, or if anything is answered in another way than it should be.
//
//   npm run soak                                              300,000 requests
//   npm run soak -- --requests 5000000                        more
//   npm run soak -- --requests 5000000 --clients 64 --seed 7  more at once, in another order
//
// A hundred thousand requests take some 50 s on two cores, and five million three quarters of an hour. The clients take as
// much CPU time as the server, so neither waits for the other.
//
// The heap grows by a few hundred kilobytes in the first hundred thousands of requests, and then ever more slowly. Compared by
// constructor, heap snapshots after 60,000 and 300,000 requests have the same number of objects, closures, strings and arrays
// (112 bytes more in all). What has grown is V8's own: the code of functions that it optimises only now, and the lists
// of optimised code that depends on a shape or a global (`dependent_code`), which are compacted when they are full.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { randomOf } from "../../src/asyncio/testing/index.ts";
import { isMain } from "../../tools/_repository.ts";
import { type Figures, findGrowth, formatFifths, formatFigures, tolerance } from "./_figures.ts";
import { SoakClients } from "./_soak-clients.ts";

/** At how many points the server is asked. */
const pointCount = 10;
/** The time between two lines about the progress, in milliseconds. */
const progressInterval = 30_000;
/** How many of the requests are sent before the first point, at least: code is compiled meanwhile. */
const warmUp = 2_000;

export interface SoakOptions {
  /** How many requests are sent, besides those that warm the server up. */
  readonly requests: number;
  /** How many clients there are at once. */
  readonly clients: number;
  readonly seed: number;
  /** Called with each line of the report. */
  readonly print: (line: string) => void;
}

/** What came of a soak. */
export interface SoakOutcome {
  readonly points: readonly Figures[];
  /** How many requests there were of each kind. */
  readonly kinds: Readonly<Record<string, number>>;
  /** How many clients left early. */
  readonly left: number;
  /** What has grown. */
  readonly growth: readonly string[];
}

/** Runs a server and its clients. */
export async function soak({ requests, clients, seed, print }: SoakOptions): Promise<SoakOutcome> {
  // Code that is dropped while it is not used, and compiled again, would hide what else the heap does.
  const child = fork(join(import.meta.dirname, "_soak-server.ts"), { execArgv: ["--no-flush-bytecode"] });
  let progress: NodeJS.Timeout | undefined;
  try {
    const [port] = (await once(child, "message")) as [number];
    const load = new Load(port, seed);
    await load.send(warmUp, clients);
    await resting(child, load);
    load.forget();
    const points: Figures[] = [];
    progress = setInterval(progressOf(load, requests, print), progressInterval);
    for (let point = 1; point <= pointCount; point++) {
      await load.send(Math.round((requests * point) / pointCount) - load.sent, clients);
      points.push(await resting(child, load));
      print(formatFigures(load.sent, points.at(-1)!));
    }
    return { points, kinds: load.kinds, left: load.left, growth: findGrowth(points) };
  } finally {
    clearInterval(progress);
    child.disconnect();
    if (child.exitCode === null) await once(child, "exit");
  }
}

/** A function that prints how far a soak has come, which begins now. */
function progressOf(load: Load, requests: number, print: (line: string) => void): () => void {
  const begun = performance.now();
  return () => {
    const rate = load.sent / ((performance.now() - begun) / 1_000);
    const [sent, all, perSecond] = [load.sent, requests, Math.round(rate)].map((count) => count.toLocaleString("en"));
    const minutes = Math.ceil((requests - load.sent) / rate / 60);
    print(`  ${sent} of ${all} requests are sent, ${perSecond} a second: about ${minutes} min to go`);
  };
}

/** What the server holds when it has no client. */
async function resting(child: ChildProcess, load: Load): Promise<Figures> {
  load.clients.rest();
  for (;;) {
    const answer = once(child, "message");
    child.send("figures");
    const [figures] = (await answer) as [Figures];
    if (figures.connections === 0 && figures.requests === 0) return figures;
    await delay(20);
  }
}

/** Requests of all kinds, in an order that follows from the seed. */
class Load {
  sent = 0;
  left = 0;
  readonly kinds: Record<string, number> = {};
  readonly clients: SoakClients = new SoakClients();
  readonly #port: number;
  readonly #random: () => number;

  constructor(port: number, seed: number) {
    this.#port = port;
    this.#random = randomOf(seed);
  }

  /** Sends `count` requests, `atOnce` of them at a time, and waits until all are over. */
  async send(count: number, atOnce: number): Promise<void> {
    const goal = this.sent + count;
    const one = async (): Promise<void> => {
      while (this.sent < goal) await this.#ask();
    };
    await Promise.all(Array.from({ length: atOnce }, one));
  }

  /** Counts from here on. */
  forget(): void {
    this.sent = this.left = 0;
    for (const name of Object.keys(this.kinds)) delete this.kinds[name];
  }

  async #ask(): Promise<void> {
    this.sent++;
    let drawn = this.#random() * 100;
    const leaves = this.#random() < 0.1;
    const [name, , ask] = this.clients.kinds.find(([, share]) => (drawn -= share) < 0) ?? this.clients.kinds[0]!;
    this.kinds[name] = (this.kinds[name] ?? 0) + 1;
    if (leaves) this.left++;
    await ask(this.#port, leaves);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      requests: { type: "string", default: "300000" },
      clients: { type: "string", default: "32" },
      seed: { type: "string", default: "1" },
    },
  });
  const [requests, clients, seed] = [values.requests, values.clients, values.seed].map(Number);
  const begun = performance.now();
  const outcome = await soak({ requests: requests!, clients: clients!, seed: seed!, print: console.log });
  const kinds = Object.entries(outcome.kinds).map(([kind, count]) => `${count} ${kind}`);
  console.log(`${kinds.join(", ")}; ${outcome.left} clients left early`);
  console.log(formatFifths(outcome.points));
  const { heapUsed, handles, descriptors } = tolerance;
  console.log(`Tolerance: ${heapUsed} bytes of heap, ${handles} handles, ${descriptors} descriptors`);
  for (const line of outcome.growth) console.error(line);
  const [taken, cpu] = [performance.now() - begun, outcome.points.at(-1)!.cpu].map((ms) => Math.round(ms / 1_000));
  console.log(`${outcome.growth.length === 0 ? "ok" : "not ok"} after ${taken} s, ${cpu} s of CPU time of the server`);
  if (outcome.growth.length > 0) process.exitCode = 1;
}

if (isMain(import.meta.url)) await main();
