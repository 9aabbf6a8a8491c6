import assert from "node:assert/strict";
import { test } from "node:test";
import { show, showKind } from "./show.ts";

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

test("show() cuts what is long", () => {
  assert.equal(show("x".repeat(100)), `"${"x".repeat(100)}"`);
  assert.equal(show("x".repeat(101)), `"${"x".repeat(100)}"… of 101 characters`);
  assert.ok(show(Array.from({ length: 1_000 }, () => "x".repeat(1_000))).length < 2_000);
});

test("showKind() shows of an object only its kind, and all else as show() does", () => {
  const cases: [unknown, string][] = [
    ["text", '"text"'],
    [5, "5"],
    [null, "null"],
    [undefined, "undefined"],
    [function work(): void {}, "function work"],
    [{ password: "secret" }, "an Object"],
    [["secret"], "an Array"],
    [new Map([["password", "secret"]]), "a Map"],
  ];
  for (const [value, text] of cases) assert.equal(showKind(value), text);
});
