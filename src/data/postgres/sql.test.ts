import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { QueryArgumentError } from "./errors.ts";
import { sql, type Sql } from "./sql.ts";

function shown(query: Sql): [string, readonly unknown[]] {
  return [query.text, query.values];
}

test("sql`…` makes a parameter of each value", () => {
  assert.deepEqual(shown(sql`select ${1}, ${"two"}, ${null}`), ["select $1, $2, $3", [1, "two", null]]);
});

test("sql`…` without values is its text", () => {
  assert.deepEqual(shown(sql`select 1`), ["select 1", []]);
});

test("sql`…` takes a fragment in, and counts its values on", () => {
  const inner = sql`b = ${2} and c = ${3}`;
  assert.deepEqual(shown(sql`select ${1} where ${inner} and d = ${4}`), [
    "select $1 where b = $2 and c = $3 and d = $4",
    [1, 2, 3, 4],
  ]);
});

test("sql`…` takes the same fragment in twice, and fragments of fragments", () => {
  const age = sql`age > ${18}`;
  const both = sql`(${age} or ${sql`vip = ${true}`})`;
  assert.deepEqual(shown(sql`${both} and ${age}`), ["(age > $1 or vip = $2) and age > $3", [18, true, 18]]);
});

test("sql`…` leaves what a fragment has between quotes as it is", () => {
  assert.deepEqual(shown(sql`select ${1} where ${sql`price = '$1' and n = ${2}`}`), [
    "select $1 where price = '$1' and n = $2",
    [1, 2],
  ]);
});

test("sql`…` refuses to be called as a function, and escapes that JavaScript does not know", () => {
  const call = sql as unknown as (text: string) => Sql;
  assert.throws(() => call("select 1"), { name: "QueryArgumentError", message: /current value is "select 1"/ });
  assert.throws(() => sql`select '\u'`, { name: "QueryArgumentError", message: /current value is \[ undefined \]/ });
});

test("sql.identifier() quotes names, also hostile ones", () => {
  assert.equal(sql`${sql.identifier("users")}`.text, '"users"');
  assert.equal(sql`${sql.identifier("public", 'a"; drop table b; --')}`.text, '"public"."a""; drop table b; --"');
});

for (const name of ["", "a\0b", 1, undefined]) {
  test(`sql.identifier() refuses ${JSON.stringify(name) ?? "undefined"}`, () => {
    assert.throws(() => sql.identifier(name as string), QueryArgumentError);
  });
}

test("sql.identifier() refuses to quote nothing", () => {
  assert.throws(() => sql.identifier(), QueryArgumentError);
});

test("sql`…` has as many numbers as values, in order, however fragments are nested", () => {
  const tree = fc.letrec<{ node: Sql }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.integer().map((n) => sql`${n}`),
      fc.array(tie("node"), { maxLength: 3 }).map((nodes) => nodes.reduce((all, one) => sql`${all} ${one}`, sql`x`)),
    ),
  })).node;
  fc.assert(
    fc.property(tree, ({ text, values }) => {
      const numbers = [...text.matchAll(/\$(\d+)/g)].map(([, digits]) => Number(digits));
      assert.deepEqual(
        numbers,
        values.map((_, i) => i + 1),
      );
    }),
  );
});
