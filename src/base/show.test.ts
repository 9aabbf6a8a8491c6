import assert from "node:assert/strict";
import { test } from "node:test";
import { show } from "./show.ts";

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
