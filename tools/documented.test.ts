import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { fixture } from "./_fixture.ts";
import { type Undocumented, undocumented } from "./documented.ts";

/** The findings in a repository whose only face has this index and, beside it, a file `a.ts`. */
function find(context: TestContext, index: string, a: string): Undocumented[] {
  return undocumented(fixture(context, { "src/web/index.ts": index, "src/asyncio/index.ts": "", "src/web/a.ts": a }));
}

const documented: Readonly<Record<string, string>> = {
  "a function": "/** Runs. */\nexport async function run(): Promise<void> {}",
  "a class behind a comment of several lines": "/**\n * Runs.\n *\n * @see x\n */\nexport class run {}",
  "a constant that is exported by a list": "/** Runs. */\nconst run = 1;\nexport { run };",
  "an overloaded function, without its implementation":
    "/** Runs. */\nexport function run(): void;\n/** Runs `a`. */\nexport function run(a: 1): void;\nexport function run(): void {}",
  "one whose neighbour is not exported": "/** Runs. */\nexport const run = 1;\nexport const other = 2;",
};

for (const [what, source] of Object.entries(documented)) {
  test(`undocumented() is satisfied by ${what}`, (context) => {
    assert.deepEqual(find(context, 'export { run } from "./a.ts";', source), []);
  });
}

const bare: readonly [what: string, source: string, line: number][] = [
  ["a function", "export function run(): void {}", 1],
  ["a type", "\nexport type run = 1;", 2],
  ["a line comment", "// Runs.\nexport const run = 1;", 2],
  ["a comment that is not a doc comment", "/* Runs. */\nexport const run = 1;", 2],
  ["a doc comment before something else", "/** Runs. */\nconst a = 1;\nexport const run = a;", 3],
  ["a doc comment behind an empty line", "/** Runs. */\n\nexport const run = 1;", 3],
  [
    "an overload without one",
    "/** Runs. */\nexport function run(): void;\nexport function run(a: 1): void;\nexport function run(): void {}",
    3,
  ],
  ["a type beside its value", "/** Runs. */\nexport const run = 1;\nexport type run = typeof run;", 3],
  ["no declaration at all", 'import { run } from "elsewhere";\nexport { run };', 0],
];

for (const [what, source, line] of bare) {
  test(`undocumented() finds ${what}`, (context) => {
    assert.deepEqual(find(context, 'export { run } from "./a.ts";', source), [
      { file: "src/web/a.ts", line, name: "run" },
    ]);
  });
}

test("undocumented() follows re-exports and new names to the declaration, and names it once", (context) => {
  const folder = fixture(context, {
    "src/web/index.ts": 'export { outer, type outer as again } from "./inner/index.ts";\nexport const own = 1;',
    "src/asyncio/index.ts": 'export { middle } from "../web/inner/a.ts";',
    "src/web/inner/index.ts": '// export { outer } from "./no.ts";\nexport { middle as outer } from "./a.ts";',
    "src/web/inner/a.ts": "export interface middle {}",
  });
  assert.deepEqual(undocumented(folder), [
    { file: "src/web/index.ts", line: 2, name: "own" },
    { file: "src/web/inner/a.ts", line: 1, name: "middle" },
  ]);
});

test("undocumented() finds nothing in this repository", () => assert.deepEqual(undocumented(), []));
