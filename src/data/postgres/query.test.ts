import assert from "node:assert/strict";
import { test } from "node:test";
import { QueryArgumentError } from "./errors.ts";
import { toQuery } from "./query.ts";
import { sql } from "./sql.ts";

test("toQuery() takes text, text with values, and what sql`…` makes", () => {
  assert.deepEqual([toQuery("a").text, toQuery("a").values], ["a", undefined]);
  assert.deepEqual(toQuery("a", [1, null]).values, [1, null]);
  assert.deepEqual([toQuery(sql`a ${1}`).text, toQuery(sql`a ${1}`).values], ["a $1", [1]]);
});

test("toQuery() names a wait by the query, in one line and not too long", () => {
  assert.equal(toQuery("select *\n  from a").name, "select * from a");
  assert.equal(toQuery(`select '${"x".repeat(500)}'`).name.length, 80);
});

const table: readonly [what: string, text: unknown, values: unknown, message: RegExp][] = [
  ["no text", undefined, undefined, /its text must be a string or made by sql`…`: current value is undefined/],
  ["a number as text", 7, undefined, /current value is 7/],
  ["a template's strings", ["a"], undefined, /its text must be a string/],
  ["values that are no array", "a", 7, /its values must be an array: current value is 7/],
  ["values beside a template", sql`a`, [1], /pass no others/],
  ["a missing value", "a", [1, undefined], /value \$2 is missing: pass null for NULL/],
  ["a function", "a", [() => 1], /value \$1 is nothing that a column can hold/],
  ["a symbol", "a", [Symbol("s")], /value \$1 is nothing that a column can hold/],
  ["a promise", "a", [Promise.resolve(1)], /value \$1 is a promise: await it first/],
  ["more values than the protocol can count", "a", Array(65_536).fill(1), /at most 65535 values/],
];

for (const [what, text, values, message] of table) {
  test(`toQuery() refuses ${what}`, () => {
    assert.throws(() => toQuery(text as string, values as []), { name: "QueryArgumentError", message });
    assert.throws(() => toQuery(text as string, values as []), QueryArgumentError);
  });
}
