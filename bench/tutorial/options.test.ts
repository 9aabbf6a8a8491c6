import assert from "node:assert/strict";
import { test } from "node:test";
import { cases } from "./cases.ts";
import { readOptions } from "./options.ts";

test("readOptions() measures everything seven times unless told otherwise", () => {
  assert.deepEqual(readOptions([]), { rounds: 7, seconds: 5, quick: false, cases });
  assert.deepEqual(readOptions(["--quick"]), { rounds: 1, seconds: 1, quick: true, cases });
  const some = readOptions(["--only", "plaintext,crawl-docs", "--rounds", "3", "--seconds", "2"]);
  assert.deepEqual([some.rounds, some.seconds, ...some.cases.map(({ id }) => id)], [3, 2, "plaintext", "crawl-docs"]);
});

test("readOptions() refuses what makes no sense", () => {
  assert.throws(() => readOptions(["--only", "plane"]), { name: "RangeError", message: /current value is plane$/ });
  assert.throws(() => readOptions(["--rounds", "0"]), { message: /--rounds must be a whole number >= 1: .* 0$/ });
  assert.throws(() => readOptions(["--seconds", "x"]), { message: /--seconds must be .* x$/ });
  assert.throws(() => readOptions(["--fast"]), TypeError);
});
