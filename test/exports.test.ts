import assert from "node:assert/strict";
import { test } from "node:test";
import { faces } from "../tools/_repository.ts";
import { differences, readExports, readSnapshot } from "../tools/exports.ts";

test("the exports are those of the snapshot (npm run exports -- --update accepts a change)", () => {
  assert.deepEqual(differences(readSnapshot(), readExports()), []);
});

for (const { subpath } of faces()) {
  test(`${subpath} exports the values that its face lists, and no others`, async () => {
    const listed = readExports()[subpath]?.filter((name) => !name.startsWith("type "));
    const built = Object.keys((await import(subpath)) as object);
    assert.deepEqual(built.toSorted(), listed?.toSorted());
  });
}
