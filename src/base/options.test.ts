import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { requireCount, requireTime, show } from "./options.ts";

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

test("show() shows a value on one line, by its own text if it has one", () => {
  class Named {
    toString(): string {
      return "named";
    }
  }
  const cases: [unknown, string][] = [
    ["text", '"text"'],
    [-0, "-0"],
    [new Named(), "named"],
    [function work(): void {}, "function work"],
    [{ a: { b: { c: 1 } } }, "{ a: { b: [Object] } }"],
  ];
  for (const [value, text] of cases) assert.equal(show(value), text);
});
