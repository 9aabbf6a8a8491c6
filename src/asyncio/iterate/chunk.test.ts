import assert from "node:assert/strict";
import { test } from "node:test";
import { chunk } from "./chunk.ts";
import { isCancelled } from "../core/errors/errors.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask } from "../core/tasks/task.ts";
import { virtualTime, waitAllTasksParked } from "../testing/index.ts";

async function collect<T>(source: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
  for await (const item of source) into.push(item);
  return into;
}

/** Yields 1, 2, 3 …, each after the next delay in milliseconds. */
async function* after(...delays: number[]): AsyncGenerator<number, void, void> {
  for (const [index, ms] of delays.entries()) yield sleep(ms, index + 1);
}

test("chunk() gives arrays of so many items, the last with what is left", async () => {
  assert.deepEqual(await collect(chunk([1, 2, 3, 4, 5], 2)), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(await collect(chunk([1, 2], 2)), [[1, 2]]);
  assert.deepEqual(await collect(chunk([], 2)), []);
});

test("chunk() throws the source's error after what had come before", async () => {
  async function* source(): AsyncGenerator<number, void, void> {
    yield* [1, 2, 3];
    throw new Error("boom");
  }
  for (const options of [2, { size: 2, ms: 60_000 }]) {
    const chunks: number[][] = [];
    await assert.rejects(collect(chunk(source(), options), chunks), /boom/);
    assert.deepEqual(chunks, [[1, 2], [3]]);
  }
});

test(
  "chunk() with a time gives what has come that long after the first item",
  virtualTime(
    async () => {
      const chunks = await collect(chunk(after(100, 10, 10, 10, 100, 10), { size: 3, ms: 50 }));
      assert.deepEqual(chunks, [[1, 2, 3], [4], [5, 6]]);
    },
    { autoAdvance: true },
  ),
);

test("chunk() closes its source when the loop is left, and when it is cancelled", async () => {
  for (const options of [2, { size: 2, ms: 60_000 }]) {
    let closed = 0;
    async function* source(): AsyncGenerator<number, void, void> {
      try {
        yield* [1, 2];
        await sleep(Infinity);
      } finally {
        closed++;
      }
    }
    for await (const _ of chunk(source(), options)) break;
    assert.equal(closed, 1);
    const consumer = createTask(() => collect(chunk(source(), options)));
    await waitAllTasksParked();
    consumer.cancel();
    await assert.rejects(consumer, isCancelled);
    assert.equal(closed, 2);
  }
});

for (const options of [0, -1, 1.5, Number.NaN, { size: 2, ms: Number.NaN }]) {
  test(`chunk() refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => chunk([], options), RangeError);
  });
}
