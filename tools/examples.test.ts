import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture } from "./_fixture.ts";
import { root } from "./_repository.ts";
import { checkExamples, missingImports } from "./examples.ts";

const origin = new Map([
  ["gather", "pottle/asyncio"],
  ["sleep", "pottle/asyncio"],
  ["Task", "pottle/asyncio"],
  ["abort", "pottle"],
]);

const table: [string, string, string[]][] = [
  [
    "imports what is used",
    "await sleep(1);\nabort(404);",
    ['import { sleep } from "pottle/asyncio";', 'import { abort } from "pottle";'],
  ],
  ["sorts the names", "sleep(1); gather();", ['import { gather, sleep } from "pottle/asyncio";']],
  ["imports types", "const t: Task<number> = f();", ['import { Task } from "pottle/asyncio";']],
  ["passes over what is imported", 'import { sleep } from "pottle/asyncio";\nsleep(1);', []],
  ["passes over what is declared", "function sleep() {}\nsleep();", []],
  ["passes over properties, keys, strings and comments", 'a.sleep({ gather: "abort" }); // Task', []],
  ["imports assert", "assert.equal(1, 1);", ['import assert from "node:assert/strict";']],
];

for (const [title, code, imports] of table) {
  test(`missingImports() ${title}`, () => {
    assert.deepEqual(missingImports(code, origin), imports);
  });
}

const sourceOfA = `
/**
 * One.
 *
 * @example
 * assert.equal(one(), 1);
 * @example
 * one().toUpperCase();
 */
export function one(): number {
  return 1;
}
`;

const next = `
<!-- continues page.md -->

\`\`\`html
<!-- templates/three.html -->
three
\`\`\`

\`\`\`ts
import { readFileSync } from "node:fs";
import { two } from "./app.ts";
if (readFileSync(import.meta.dirname + "/templates/three.html", "utf8") !== "three\\n") throw new Error(String(two));
\`\`\`
`;

const page = `
\`\`\`ts
// app.ts
export const two = 2;
\`\`\`

\`\`\`ts
import { two } from "./app.ts";
if (two !== 2) throw new Error("not two");
\`\`\`

\`\`\`ts no-run
throw new Error("never run");
\`\`\`

\`\`\`ts
throw new Error("run");
\`\`\`
`;

test("checkExamples() type-checks and runs the examples, and names the line of each that fails", async (context) => {
  const folder = fixture(context, {
    "src/web/index.ts": "",
    "src/asyncio/index.ts": 'export { one } from "./a.ts";',
    "src/asyncio/a.ts": sourceOfA,
    "dist/asyncio/index.js": "export function one() { return 1; }",
    "dist/asyncio/index.d.ts": "export declare function one(): number;",
    "docs/page.md": page,
    "docs/next.md": next,
  });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const { count, problems } = await checkExamples(folder);
  const summary = problems
    .map(({ where, what }) => `${where}: ${/error TS\d+|exit code \d+/.exec(what)?.[0]}`)
    .toSorted();
  assert.equal(count, 7);
  assert.deepEqual(summary, [
    "docs/page.md:17: exit code 1",
    "src/asyncio/a.ts:8: error TS2339",
    "src/asyncio/a.ts:8: exit code 1",
  ]);
});
