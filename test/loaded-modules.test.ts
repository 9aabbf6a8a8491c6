import assert from "node:assert/strict";
import { test } from "node:test";
import { readLoaded, readSnapshot } from "../tools/loaded.ts";

test("each face loads the modules that test/loaded-modules.snapshot.json lists, and no others", async () => {
  const advice = 'If a change is meant, run "npm run loaded -- --update" and review the difference';
  const [current, accepted] = [await readLoaded(), readSnapshot()];
  for (const [subpath, loaded] of Object.entries(current)) assert.deepEqual(loaded, accepted[subpath], advice);
});

test("pottle/asyncio loads no package, and of Node only what every program of it uses", () => {
  const { packages, node } = readSnapshot()["pottle/asyncio"]!;
  assert.deepEqual([packages, node], [[], ["node:async_hooks", "node:path"]]);
});
