import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFigures, wordFigures } from "./describe-figures.ts";

for (const [what, counts, text] of [
  ["a pool of PostgreSQL", { size: 5, idle: 2, opening: 0, waiting: 4, max: 10 }, "3 of 10 in use, 2 idle, 4 waiting"],
  [
    "one that opens",
    { size: 0, idle: 0, opening: 1, waiting: 1, max: 10 },
    "0 of 10 in use, 0 idle, 1 opening, 1 waiting",
  ],
  ["an HTTP client", { open: 3, inUse: 1, idle: 2, waiting: 0 }, "1 in use, 2 idle, 0 waiting"],
  ["a client of Redis", { connections: 1, pending: 0, blocking: 0, idle: 0, subscriptions: 0 }, "1 connection, 0 idle"],
  ["a semaphore", { value: 2, waiting: 1 }, "2 free, 1 waiting"],
  ["a limiter", { total: 4, borrowed: 4, waiting: 1_200 }, "4 of 4 in use, 1,200 waiting"],
  ["anything", { bytesSent: 4_096, lost: 0 }, "4,096 bytes sent"],
] as const) {
  test(`describeFigures() tells of ${what}`, () => {
    assert.equal(describeFigures({ name: "it", counts }), `it: ${text}`);
  });
}

test("wordFigures() lets nothing through that is not for people", () => {
  const { name, parts } = wordFigures({ name: "a\u001b[31m", counts: { "b\u202e": 1 } });
  assert.ok(!`${name}${parts.join("")}`.includes("\u001b"));
  assert.ok(!parts.join("").includes("\u202e"));
});
