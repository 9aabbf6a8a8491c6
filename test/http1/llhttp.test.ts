import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./_differential.ts";
import { NodeReader } from "./_node-reading.ts";
import { readByOurs } from "./_our-reading.ts";
import * as bodies from "./llhttp-bodies.ts";
import * as heads from "./llhttp-heads.ts";

const nodes = new NodeReader();

for (const [kind, vectors] of Object.entries({ ...heads, ...bodies })) {
  for (const [text, outcome, rule] of vectors) {
    test(`RequestParser on the ${kind} of llhttp: ${JSON.stringify(text)}`, async () => {
      const ours = readByOurs([text]);
      assert.equal(ours.outcome === "refused" ? ours.reason : ours.outcome, outcome);
      const verdict = await check({ text, isValid: false }, nodes, { cutsEverywhere: true });
      assert.deepEqual([verdict.failure, verdict.rule?.name], [undefined, rule]);
    });
  }
}
