import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatSize, parseSize } from "./size-text.ts";
import { formatTime, parseTime } from "./time-text.ts";

const times: Readonly<Record<string, number | undefined>> = {
  "5s": 5_000,
  "500ms": 500,
  "2m": 120_000,
  "1h": 3_600_000,
  "1.5s": 1_500,
  "0.0011s": 1.1,
  "0": 0,
  "250": 250,
  infinity: Infinity,
  "5 s": undefined,
  "5S": undefined,
  "-5s": undefined,
  "1e3": undefined,
  ".5s": undefined,
  "5d": undefined,
  s: undefined,
  "": undefined,
  "5s ": undefined,
  NaN: undefined,
};

for (const [text, ms] of Object.entries(times)) {
  test(`parseTime() reads '${text}' as ${ms}`, () => assert.equal(parseTime(text), ms));
}

const sizes: Readonly<Record<string, number | undefined>> = {
  "2MB": 2_000_000,
  "64kB": 64_000,
  "64KB": 64_000,
  "64kb": 64_000,
  "64KiB": 65_536,
  "1MiB": 1_048_576,
  "1.5kB": 1_500,
  "1.1MB": 1_100_000,
  "1GiB": 1_073_741_824,
  "1gb": 1_000_000_000,
  "7B": 7,
  "7": 7,
  infinity: Infinity,
  "0.5B": undefined,
  "1.5": undefined,
  "1TB": undefined,
  "1M": undefined,
  "1 MB": undefined,
  "1iB": undefined,
  "-1": undefined,
  "9007199254740993": undefined,
  "": undefined,
};

for (const [text, bytes] of Object.entries(sizes)) {
  test(`parseSize() reads '${text}' as ${bytes}`, () => assert.equal(parseSize(text), bytes));
}

test("formatTime() writes the largest unit that fits, and parseTime() reads it back", () => {
  assert.deepEqual([0, 0.5, 1, 1_500, 5_000, 300_000, 7_200_000, Infinity].map(formatTime), [
    "0ms",
    "0.5ms",
    "1ms",
    "1500ms",
    "5s",
    "5m",
    "2h",
    "infinity",
  ]);
  fc.assert(fc.property(fc.nat(), (ms) => parseTime(formatTime(ms)) === ms));
});

test("formatSize() writes the largest unit that fits, decimal before binary, and parseSize() reads it back", () => {
  assert.deepEqual([0, 1, 1_000, 1_024, 512_000, 2_000_000, 2_097_152, 1_500, Infinity].map(formatSize), [
    "0B",
    "1B",
    "1kB",
    "1KiB",
    "512kB",
    "2MB",
    "2MiB",
    "1500B",
    "infinity",
  ]);
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSize(formatSize(bytes)) === bytes));
});
