import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fixture } from "./_fixture.ts";
import { differences, namesIn, readExports } from "./exports.ts";

const face = `
// The list.
export { run, Runner, type RunOptions } from "./run.ts";
export type { Task } from "./task.ts";
export {
  inner as outer, // renamed
  /* export { commentedOut } from "./x.ts"; */
} from "./inner.ts";
export const version = 1;
export interface Shape {}
`;

test("namesIn() lists values before types, by the names that importers use", (context) => {
  const folder = fixture(context, { "index.ts": face });
  assert.deepEqual(namesIn(join(folder, "index.ts")), [
    "Runner",
    "outer",
    "run",
    "version",
    "type RunOptions",
    "type Shape",
    "type Task",
  ]);
});

test("namesIn() refuses a star", (context) => {
  const folder = fixture(context, { "index.ts": 'export * from "./run.ts";' });
  assert.throws(() => namesIn(join(folder, "index.ts")), /it has a star, not a list: export \* from "\.\/run\.ts"/);
});

test("readExports() reads the face behind every subpath of package.json", (context) => {
  const folder = fixture(context, {
    "src/web/index.ts": "",
    "src/asyncio/index.ts": 'export { run } from "./run.ts";',
  });
  assert.deepEqual(readExports(folder), { pottle: [], "pottle/asyncio": ["run"] });
});

test("readExports() refuses a subpath without a source file", (context) => {
  const folder = fixture(context, { "src/web/index.ts": "" });
  assert.throws(() => readExports(folder), /face of package\.json is missing: .*src\/asyncio\/index\.ts/);
});

test("differences() names what went and what came", () => {
  const before = { "pottle/asyncio": ["gather", "sleep"], "pottle/http": ["Headers"] };
  const after = { "pottle/asyncio": ["sleep", "type Task"] };
  assert.deepEqual(differences(before, after), [
    "- pottle/asyncio: gather",
    "- pottle/http: Headers",
    "+ pottle/asyncio: type Task",
  ]);
});
