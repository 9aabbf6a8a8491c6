import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { option, requireCount, requireFunction, requireTime } from "./options.ts";
import { cannot } from "./refusal.ts";
import { show } from "./show.ts";

test("requireTime() gives any number back but NaN", () => {
  for (const ms of [0, -1, 1.5, Infinity, -Infinity]) assert.equal(requireTime(ms, "wait"), ms);
  const message = "Cannot wait as the time must be a number of milliseconds: current value is NaN";
  assert.throws(() => requireTime(NaN, "wait"), new RangeError(message));
});

const odd: readonly (readonly [unknown, string])[] = [
  [undefined, "undefined"],
  [null, "null"],
  ["10", '"10"'],
  [{}, "{}"],
  [[1], "[ 1 ]"],
  [10n, "10n"],
  [new Date(0), "Thu"],
  [Object.create(null), "[Object: null prototype] {}"],
  [Symbol("s"), "Symbol(s)"],
  [() => 1, "function"],
];
for (const [value, shown] of odd) {
  test(`requireTime() and requireCount() refuse ${inspect(value)} and show it`, () => {
    for (const check of [() => requireTime(value, "wait"), () => requireCount(value, 1, "count")]) {
      assert.throws(
        check,
        (error) => error instanceof TypeError && error.message.includes(`: current value is ${shown}`),
      );
    }
  });
}

test("requireCount() takes whole numbers from the least on, and Infinity where that is allowed", () => {
  for (const count of [1, 2, Number.MAX_SAFE_INTEGER]) assert.equal(requireCount(count, 1, "count"), count);
  assert.equal(requireCount(Infinity, 1, "count", true), Infinity);
  for (const count of [0, -1, 1.5, NaN, Infinity, -Infinity, 2 ** 60]) {
    const message = `Cannot count as it must be a whole number >= 1: current value is ${count}`;
    assert.throws(() => requireCount(count, 1, "count"), new RangeError(message));
  }
  assert.throws(() => requireCount(NaN, 1, "count", true), /a whole number >= 1, or Infinity: current value is NaN/);
});

const rules: [string, (value: unknown) => unknown, readonly unknown[], readonly unknown[]][] = [
  [
    "a whole number >= 1",
    (v) => option("do", "x", v).count({ from: 1 }),
    [1, 2 ** 53 - 1],
    [0, 1.5, NaN, Infinity, "1"],
  ],
  ["a whole number from 0 to 9", (v) => option("do", "x", v).count({ from: 0, to: 9 }), [0, 9], [-1, 10, 2n, null]],
  ["a whole number of bytes >= 0", (v) => option("do", "x", v).count({ from: 0, unit: "bytes" }), [0], [-1, "0"]],
  [
    "a whole number >= 0, or Infinity",
    (v) => option("do", "x", v).count({ from: 0, orInfinity: true }),
    [0, Infinity],
    [-Infinity, NaN],
  ],
  ["a number of milliseconds", (v) => option("do", "x", v).milliseconds(), [-1, 0.5, Infinity], [NaN, undefined, "1"]],
  [
    "a number of milliseconds > 0",
    (v) => option("do", "x", v).milliseconds({ above: 0 }),
    [0.1, Infinity],
    [0, -1, NaN],
  ],
  [
    "a number of milliseconds > 0 and <= 5",
    (v) => option("do", "x", v).milliseconds({ above: 0, to: 5 }),
    [0.1, 5],
    [0, 6],
  ],
  ["a number >= 0", (v) => option("do", "x", v).number({ from: 0 }), [0, 0.5, Infinity], [-0.1, NaN, {}]],
  ["a number <= 1", (v) => option("do", "x", v).number({ to: 1 }), [1, -Infinity], [1.1]],
  ["a function", (v) => option("do", "x", v).function(), [isNaN], [undefined, "f", {}]],
  ["true or false", (v) => option("do", "x", v).boolean(), [true, false], [0, "true", undefined]],
  ["one of GET, HEAD", (v) => option<unknown>("do", "x", v).oneOf(["GET", "HEAD"]), ["GET"], ["POST", 1, undefined]],
];
for (const [rule, check, good, bad] of rules) {
  test(`option() gives back what is ${rule}, and refuses all else`, () => {
    for (const value of good) assert.equal(check(value), value);
    for (const value of bad) {
      const Problem = typeof value === typeof good[0] ? RangeError : TypeError;
      const message = `Cannot do as 'x' must be ${rule}: current value is ${show(value)}`;
      assert.throws(() => check(value), new Problem(message));
    }
  });
}

test("cannot() shows a value that may hold a secret as it is told to", () => {
  const message = cannot("connect", "'url' must be a URL", "redis://user:secret@host", () => "redis://host");
  assert.equal(message, "Cannot connect as 'url' must be a URL: current value is redis://host");
});

test("requireFunction() says of a promise that the function that makes it is needed", () => {
  assert.equal(
    requireFunction(() => 1, "run"),
    undefined,
  );
  assert.throws(
    () => requireFunction(Promise.resolve(), "run"),
    new TypeError(
      "Cannot run as a function is needed: current value is a promise that already runs; pass the function that makes it",
    ),
  );
});
