import assert from "node:assert/strict";
import { test } from "node:test";
import { ratiosTo, spreadOf } from "./summary.ts";

const table: [number[], { min: number; median: number; max: number }][] = [
  [[5], { min: 5, median: 5, max: 5 }],
  [[3, 1, 20], { min: 1, median: 3, max: 20 }],
  [[100, 20, 3, 1], { min: 1, median: 11.5, max: 100 }],
];

for (const [values, expected] of table) {
  test(`spreadOf() gives least, middle and greatest of ${values.join(", ")}`, () => {
    assert.deepEqual(spreadOf(values), expected);
  });
}

test("spreadOf() leaves what it was given as it was, and refuses nothing", () => {
  const values = [2, 1];
  spreadOf(values);
  assert.deepEqual(values, [2, 1]);
  assert.throws(() => spreadOf([]), RangeError);
});

test("ratiosTo() compares round by round", () => {
  assert.deepEqual(ratiosTo([1, 2, 4], [10, 10, 10]), [10, 5, 2.5]);
});
