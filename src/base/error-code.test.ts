import assert from "node:assert/strict";
import { test } from "node:test";
import { codeOf } from "./error-code.ts";

const coded = (code: unknown): Error => Object.assign(new Error("x"), { code });

const table: [string, unknown, string | undefined][] = [
  ["a system error's code", coded("ECONNREFUSED"), "ECONNREFUSED"],
  ["the first code of several", new AggregateError([coded("ENOENT"), coded("EPERM")]), "ENOENT"],
  ["several errors' own code", Object.assign(new AggregateError([coded("ENOENT")]), { code: "EALL" }), "EALL"],
  ["nothing of an error without code", new Error("x"), undefined],
  ["nothing of no errors", new AggregateError([]), undefined],
  ["nothing for a code that is not a string", coded(5), undefined],
  ["nothing of what is not an error", { code: "ENOENT" }, undefined],
  ["nothing of nothing", undefined, undefined],
];
for (const [title, error, code] of table) {
  test(`codeOf() gives ${title}`, () => assert.equal(codeOf(error), code));
}

test("codeOf() comes to an end with errors that hold each other", () => {
  const error = new AggregateError([]);
  error.errors.push(error);
  assert.equal(codeOf(error), undefined);
});
