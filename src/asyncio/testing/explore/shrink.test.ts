import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Deviation } from "./choices.ts";
import { shrink } from "./shrink.ts";

const deviations = fc
  .uniqueArray(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 4 })), { selector: ([key]) => key, maxLength: 25 })
  .map((pairs) => pairs.map(([key, value]): Deviation => ({ key: `w1.${key}`, value })));

test("shrink() keeps exactly what a failure needs, at the lowest numbers it needs", async () => {
  await fc.assert(
    fc.asyncProperty(deviations, fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }), async (all, isNeeded) => {
      const needed = all
        .filter((_, index) => isNeeded[index])
        .map(({ key, value }) => ({ key, value: Math.min(value, 2) }));
      const least = new Map(needed.map(({ key, value }) => [key, value]));
      const fails = (some: readonly Deviation[]): boolean =>
        some.filter(({ key, value }) => value >= (least.get(key) ?? Infinity)).length === least.size;
      const shrunk = await shrink(all, async (some) => (fails(some) ? some : undefined));
      assert.deepEqual(shrunk, needed);
    }),
  );
});

test("shrink() of any failure still fails, and does not when one deviation less or a lower number is tried", async () => {
  await fc.assert(
    fc.asyncProperty(deviations, fc.func(fc.boolean()), async (all, dice) => {
      const fails = (some: readonly Deviation[]): boolean => some.length === all.length || dice(JSON.stringify(some));
      const attempt = async (some: readonly Deviation[]): Promise<readonly Deviation[] | undefined> =>
        fails(some) ? some : undefined;
      const shrunk = await shrink(all, attempt);
      assert.ok(fails(shrunk));
      if (shrunk.length === all.length) return; // nothing was left out, so the schedule fails with any numbers
      for (const index of shrunk.keys()) assert.ok(!fails(shrunk.toSpliced(index, 1)));
    }),
  );
});

test("shrink() goes on with what took effect, where less did than was tried", async () => {
  const all = ["a", "b", "c", "d"].map((key) => ({ key, value: 1 }));
  const tried: string[] = [];
  const shrunk = await shrink(all, async (some) => {
    tried.push(some.map(({ key }) => key).join(""));
    return some.some(({ key }) => key === "d") ? some.filter(({ key }) => key === "d") : undefined;
  });
  assert.deepEqual(shrunk, [{ key: "d", value: 1 }]);
  assert.deepEqual(tried, ["cd", "", "", ""]);
});

test("shrink() of ten thousand deviations that need two of them takes few attempts", async () => {
  const all = Array.from({ length: 10_000 }, (_, index) => ({ key: String(index), value: 1 }));
  let attempts = 0;
  const shrunk = await shrink(all, async (some) => {
    attempts++;
    const keys = new Set(some.map(({ key }) => key));
    return keys.has("17") && keys.has("9000") ? some : undefined;
  });
  assert.deepEqual(
    shrunk.map(({ key }) => key),
    ["17", "9000"],
  );
  assert.ok(attempts < 200, String(attempts));
});
