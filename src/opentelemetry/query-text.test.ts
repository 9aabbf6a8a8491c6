import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { withoutLiterals } from "./query-text.ts";

const table: readonly [what: string, text: string, shown: string][] = [
  ["strings", "select 'a''b', 'c' from t", "select ?, ? from t"],
  ["strings with backslash escapes", String.raw`select E'a\'b', e'c''d', 'f\' from t`, "select ?, ?, ? from t"],
  ["dollar-quoted strings", "select $$it's$$, $a$ $$ $a$, 1", "select ?, ?, ?"],
  ["numbers", "select 1, -2.5, 1e9, 0xff from t2 where a_1 = 7", "select ?, -?, ?, ? from t2 where a_1 = ?"],
  ["numbers of parameters", "select $1, $23::int", "select $1, $23::int"],
  ["quoted names", `select "it's", 'x' from "a""1"`, `select "it's", ? from "a""1"`],
  ["comments", "select 1 -- it's 7\n, 'x' /* it's */ from t", "select ? \n, ?  from t"],
  ["what is not closed", "select 'secret", "select ?"],
];

for (const [what, text, shown] of table) {
  test(`withoutLiterals() on ${what}`, () => assert.equal(withoutLiterals(text), shown));
}

test("withoutLiterals() cuts a long text, and shows nothing of a string that is cut", () => {
  assert.equal(withoutLiterals(`select '${"secret ".repeat(1_000)}'`), "select ?");
  assert.equal(withoutLiterals("a".repeat(10_000)).length, 4_096);
});

test("withoutLiterals() shows no text of a value that is written as a string", () => {
  const quoted = fc.string().map((value) => `'${`secret ${value}`.replaceAll("'", "''")}'`);
  const parts = fc.constantFrom("select ", '"it\'s"', ", ", "-- it's\n", "/* ' */", "$1", "$$ ' $$");
  fc.assert(
    fc.property(fc.array(fc.tuple(parts, quoted), { maxLength: 9 }), (pairs) => {
      assert.doesNotMatch(withoutLiterals(pairs.map(([part, value]) => `${part} ${value} `).join("")), /secret/);
    }),
  );
});

test("withoutLiterals() takes linear time for what is never closed", () => {
  for (const open of ["'", "$$", "$a", '"', "/*", "E'\\", "1"]) withoutLiterals(open.repeat(4_096));
});
