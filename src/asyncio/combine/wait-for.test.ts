import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, TimeoutError } from "../core/errors/errors.ts";
import { Future } from "../core/tasks/future.ts";
import { runtime } from "../core/state/runtime.ts";
import { shield } from "./shield.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, type Task } from "../core/tasks/task.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../testing/index.ts";
import { waitFor } from "./wait-for.ts";

/** A task that ends only 100 ms after its cancellation. */
function reluctantTask(): Task<string> {
  return createTask(async () => {
    await sleep(60_000).catch(() => {});
    await sleep(100);
    return "at last";
  });
}

test(
  "waitFor() that is cancelled waits for a task that takes its time to end (test_asyncio_wait_for_cancelled)",
  virtualTime(async (clock) => {
    const inner = reluctantTask();
    const waiting = createTask(() => waitFor(inner, 60_000));
    await waitAllTasksParked();
    waiting.cancel();
    await clock.advance(99);
    assert.deepEqual([waiting.done(), inner.done()], [false, false]);
    await clock.advance(1);
    assert.deepEqual([inner.done(), inner.cancelled()], [true, false]);
    assert.equal(await waiting, "at last");
  }),
);

test(
  "waitFor() whose time runs out waits for a task that takes its time to end (test_asyncio_wait_for_timeout)",
  virtualTime(async (clock) => {
    const inner = reluctantTask();
    const waiting = createTask(() => waitFor(inner, 10));
    await clock.advance(109);
    assert.deepEqual([waiting.done(), inner.cancelling()], [false, 1]);
    await clock.advance(1);
    assert.equal(inner.done(), true);
    assert.equal(await waiting, "at last");
  }),
);

for (const ms of [0, -1, -Infinity]) {
  test(
    `waitFor(…, ${ms}) of what is done gives its result (test_wait_for_timeout_less_then_0_or_0_future_done)`,
    virtualTime(async () => {
      const future = new Future<string>();
      future.setResult("done");
      assert.equal(await waitFor(future, ms), "done");
      const failed = new Future<string>();
      const problem = new Error("failed");
      failed.setException(problem);
      await assert.rejects(waitFor(failed, ms), problem);
      const cancelled = new Future<string>();
      cancelled.cancel("by somebody else");
      await assert.rejects(waitFor(cancelled, ms), { name: "CancelledError", reason: "by somebody else" });
    }),
  );

  test(
    `waitFor(…, ${ms}) of a function throws TimeoutError, and never calls it (test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started)`,
    virtualTime(async () => {
      let isCalled = false;
      const waiting = waitFor(async () => {
        isCalled = true;
      }, ms);
      await assert.rejects(waiting, TimeoutError);
      assert.equal(isCalled, false);
    }),
  );

  test(
    `waitFor(…, ${ms}) of a running task throws TimeoutError, when its clean-up is over (test_wait_for_timeout_less_then_0_or_0)`,
    virtualTime(async (clock) => {
      let tidied = false;
      const task = createTask(async () => {
        try {
          await sleep(200);
          return "done";
        } finally {
          await sleep(5);
          tidied = true;
        }
      });
      await waitAllTasksParked();
      const waiting = createTask(() => waitFor(task, ms));
      await clock.advance(5);
      await assert.rejects(waiting, TimeoutError);
      assert.deepEqual([task.done(), task.cancelled(), tidied], [true, true, true]);
    }),
  );
}

test(
  "waitFor() lets a result that comes in the same turn as the limit win (test_wait_for_race_condition)",
  virtualTime(async (clock) => {
    const future = new Future<string>();
    runtime.timers.add(100, () => future.setResult("ok"), undefined); // its turn comes just before that of the limit
    const waiting = createTask(() => waitFor(future, 100));
    await clock.advance(100);
    assert.equal(await waiting, "ok");
    assert.equal(waiting.cancelling(), 0);
  }),
);

test(
  "waitFor() throws TimeoutError only when the asynchronous clean-up is over, caused by the cancellation (test_wait_for_waits_for_task_cancellation)",
  virtualTime(async (clock) => {
    let tidied = false;
    const inner = async (): Promise<void> => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(20);
        tidied = true;
      }
    };
    for (const input of [inner, createTask(inner)]) {
      tidied = false;
      const waiting = createTask(() => waitFor(input, 10));
      await clock.advance(29);
      assert.deepEqual([waiting.done(), tidied], [false, false]);
      await clock.advance(1);
      await assert.rejects(waiting, (error) => {
        assert.ok(error instanceof TimeoutError);
        assert.ok(error.cause instanceof CancelledError);
        return error.ms === 10;
      });
      assert.equal(tidied, true);
    }
  }),
);

test(
  "waitFor() throws the error of a clean-up that fails (test_wait_for_reraises_exception_during_cancellation)",
  virtualTime(async (clock) => {
    class FooError extends Error {}
    const waiting = createTask(() =>
      waitFor(async () => {
        try {
          await sleep(60_000);
        } finally {
          // oxlint-disable-next-line no-unsafe-finally -- what a clean-up that fails does
          throw new FooError();
        }
      }, 10),
    );
    await clock.advance(10);
    await assert.rejects(waiting, FooError);
  }),
);

for (const [name, ms] of [
  ["test_cancel_wait_for", 60_000],
  ["test_cancel_blocking_wait_for", Infinity],
] as const) {
  test(
    `waitFor(…, ${ms}) that is cancelled cancels what it waits for (${name})`,
    virtualTime(async (clock) => {
      const started: Task<void>[] = [];
      const inner = createTask(() => sleep(60_000));
      started.push(
        createTask(() => waitFor(inner, ms)),
        createTask(() => waitFor(() => sleep(60_000), ms)),
      );
      await waitAllTasksParked();
      for (const waiting of started) {
        waiting.cancel("stop");
        await assert.rejects(waiting, { name: "CancelledError", reason: "stop" });
      }
      assert.equal(inner.cancelled(), true);
      assert.equal(clock.timers, 0);
    }),
  );
}

test(
  "waitFor() gives the value of a function that keeps the cancellation to itself (test_wait_for_cancel_suppressed)",
  virtualTime(async (clock) => {
    const answer = async (): Promise<number> => {
      await sleep(60_000).catch(() => {});
      return 42;
    };
    const waiting = createTask(() => waitFor(answer, 10));
    await clock.advance(10);
    assert.equal(await waiting, 42);
    assert.equal(waiting.cancelling(), 0);
  }),
);

test(
  "waitFor() whose task is done in the turn in which it is cancelled is cancelled, and the result is kept (test_wait_for_issue86296)",
  virtualTime(async () => {
    const future = new Future<string>();
    const inner = createTask(async () => await future);
    let reachedEnd = false;
    const outer = createTask(async () => {
      await waitFor(inner, 10_000);
      await sleep(100);
      reachedEnd = true;
    });
    await waitAllTasksParked();
    inner.addDoneCallback(() => outer.cancel());
    future.setResult("done");
    await assert.rejects(outer, CancelledError);
    assert.equal(await inner, "done");
    assert.equal(reachedEnd, false);
  }),
);

test(
  "waitFor() of a shield throws TimeoutError, and what is sheltered runs on (test_shielded_timeout)",
  virtualTime(async (clock) => {
    const task = createTask(() => sleep(40, "done"));
    const waiting = createTask(() => waitFor(shield(task), 10));
    await clock.advance(10);
    await assert.rejects(waiting, TimeoutError);
    assert.deepEqual([task.done(), task.cancelled()], [false, false]);
    await clock.advance(30);
    assert.equal(await task, "done");
  }),
);

test(
  "waitFor() leaves a foreign promise when time runs out",
  virtualTime(async (clock) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const waiting = createTask(() => waitFor(promise, 10));
    await clock.advance(10);
    await assert.rejects(waiting, TimeoutError);
    resolve("late");
    assert.equal(await waitFor(promise, 10), "late");
  }),
);

test("waitFor() refuses a time that is none, and what cannot be awaited, and starts nothing", () =>
  checkLeaks(async () => {
    let isCalled = false;
    const call = async (): Promise<void> => void (isCalled = true);
    await assert.rejects(waitFor(call, Number.NaN), { name: "RangeError", message: /current value is NaN/ });
    await assert.rejects(waitFor(call, "10" as never), { name: "TypeError", message: /current value is "10"/ });
    await assert.rejects(waitFor(call, undefined as never), {
      name: "TypeError",
      message: /current value is undefined/,
    });
    assert.equal(isCalled, false);
    await assert.rejects(waitFor(5 as never, 10), { name: "TypeError", message: /current value is 5/ });
  }));
