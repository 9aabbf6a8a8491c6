import assert from "node:assert/strict";
import { test } from "node:test";
import { plot } from "./plot.ts";

test("plot() shows how long the queue was, each column at its longest", () => {
  const samples = [
    { at: 0, length: 4 },
    { at: 30_000, length: 12 },
    { at: 31_001, length: 8 },
    { at: 45_000, length: 0 },
  ];
  const picture = `12 │                              ██
   │                              ██▅▅▅▅▅▅▅▅▅▅▅▅▅▅
   │▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃████████████████
   │██████████████████████████████████████████████
 0 └────────────────────────────────────────────────────────────
                                                      60.00 sec.`;
  assert.equal(plot(samples, 60_000), picture);
});

test("plot() shows a queue that was always empty", () => {
  assert.match(plot([{ at: 0, length: 0 }], 1_000), /^1 │\n {2}│\n {2}│\n {2}│\n0 └─+\n +1\.00 sec\.$/);
});
