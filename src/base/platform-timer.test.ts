import assert from "node:assert/strict";
import { test } from "node:test";
import { clampTimeout, longestTimeout, startTimer } from "./platform-timer.ts";

test("clampTimeout() gives what a timer of the platform takes", () => {
  const table = [
    [-5, 1],
    [0, 1],
    [1.2, 2],
    [1_000, 1_000],
    [2 ** 31, longestTimeout],
    [Infinity, longestTimeout],
  ] as const;
  for (const [ms, clamped] of table) assert.equal(clampTimeout(ms), clamped);
});

test("startTimer() sets a timer outside the caller's scope that does not hold the process open", () => {
  let isOutside = false;
  const outside = (fn: () => NodeJS.Timeout): NodeJS.Timeout => {
    isOutside = true;
    return fn();
  };
  const timer = startTimer(outside, Infinity, () => assert.fail("24 days have not passed"));
  assert.deepEqual([isOutside, timer.hasRef()], [true, false]);
  clearTimeout(timer);
});
