import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture } from "./_fixture.ts";
import { checkWebRows, countWebRows, showCounts, webRows } from "./_web-rows.ts";

const page = `# What differs

## Routing

| row       | what we do |
| --------- | ---------- |
| \`int\` \\| x | no match   |

## Not there

| row     | instead |
| ------- | ------- |
| signals | none    |
`;

const source =
  'test("router() finds a route", () => {});\ntest(`router() refuses ${what}`, () => {});\ntest(\n  "other() ends",\n);';

const rows = `## Routing

### matches
test: router() finds
test: router() refuses \${what}
differs: Routing | \`int\`

## Lifecycle

### signals
missing: signals
`;

const files = { "docs/differences.md": page, "src/router.test.ts": source };

test("checkWebRows() finds nothing wrong where each row leads to a test or a difference", (context) => {
  const folder = fixture(context, { ...files, "test/web-rows.txt": rows });
  assert.deepEqual(checkWebRows(folder), []);
  assert.equal(
    showCounts(countWebRows(webRows(folder))),
    "2 features: 1 with tests, 1 with a difference, 1 of which a part is not there",
  );
});

test("checkWebRows() names rows without an answer, and answers that are not there", (context) => {
  const wrong =
    "## Routing\n### bare\n### wrong\ntest: other() ends\ntest: nothing()\ndiffers: Request | `int`\nmissing: x\n";
  assert.deepEqual(checkWebRows(fixture(context, { ...files, "test/web-rows.txt": wrong })), [
    "Routing: bare: neither a test nor a difference answers it",
    'Routing: wrong: no test begins with "nothing()"',
    'Routing: wrong: docs/differences.md has no row "Request | `int`"',
    'Routing: wrong: docs/differences.md has no row "Not there | x"',
  ]);
});

test("webRows() refuses a line of no known form, a row twice, and a line before the first row", (context) => {
  const rowsOf = (text: string): unknown => webRows(fixture(context, { "test/web-rows.txt": text }));
  assert.throws(() => rowsOf("## a\n### b\ntests: c\n"), /a line is of no known form: tests: c/);
  assert.throws(() => rowsOf("## a\n### b\n### b\n"), /has a row twice: a: b/);
  assert.throws(() => rowsOf("## a\ntest: b\n"), /a line is before the first row: b/);
});
