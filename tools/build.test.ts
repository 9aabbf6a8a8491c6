import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture } from "./_fixture.ts";
import { isStale, orphans } from "./build.ts";

const settings = { "tsconfig.json": "{}", "tsconfig.build.json": "{}" };
const built = { ...settings, "src/a.ts": "", "src/a.test.ts": "", "dist/a.d.ts": "" };

/** Sets when each file was last changed, in minutes after some start. */
function age(folder: string, minutes: Readonly<Record<string, number>>): void {
  for (const [file, minute] of Object.entries(minutes)) utimesSync(join(folder, file), minute * 60, minute * 60);
}

const before = { "tsconfig.json": 1, "tsconfig.build.json": 1, "src/a.ts": 1, "dist/a.d.ts": 2 };

test("isStale() is false while everything built is newer than its source", (context) => {
  const folder = fixture(context, built);
  age(folder, before);
  assert.equal(isStale(folder), false);
});

test("isStale() is true when a source or the settings have changed", (context) => {
  const folder = fixture(context, built);
  for (const file of ["src/a.ts", "tsconfig.json", "tsconfig.build.json"]) {
    age(folder, { ...before, [file]: 3 });
    assert.equal(isStale(folder), true, file);
  }
});

test("isStale() is true when a source was never built", (context) => {
  assert.equal(isStale(fixture(context, { ...settings, "src/b.ts": "" })), true);
});

test("orphans() names what was built of sources that are gone", (context) => {
  const gone = {
    "dist/b.js": "",
    "dist/b.d.ts": "",
    "dist/b.js.map": "",
    "dist/a.d.ts.map": "",
    "dist/chunk-4QXZ2R7A.js": "",
  };
  assert.deepEqual(orphans(fixture(context, { ...built, ...gone })), ["dist/b.d.ts", "dist/b.js", "dist/b.js.map"]);
});
