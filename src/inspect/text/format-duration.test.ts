import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration } from "./format-duration.ts";

for (const [ms, text] of [
  [-3, "0 ms"],
  [0.2, "0 ms"],
  [812.4, "812 ms"],
  [999.6, "1.0 s"],
  [3_210, "3.2 s"],
  [59_940, "59.9 s"],
  [59_960, "1 min 0 s"],
  [252_000, "4 min 12 s"],
  [7_380_000, "2 h 3 min"],
  [273_600_000, "3 d 4 h"],
] as const) {
  test(`formatDuration() makes ${text} of ${ms}`, () => assert.equal(formatDuration(ms), text));
}
