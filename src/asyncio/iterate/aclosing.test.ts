import assert from "node:assert/strict";
import { test } from "node:test";
import { aclosing } from "./aclosing.ts";
import { sleep } from "../core/waits/sleep.ts";

/** Counts, and notes when it is closed. */
async function* count(steps: unknown[]): AsyncGenerator<number, void, void> {
  try {
    for (let i = 1; ; i++) yield i;
  } finally {
    await sleep(1);
    steps.push("closed");
  }
}

test("aclosing() closes at the end of the block, not of a loop (test_aclosing)", async () => {
  const steps: unknown[] = [];
  {
    await using numbers = aclosing(count(steps));
    for await (const n of numbers) {
      steps.push(n);
      if (n === 2) break;
    }
    for await (const n of numbers) {
      steps.push(n);
      break;
    }
    assert.deepEqual(steps, [1, 2, 3]);
  }
  assert.deepEqual(steps, [1, 2, 3, "closed"]);
});

test("aclosing() closes when the block throws (test_aclosing_error)", async () => {
  const steps: unknown[] = [];
  const block = async (): Promise<void> => {
    await using numbers = aclosing(count(steps));
    for await (const n of numbers) throw new RangeError(`at ${n}`);
  };
  await assert.rejects(block(), /at 1/);
  assert.deepEqual(steps, ["closed"]);
});

test("aclosing() runs the async finally of a generator once (test_async_gen_asyncio_aclose_07)", async () => {
  const steps: unknown[] = [];
  const numbers = count(steps);
  {
    await using open = aclosing(numbers);
    for await (const _ of open) break;
  }
  await numbers.return();
  await numbers.return();
  assert.deepEqual(steps, ["closed"]);
});

test("aclosing() refuses what is no async iterable", () => {
  assert.throws(() => aclosing([] as never), TypeError);
});
