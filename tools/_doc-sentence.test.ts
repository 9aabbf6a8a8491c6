import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultOf, firstSentence } from "./_doc-sentence.ts";

const sentences: readonly (readonly [comment: string, sentence: string])[] = [
  ["Waits. Then goes on.", "Waits."],
  ["Waits for {@link Task},\nor for {@link Future | futures}. `more`", "Waits for `Task`, or for `Future`."],
  ["Reads `a.b. C`, version 1.2 of it, e.g. this. The rest.", "Reads `a.b. C`, version 1.2 of it, e.g. this."],
  ["Does it (all of it.) And more.", "Does it (all of it.)"],
  ["Without a full stop\n\nAnother paragraph.", "Without a full stop"],
  ["The kinds:\n\n- one", "The kinds."],
  ["The time. @default 5", "The time."],
  ["The time\n@default 5", "The time"],
  ["@param a - a number", ""],
  ["@internal For our own use.", "For our own use."],
  ["", ""],
];

for (const [comment, sentence] of sentences) {
  test(`firstSentence() of ${JSON.stringify(comment)}`, () => {
    assert.equal(firstSentence(comment), sentence);
  });
}

test("defaultOf() is the line behind the tag, with links as code", () => {
  assert.equal(defaultOf("The time.\n@default that of {@link run}\n@see x"), "that of `run`");
  assert.equal(defaultOf("The time."), undefined);
});
