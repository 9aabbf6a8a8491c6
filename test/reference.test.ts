import assert from "node:assert/strict";
import { test } from "node:test";
import { stalePages } from "../tools/reference.ts";

test("docs/reference is what the doc comments say (npm run reference -- --update writes it anew)", () => {
  assert.deepEqual(stalePages(), []);
});
