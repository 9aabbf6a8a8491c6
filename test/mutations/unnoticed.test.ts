// Tests for planted mistakes that no other test noticed.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkpoint,
  createTask,
  currentTask,
  gather,
  cancellationOf,
  park,
  setExceptionHandler,
  sleep,
  timeout,
} from "../../src/asyncio/index.ts";
import { StreamReader } from "../../src/asyncio/streams/index.ts";
import { virtualTime, waitAllTasksParked } from "../../src/asyncio/testing/index.ts";

test(
  "checkpoint() throws a cancellation that is pending",
  virtualTime(async () => {
    let wasPassed = false;
    const task = createTask(async () => {
      currentTask()!.cancel("now");
      await checkpoint();
      wasPassed = true;
    });
    await assert.rejects(task, { name: "CancelledError", reason: "now" });
    assert.equal(wasPassed, false);
  }),
);

test(
  "timeout() that ends together with the limit around it throws the outer cancellation, once",
  virtualTime(async (clock) => {
    const reasons: string[] = [];
    const task = createTask(() =>
      timeout(10, async () => {
        try {
          await timeout(10, () => sleep(60_000));
        } catch (error) {
          reasons.push(String(cancellationOf(error)?.reason));
        }
        await sleep(5); // the one request was thrown: this is not cancelled
        return "cleaned up";
      }),
    );
    await clock.advance(15);
    assert.equal(await task, "cleaned up");
    assert.deepEqual(reasons, ["time limit of 10 ms"]);
  }),
);

test(
  "park() does not begin a wait while a cancellation is pending",
  virtualTime(async () => {
    let wasStarted = false;
    const task = createTask(async () => {
      currentTask()!.cancel();
      await park({ kind: "test" }, () => {
        wasStarted = true;
      });
    });
    await assert.rejects(task, { name: "CancelledError" });
    assert.equal(wasStarted, false);
  }),
);

test(
  "timeout() passes the cancellation of a task on that its body awaits",
  virtualTime(async () => {
    const child = createTask(() => sleep(60_000));
    const task = createTask(() => timeout(60_000, () => child));
    await waitAllTasksParked();
    child.cancel("not the limit");
    await assert.rejects(task, { name: "CancelledError", reason: "not the limit" });
  }),
);

test("gather({ returnExceptions }) does not report the errors that it returns", async () => {
  const reports: unknown[] = [];
  const before = setExceptionHandler((context) => reports.push(context));
  try {
    const fail = async (): Promise<never> => {
      await sleep(0);
      throw new Error("planned");
    };
    const results = await createTask(() => gather([fail], { returnExceptions: true }), { ownsTasks: true });
    assert.equal(results[0].message, "planned");
  } finally {
    setExceptionHandler(before);
  }
  assert.deepEqual(reports, []);
});

test("StreamReader.read() gives as many bytes as it is asked for, though more have come", async () => {
  const reader = new StreamReader();
  reader.feedData(Buffer.from("abcdef"));
  assert.equal((await reader.read(2)).toString(), "ab");
  assert.equal((await reader.read(100)).toString(), "cdef");
});
