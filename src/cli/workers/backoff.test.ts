import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "./backoff.ts";

test("Backoff.next() doubles from 100 ms to 10 s, and begins anew when a worker has run for 10 s", () => {
  const backoff = new Backoff();
  const pauses = Array.from({ length: 9 }, () => backoff.next(50));
  assert.deepEqual(pauses, [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  assert.equal(backoff.next(9_999), 10_000);
  assert.equal(backoff.next(10_000), 100);
  assert.equal(backoff.next(0), 200);
});
