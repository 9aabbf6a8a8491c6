import assert from "node:assert/strict";
import { test } from "node:test";
import { timeout } from "../combine/timeout.ts";
import { isCancelled } from "../core/errors/errors.ts";
import { setExceptionHandler } from "../core/errors/exception-handler.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, currentTask } from "../core/tasks/task.ts";
import { collectReports } from "../debug/collect-reports.fixture.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../testing/index.ts";
import { buffer } from "./buffer.ts";
import { chunk } from "./chunk.ts";
import { merge } from "./merge.ts";

const passing = { autoAdvance: true };

/** Yields 1, 2, 3, … every millisecond, and cleans up at the end. */
async function* count(): AsyncGenerator<number, void, void> {
  try {
    for (let i = 1; ; i++) yield await sleep(1, i);
  } finally {
    await sleep(1);
  }
}

const readers = {
  "buffer()": () => buffer(count(), 2),
  "merge()": () => merge(count(), count(), count()),
  "chunk() with a time limit": () => chunk(count(), { size: 2, ms: 5 }),
};

/** Yields an item. Closing it takes until `end`. */
async function* closesWhen(end: Promise<void>): AsyncGenerator<number, void, void> {
  try {
    yield 1;
    await sleep(60_000);
  } finally {
    await end;
  }
}

const stubborn: Record<string, (source: AsyncGenerator<number>) => AsyncGenerator<unknown>> = {
  "buffer()": (source) => buffer(source, 1),
  "merge()": (source) => merge(source, [2, 3]),
  "chunk() with a time limit": (source) => chunk(source, { size: 1, ms: 1 }),
};

for (const [name, read] of Object.entries(readers)) {
  test(`${name} opened by code that is cancelled already ends`, () =>
    checkLeaks(async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const task = createTask(
        async () => {
          await promise; // cancelled here, where the cancellation cannot be delivered
          for await (const _ of read()) assert.fail();
        },
        { eagerStart: true },
      );
      task.cancel();
      resolve();
      await assert.rejects(task, isCancelled);
    }));

  test(
    `${name} opened and cancelled in one turn ends`,
    virtualTime(async () => {
      const task = createTask(
        async () => {
          const reader = read();
          void Promise.resolve().then(() => currentTask()!.cancel());
          await Promise.allSettled([reader.next(), reader.next()]);
          await reader.return();
        },
        { eagerStart: true },
      );
      await Promise.allSettled([task]);
      assert.ok(task.done());
    }, passing),
  );

  test(`enableDebug() reports nothing where a loop over ${name} is left by break, return or throw`, () =>
    collectReports({}, async ({ messages }) => {
      for await (const _ of read()) break;
      await createTask(
        async () => {
          for await (const _ of read()) return;
        },
        { ownsTasks: true },
      );
      const failing = createTask(async () => {
        for await (const _ of read()) throw new Error("left");
      });
      await assert.rejects(failing, /left/);
      await assert.rejects(
        timeout(5, async () => {
          for await (const _ of read()) await sleep(60_000);
        }),
        { name: "TimeoutError" },
      );
      assert.deepEqual(messages, []);
    }));

  test(`${name} names a source that does not stop, and leaves it`, (context) => {
    const reports: string[] = [];
    const before = setExceptionHandler(({ message }) => reports.push(message));
    context.after(() => setExceptionHandler(before));
    return virtualTime(async (clock) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const task = createTask(async () => {
        for await (const _ of stubborn[name]!(closesWhen(promise))) break;
      });
      await waitAllTasksParked();
      await clock.advance(4_999);
      assert.equal(task.done(), false);
      await clock.advance(1);
      await task;
      assert.equal(reports.length, 1);
      assert.match(
        reports[0]!,
        /^Task (merge|buffer|chunk) source 1 did not stop within 5000 ms after it was cancelled/,
      );
      resolve();
      await waitAllTasksParked();
    })();
  });
}

test(
  "merge() throws a cancellation that a source threw of its own",
  virtualTime(async () => {
    const other = createTask(() => sleep(60_000));
    async function* source(): AsyncGenerator<number, void, void> {
      yield 1;
      await other;
    }
    const seen: number[] = [];
    const reading = createTask(async () => {
      for await (const item of merge(source(), count())) {
        seen.push(item);
        other.cancel("the other one");
      }
    });
    await assert.rejects(reading, { name: "CancelledError", reason: "the other one" });
    assert.equal(seen[0], 1);
  }, passing),
);

test("merge() does not close an iterator that threw", async () => {
  const steps: string[] = [];
  const iterator = {
    [Symbol.asyncIterator]: () => iterator,
    next: async (): Promise<IteratorResult<number>> => {
      steps.push("next");
      throw new Error("broken");
    },
    return: async (): Promise<IteratorResult<number>> => {
      steps.push("return");
      return { done: true, value: undefined };
    },
  };
  await assert.rejects(async () => {
    for await (const _ of merge(iterator)) assert.fail();
  }, /broken/);
  assert.deepEqual(steps, ["next"]);
});

test("buffer() gives 100,000 items that were read ahead", async () => {
  let sum = 0;
  const reader = buffer(
    Array.from({ length: 100_000 }, (_, i) => i),
    Infinity,
  );
  for await (const item of reader) sum += item;
  assert.equal(sum, 4_999_950_000);
});

test("merge() reads 10,000 sources", async () => {
  let sum = 0;
  for await (const item of merge(...Array.from({ length: 10_000 }, (_, i) => [i]))) sum += item;
  assert.equal(sum, 49_995_000);
});
