import assert from "node:assert/strict";
import { test } from "node:test";
import { corpus } from "./corpus.ts";
import { check, runDifferential } from "./_differential.ts";
import { generate } from "./_generator.ts";
import { NodeReader } from "./_node-reading.ts";
import { rules } from "./_rules.ts";

const nodes = new NodeReader();

test("RequestParser reads ten thousand random requests as Node's parser does, or a rule says why not", async (context) => {
  // Each is also read byte by byte; one in ten is also cut in two at every byte, as that takes most of the time.
  const { failure, tally, agreed } = await runDifferential(nodes, { count: 10_000, cutEvery: 10 });
  assert.equal(failure, undefined);
  for (const [rule, count] of tally) context.diagnostic(`${count} × ${rule}`);
  // Otherwise the dice say little: too much is refused by both, or too much is explained away.
  assert(agreed > 7_500, `they agree on ${agreed} of 10000`);
});

for (const { text, rule } of corpus) {
  test(`RequestParser and Node's parser ${rule === undefined ? "agree" : "disagree as meant"} on ${JSON.stringify(text)}`, async () => {
    const verdict = await check({ text, isValid: false }, nodes, { cutsEverywhere: true });
    assert.deepEqual([verdict.failure, verdict.rule?.name], [undefined, rule]);
  });
}

test("each rule of the differential test explains something in the corpus", () => {
  const used = new Set(corpus.map(({ rule }) => rule));
  assert.deepEqual(
    rules.map(({ name }) => name).filter((name) => !used.has(name)),
    [],
  );
});

test("the requests of the differential test follow from their seed", () => {
  assert.deepEqual(generate(7), generate(7));
  assert.notDeepEqual(generate(7), generate(8));
});
