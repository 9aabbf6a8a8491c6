import assert from "node:assert/strict";
import { test } from "node:test";
import { buffer } from "./buffer.ts";
import { sleep } from "../core/waits/sleep.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../testing/index.ts";

test("buffer() reads as many items ahead as it may", async () => {
  let read = 0;
  let closed = false;
  async function* numbers(): AsyncGenerator<number, void, void> {
    try {
      for (;;) yield ++read;
    } finally {
      closed = true;
    }
  }
  await checkLeaks(async () => {
    const ahead = buffer(numbers(), 3);
    assert.equal((await ahead.next()).value, 1);
    await waitAllTasksParked();
    assert.equal(read, 5); // one taken, three ahead, one waiting
    await ahead.return();
    assert.equal(closed, true);
  });
});

test(
  "buffer() lets source and consumer work at the same time",
  virtualTime(
    async (clock) => {
      async function* pages(): AsyncGenerator<number, void, void> {
        for (let i = 0; i < 4; i++) yield sleep(10, i);
      }
      const start = clock.now();
      const seen: number[] = [];
      for await (const page of buffer(pages(), 2)) seen.push(await sleep(10, page));
      assert.deepEqual(seen, [0, 1, 2, 3]);
      assert.equal(clock.now() - start, 50);
    },
    { autoAdvance: true },
  ),
);

test("buffer() throws the source's error after what had come before", async () => {
  async function* source(): AsyncGenerator<number, void, void> {
    yield* [1, 2];
    throw new Error("boom");
  }
  const seen: number[] = [];
  const read = async (): Promise<void> => {
    for await (const item of buffer(source(), 5)) {
      await waitAllTasksParked();
      seen.push(item);
    }
  };
  await assert.rejects(read(), /boom/);
  assert.deepEqual(seen, [1, 2]);
});

for (const size of [0, -1, 1.5, Number.NaN]) {
  test(`buffer() refuses a size of ${size}`, () => {
    assert.throws(() => buffer([], size), RangeError);
  });
}
