import assert from "node:assert/strict";
import { test } from "node:test";
import { Future } from "./future.ts";
import { createTask, Task } from "./task.ts";
import { virtualTime } from "../../testing/index.ts";
import { requireInput, toAwaitable } from "./to-task.ts";

test(
  "toAwaitable() gives tasks and futures back as they are",
  virtualTime(async () => {
    const task = createTask(async () => 1);
    const future = new Future<number>();
    assert.equal(toAwaitable(task, "test"), task);
    assert.equal(toAwaitable(future, "test"), future);
    await task;
  }),
);

test(
  "toAwaitable() makes tasks of functions, promises and thenables",
  virtualTime(async () => {
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable -- it is what is tested
      then: (resolve: (value: string) => void): void => resolve("thenable"),
    } as unknown as PromiseLike<string>;
    for (const [input, expected] of [
      [async () => "async", "async"],
      [() => "sync", "sync"],
      [Promise.resolve("promise"), "promise"],
      [thenable, "thenable"],
    ] as const) {
      const task = toAwaitable<string>(input, "test");
      assert.ok(task instanceof Task);
      assert.equal(await task, expected);
    }
  }),
);

for (const [value, shown] of [
  [5, "5"],
  ["text", '"text"'],
  [null, "null"],
  [undefined, "undefined"],
  [{ catch: 1 }, "{ catch: 1 }"],
] as const) {
  test(`requireInput() refuses ${shown}`, () => {
    const message = `Cannot test as functions, tasks or promises are needed: current value is ${shown}`;
    assert.throws(() => requireInput(value, "test"), { name: "TypeError", message });
  });
}
