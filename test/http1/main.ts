// The differential test at length: random requests by our parser and by Node's.
//
//   npm run differential                                a million
//   npm run differential -- --count 50000 --seed 7      fewer, from another seed on
//   npm run differential -- --count 1 --seed 7          one of them again

import { parseArgs } from "node:util";
import { runDifferential } from "./_differential.ts";
import { NodeReader } from "./_node-reading.ts";

/** A line in so many samples. */
const progressEvery = 50_000;

const { values } = parseArgs({
  options: { count: { type: "string", default: "1000000" }, seed: { type: "string", default: "1" } },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed))
  throw new RangeError(
    `Cannot compare as count and seed must be whole numbers: current values are ${count} and ${seed}`,
  );

const { failure, tally, agreed } = await runDifferential(new NodeReader(), {
  count,
  seed,
  // A single one is looked at from all sides.
  cutEvery: count === 1 ? 1 : 100,
  onProgress: (done) => {
    if (done % progressEvery === 0) process.stderr.write(`${done} of ${count}\n`);
  },
});
console.log(`${agreed} read alike`);
for (const [rule, times] of [...tally].toSorted(([, a], [, b]) => b - a)) console.log(`${times} × ${rule}`);
if (failure !== undefined) {
  console.log(`seed ${failure.seed}: ${failure.what}\n${failure.text}`);
  console.log(`again: npm run differential -- --count 1 --seed ${failure.seed}`);
  process.exitCode = 1;
}
