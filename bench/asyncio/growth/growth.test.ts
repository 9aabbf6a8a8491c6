import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { run } from "pottle/asyncio";
import { Stopwatch } from "../programs/stopwatch.ts";
import { growthCases } from "./index.ts";
import { exponentOf, measureGrowth } from "./measure.ts";

for (const [title, program] of Object.entries(growthCases)) {
  test(`growth measures "${title}" from start to stop`, async () => {
    const watch = new Stopwatch();
    await run(() => program(20, watch));
    assert.ok(watch.threadCpu > 0);
  });
}

test("exponentOf() is the power by which the times grow", () => {
  const growing = (power: number): number =>
    exponentOf([10, 100, 1_000].map((count) => ({ count, ms: 3 * count ** power })));
  for (const power of [0, 1, 1.5, 2]) assert.ok(Math.abs(growing(power) - power) < 1e-9);
});

test("exponentOf() leaves out a count that did not come to its end", () => {
  const points = [
    { count: 10, ms: 1 },
    { count: 100, ms: 10 },
    { count: 1_000, ms: NaN, problem: "> 60 s" },
  ];
  assert.ok(Math.abs(exponentOf(points) - 1) < 1e-9);
  assert.ok(Number.isNaN(exponentOf(points.slice(0, 1))));
});

test("measureGrowth() ends a case that takes too long, and measures no greater count", async () => {
  const { points } = await measureGrowth("gather of functions", [10, 20], 1);
  assert.deepEqual(points, [{ count: 10, ms: NaN, problem: "> 0.001 s" }]);
});

test("measureGrowth() names the error of a case that fails", async () => {
  const { points } = await measureGrowth("no such case", [10], 60_000);
  assert.match(points[0]?.problem ?? "", /^RangeError: Cannot measure an unknown case/);
});

test("bench:growth prints a row for each case, and exits with 1 if one is not measured", async () => {
  const main = join(import.meta.dirname, "../growth.ts");
  const args = [main, "--only", "gather cancelled", "--limit", "0.001"];
  await assert.rejects(promisify(execFile)(process.execPath, args), (error: { code?: unknown; stdout?: unknown }) => {
    assert.equal(error.code, 1);
    assert.match(String(error.stdout), /^\| gather cancelled +\| > 0\.001 s +\|/m);
    return true;
  });
});
