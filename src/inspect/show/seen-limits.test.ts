import assert from "node:assert/strict";
import { test } from "node:test";
import { SeenLimits } from "./seen-limits.ts";

test("SeenLimits.threshold() is ten seconds, or a tenth of a longer limit, which it remembers", () => {
  const limits = new SeenLimits();
  limits.begin();
  assert.equal(limits.threshold(30_000, 30_000), 10_000);
  assert.equal(limits.threshold(3_600_000, 3_600_000), 360_000);
  limits.begin();
  assert.equal(limits.threshold(3_600_000, 1_800_000), 360_000);
  limits.begin();
  limits.begin();
  assert.equal(limits.threshold(3_600_000, 1_800_000), 180_000);
});
