import assert from "node:assert/strict";
import { test } from "node:test";
import { take } from "./take.ts";

test("take() gives the first items, asks for no more, and closes the source", async () => {
  let asked = 0;
  let closed = false;
  async function* numbers(): AsyncGenerator<number, void, void> {
    try {
      for (;;) yield ++asked;
    } finally {
      closed = true;
    }
  }
  const seen: number[] = [];
  for await (const n of take(numbers(), 3)) seen.push(n);
  assert.deepEqual([seen, asked, closed], [[1, 2, 3], 3, true]);
});

test("take() gives fewer where there are fewer, and none of zero", async () => {
  assert.deepEqual(await Array.fromAsync(take([1, 2], 5)), [1, 2]);
  assert.deepEqual(await Array.fromAsync(take([1, 2], 0)), []);
  assert.deepEqual(await Array.fromAsync(take([1, 2], Infinity)), [1, 2]);
});

test("take() refuses a count below 0, and what is no iterable", () => {
  assert.throws(() => take([], -1), RangeError);
  assert.throws(() => take([], Number.NaN), RangeError);
  assert.throws(() => take(42 as never, 1), TypeError);
});
