import assert from "node:assert/strict";
import { EventEmitter, on } from "node:events";
import { test } from "node:test";
import { isCancelled } from "../core/errors/errors.ts";
import { type ExceptionContext, setExceptionHandler } from "../core/errors/exception-handler.ts";
import { merge } from "./merge.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask } from "../core/tasks/task.ts";
import { taskGroup } from "../combine/task-group.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../testing/index.ts";

/** Yields `name` every `ms` milliseconds, `count` times, and records when it is closed. */
async function* ticks(
  name: string,
  ms: number,
  count: number,
  steps: string[] = [],
): AsyncGenerator<string, void, void> {
  try {
    for (let i = 1; i <= count; i++) {
      await sleep(ms);
      yield `${name}${i}`;
    }
  } finally {
    await sleep(1);
    steps.push(`${name} closed`);
  }
}

async function collect<T>(source: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
  for await (const item of source) into.push(item);
  return into;
}

test(
  "merge() gives items in the order in which they come",
  virtualTime(
    async () => {
      assert.deepEqual(await collect(merge(ticks("a", 10, 3), ticks("b", 16, 2), ["s"])), [
        "s",
        "a1",
        "b1",
        "a2",
        "a3",
        "b2",
      ]);
    },
    { autoAdvance: true },
  ),
);

test("merge() of nothing is empty", async () => {
  assert.deepEqual(await collect(merge()), []);
});

test(
  "merge() closes every source when its loop is left, also one that waits",
  virtualTime(
    async () => {
      const steps: string[] = [];
      for await (const item of merge(ticks("a", 10, 9, steps), ticks("b", 60_000, 9, steps))) {
        assert.equal(item, "a1");
        break;
      }
      assert.deepEqual(steps.sort(), ["a closed", "b closed"]);
    },
    { autoAdvance: true },
  ),
);

test(
  "merge() finalises the generators of a cancelled consumer (test_async_gen_asyncio_shutdown_01)",
  virtualTime(async (clock) => {
    const steps: string[] = [];
    const consumer = createTask(() => collect(merge(ticks("a", 60_000, 9, steps), ticks("b", 60_000, 9, steps))));
    const plain = createTask(() => collect(ticks("c", 60_000, 9, steps)));
    await waitAllTasksParked();
    consumer.cancel();
    plain.cancel();
    await waitAllTasksParked();
    await clock.advance(1);
    await assert.rejects(consumer, isCancelled);
    await assert.rejects(plain, isCancelled);
    assert.deepEqual(steps.sort(), ["a closed", "b closed", "c closed"]);
  }),
);

test("createTask() reports what the finaliser of a cancelled consumer's generator throws (test_async_gen_asyncio_shutdown_exception_01)", async (context) => {
  const heard: ExceptionContext[] = [];
  const before = setExceptionHandler((report) => void heard.push(report));
  context.after(() => setExceptionHandler(before));
  const failure = new Error("cannot close");
  async function* source(): AsyncGenerator<number, void, void> {
    try {
      await sleep(Infinity);
      yield 1;
    } finally {
      // oxlint-disable-next-line no-unsafe-finally -- that is what is tested
      throw failure;
    }
  }
  await taskGroup(async () => {
    createTask(() => collect(source()));
    await waitAllTasksParked();
  });
  assert.deepEqual(
    heard.map(({ error }) => error),
    [failure],
  );
});

test(
  "merge() throws the error of a source after what had come, and closes the others",
  virtualTime(
    async () => {
      const steps: string[] = [];
      const failure = new Error("boom");
      async function* failing(): AsyncGenerator<string, void, void> {
        yield "f1";
        throw failure;
      }
      const items: string[] = [];
      await assert.rejects(
        collect(merge(failing(), ticks("a", 60_000, 9, steps)), items),
        (error) => error === failure,
      );
      assert.deepEqual(items, ["f1"]);
      assert.deepEqual(steps, ["a closed"]);
    },
    { autoAdvance: true },
  ),
);

test("merge() reads at most one item ahead, and one for each source", async () => {
  let read = 0;
  async function* numbers(): AsyncGenerator<number, void, void> {
    for (;;) yield ++read;
  }
  const merged = merge(numbers(), numbers());
  assert.equal(typeof (await merged.next()).value, "number");
  await waitAllTasksParked();
  assert.equal(read, 4); // one taken, one read ahead, one waiting for each source
  await merged.return();
});

test("merge() closes a source that waits for what is not ours", async () => {
  await checkLeaks(async () => {
    const emitter = new EventEmitter();
    async function* soon(): AsyncGenerator<string, void, void> {
      yield "soon";
    }
    for await (const item of merge(soon(), on(emitter, "never") as AsyncIterable<unknown>)) {
      assert.equal(item, "soon");
      break;
    }
    assert.equal(emitter.listenerCount("never"), 0);
  });
});

test("merge() that is cancelled with its group has closed its sources when the group is over", async () => {
  const steps: string[] = [];
  await taskGroup(async () => {
    createTask(() => collect(merge(ticks("a", 60_000, 9, steps), ticks("b", 60_000, 9, steps))));
    await waitAllTasksParked();
  });
  assert.deepEqual(steps.sort(), ["a closed", "b closed"]);
});

test("merge() says so when the scope in which reading began has ended", async () => {
  const merged = merge(ticks("b", 0, 9));
  await taskGroup(async () => {
    await merged.next();
  });
  await assert.rejects(collect(merged), /scope in which reading began has ended/);
});

test("merge() refuses what is no iterable", () => {
  assert.throws(() => merge([1], 42 as never), TypeError);
});
