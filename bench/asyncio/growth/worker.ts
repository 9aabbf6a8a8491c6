// Measures one case with one count, in a process of its own:
//
//   node --expose-gc worker.ts CASE COUNT
//
// prints {"cpu": microseconds}. It is warmed up with small counts, so that the first decade is not the compiler's.

import { run } from "pottle/asyncio";
import { type Program, Stopwatch } from "../programs/stopwatch.ts";
import { growthCases } from "./index.ts";

/** The count of a warm-up. */
const WARM_UP = 500;

/** How long warming up goes on, in milliseconds, and how often it is done at most. */
const WARM_UP_MS = 300;
const WARM_UPS = 20;

/** How often the case is measured: at least, unless that takes longer than `LONG_MS`, and at most, within `SHORT_MS`. */
const LEAST = 3;
const MOST = 15;
const SHORT_MS = 1_000;
const LONG_MS = 10_000;

async function measureOnce(program: Program, count: number): Promise<number> {
  globalThis.gc?.();
  const watch = new Stopwatch();
  await run(() => program(count, watch));
  return watch.threadCpu;
}

async function warmUp(program: Program): Promise<void> {
  const end = performance.now() + WARM_UP_MS;
  for (let left = WARM_UPS; left > 0 && performance.now() < end; left--) await measureOnce(program, WARM_UP);
}

// The least of several: what else the machine does, and a collection that falls into one of them, is not the case's.
async function measure(program: Program, count: number): Promise<number> {
  const start = performance.now();
  let least = Infinity;
  for (let times = 0; goesOn(times, performance.now() - start); times++)
    least = Math.min(least, await measureOnce(program, count));
  return least;
}

function goesOn(times: number, ms: number): boolean {
  return times === 0 || (times < LEAST ? ms < LONG_MS : times < MOST && ms < SHORT_MS);
}

const [name = "", count = ""] = process.argv.slice(2);
const program = growthCases[name];
if (program === undefined) throw new RangeError(`Cannot measure an unknown case: current value is ${name}`);
await warmUp(program);
console.log(JSON.stringify({ cpu: await measure(program, Number(count)) }));
process.exit();
