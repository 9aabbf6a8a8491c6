import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../errors/errors.ts";
import { Event } from "../../sync/event.ts";
import { Future } from "./future.ts";
import { currentSignal } from "../scopes/scope.ts";
import { checkpoint, sleep } from "../waits/sleep.ts";
import { createTask, currentTask } from "./task.ts";
import { virtualTime, waitAllTasksParked } from "../../testing/index.ts";
import { wait } from "../../combine/wait.ts";

function thisTask(): NonNullable<ReturnType<typeof currentTask>> {
  const task = currentTask();
  assert.ok(task !== undefined);
  return task;
}

test(
  "Task.cancel() ends a sleeping task: it is done and cancelled, and a later cancel() returns false (test_cancel)",
  virtualTime(async () => {
    const task = createTask(() => sleep(10_000));
    await waitAllTasksParked();
    assert.equal(task.cancel(), true);
    await assert.rejects(task, CancelledError);
    assert.equal(task.done(), true);
    assert.equal(task.cancelled(), true);
    assert.equal(task.cancel(), false);
  }),
);

test(
  "Task.cancelling() counts the requests, and cancel() of a task that still runs returns true again (test_cancelling)",
  virtualTime(async () => {
    const task = createTask(() => sleep(10_000));
    assert.equal(task.cancelling(), 0);
    assert.equal(task.cancel(), true);
    assert.equal(task.cancelling(), 1);
    assert.equal(task.cancel(), true);
    assert.equal(task.cancelling(), 2);
    await assert.rejects(task, CancelledError);
  }),
);

test(
  "Task.uncancel() takes a request back, so that the next sleep runs; a second cancel() ends it (test_uncancel_basic)",
  virtualTime(async (clock) => {
    let steps = 0;
    const task = createTask(async () => {
      await assert.rejects(sleep(10_000), CancelledError);
      assert.equal(thisTask().uncancel(), 0);
      steps = 1;
      await sleep(10);
      steps = 2;
      await sleep(10_000);
    });
    await waitAllTasksParked();
    assert.equal(task.cancel(), true);
    await waitAllTasksParked();
    assert.deepEqual([steps, task.cancelling(), task.cancelled(), task.done()], [1, 0, false, false]);
    await clock.advance(10);
    assert.equal(steps, 2);
    assert.equal(task.cancel(), true);
    assert.equal(task.cancelling(), 1);
    await assert.rejects(task, CancelledError);
    assert.equal(task.uncancel(), 1);
    assert.deepEqual([task.cancelled(), task.done(), task.cancelling()], [true, true, 1]);
  }),
);

// A time limit made by hand with cancel() and uncancel(), as in asyncio's documentation.
async function limitedByHand(ms: number, limit: number): Promise<unknown[]> {
  const task = thisTask();
  let expired = false;
  let finished = false;
  const alarm = createTask(async () => {
    await sleep(limit);
    expired = true;
    task.cancel();
  });
  try {
    await sleep(ms);
    finished = true;
  } catch (error) {
    if (!expired || task.uncancel() > 0 || !(error instanceof CancelledError)) throw error;
  } finally {
    alarm.cancel();
  }
  await checkpoint();
  return [expired, finished, "outer code reached", task.cancelling()];
}

test(
  "Task.uncancel() lets a time limit made by hand end its own block only (test_uncancel_structured_blocks)",
  virtualTime(async (clock) => {
    const late = createTask(() => limitedByHand(10_000, 10));
    const timely = createTask(() => limitedByHand(1, 10_000));
    await clock.advance(10);
    assert.deepEqual(await late, [true, false, "outer code reached", 0]);
    assert.deepEqual(await timely, [false, true, "outer code reached", 0]);
  }),
);

test(
  "Task.uncancel() withdraws a request that was not delivered yet (test_uncancel_resets_must_cancel)",
  virtualTime(async () => {
    const future = new Future<number>();
    const task = createTask(async () => {
      const value = await future;
      await checkpoint();
      return value;
    });
    await waitAllTasksParked();
    future.setResult(42);
    assert.equal(task.cancel(), true);
    assert.equal(task.uncancel(), 0);
    assert.equal(await task, 42);
    assert.equal(task.cancelled(), false);
  }),
);

test(
  "Task.uncancel() never counts below zero",
  virtualTime(async () => {
    const task = createTask(() => sleep(0));
    assert.equal(task.uncancel(), 0);
    assert.equal(task.uncancel(), 0);
    task.cancel();
    assert.equal(task.cancelling(), 1);
    await assert.rejects(task, CancelledError);
  }),
);

test(
  "Future.cancel() cancels the task that awaits it (test_cancel_inner_future)",
  virtualTime(async () => {
    const future = new Future<number>();
    const task = createTask(async () => {
      await future;
      return 12;
    });
    await waitAllTasksParked();
    future.cancel("no more");
    await assert.rejects(task, { name: "CancelledError", reason: "no more" });
    assert.equal(task.cancelled(), true);
    assert.equal(future.cancelled(), true);
  }),
);

test(
  "Task.cancel() together with the cancel() of its future ends both cancelled (test_cancel_both_task_and_inner_future)",
  virtualTime(async () => {
    for (const isFutureFirst of [true, false]) {
      const future = new Future<number>();
      const task = createTask(async () => {
        await future;
        return 12;
      });
      await waitAllTasksParked();
      const both = [future, task];
      for (const one of isFutureFirst ? both : both.toReversed()) one.cancel();
      await assert.rejects(task, CancelledError);
      assert.deepEqual([task.cancelled(), future.cancelled()], [true, true]);
    }
  }),
);

test(
  "Task.cancel() of a task that catches it and returns 42 gives 42 (test_cancel_task_catching)",
  virtualTime(async () => {
    const [first, second] = [new Future<void>(), new Future<void>()];
    const task = createTask(async () => {
      await first;
      await assert.rejects(async () => await second, CancelledError);
      return 42;
    });
    first.setResult();
    await waitAllTasksParked();
    task.cancel();
    assert.equal(await task, 42);
    assert.equal(task.cancelled(), false);
    assert.equal(second.cancelled(), true);
  }),
);

test(
  "Task.cancel() is delivered once: what a task awaits after it kept one to itself is not cancelled (test_cancel_task_ignoring)",
  virtualTime(async () => {
    const [first, second, third] = [new Future<void>(), new Future<void>(), new Future<void>()];
    const task = createTask(async () => {
      await first;
      await assert.rejects(async () => await second, CancelledError);
      await third;
      await sleep(0);
      return 42;
    });
    first.setResult();
    await waitAllTasksParked();
    task.cancel();
    await waitAllTasksParked();
    assert.deepEqual([second.cancelled(), third.done(), task.done()], [true, false, false]);
    third.setResult();
    assert.equal(await task, 42);
    assert.deepEqual([third.cancelled(), task.cancelled(), task.cancelling()], [false, false, 1]);
  }),
);

test(
  "Task.cancel() by the task itself is delivered at its next wait, at once (test_cancel_current_task)",
  virtualTime(async () => {
    let wentOn = false;
    const task = createTask(async () => {
      assert.equal(thisTask().cancel(), true);
      await sleep(100_000);
      wentOn = true;
    });
    await assert.rejects(task, CancelledError); // the clock stands still
    assert.deepEqual([task.cancelled(), wentOn], [true, false]);
  }),
);

test(
  "Task.cancel() by a task that then returns 12 without a wait cancels it (test_cancel_at_end)",
  virtualTime(async () => {
    const task = createTask(async () => {
      thisTask().cancel("at the end");
      return 12;
    });
    await assert.rejects(task, { name: "CancelledError", reason: "at the end" });
    assert.equal(task.cancelled(), true);
  }),
);

test(
  "Task.cancel() by the task itself reaches the task that it awaits next, and what that one awaits (test_cancel_awaited_task)",
  virtualTime(async () => {
    const blocked = new Future<void>();
    const nested = createTask(async () => {
      await blocked;
    });
    const task = createTask(async () => {
      await sleep(0);
      thisTask().cancel();
      await nested;
    });
    await assert.rejects(task, CancelledError);
    assert.deepEqual([task.cancelled(), nested.cancelled(), blocked.cancelled()], [true, true, true]);
  }),
);

test(
  "Task.cancel(reason) before its first step: the body never runs, and exception() throws with the reason (test_cancel_with_message_before_starting_task)",
  virtualTime(async () => {
    let started = false;
    const task = createTask(async () => {
      started = true;
    });
    task.cancel("my message");
    await waitAllTasksParked();
    assert.throws(() => task.exception(), { name: "CancelledError", message: "my message", reason: "my message" });
    assert.equal(started, false);
  }),
);

for (const reason of [undefined, null, "my message", 5]) {
  test(
    `Task.cancel(${String(reason)}) gives its reason back by result() (test_cancel_with_message_then_future_result)`,
    virtualTime(async () => {
      const outer = createTask(async () => {
        const task = createTask(() => sleep(10_000));
        await sleep(0);
        task.cancel(reason);
        await wait([task]);
        task.result();
      });
      await assert.rejects(outer, (error) => error instanceof CancelledError && error.reason === reason);
    }),
  );
}

test(
  "Task.cancel() passes through the `catch` of every function on the way out (test_yield_future_passes_cancel)",
  virtualTime(async () => {
    let proof = 0;
    const waiter = new Future<void>();
    async function inner(): Promise<void> {
      try {
        await waiter;
      } catch (error) {
        proof += 1;
        throw error;
      }
      proof += 10;
    }
    async function outer(): Promise<void> {
      try {
        await inner();
      } catch (error) {
        assert.equal(proof, 1);
        proof += 100;
        throw error;
      }
      proof += 1_000;
    }
    const task = createTask(outer);
    await waitAllTasksParked();
    task.cancel();
    await assert.rejects(task, CancelledError);
    assert.equal(proof, 101);
    assert.equal(waiter.cancelled(), true);
  }),
);

test(
  "Task.cancel() passes through a chain of tasks, the innermost first, and each error's cause is the one before",
  virtualTime(async () => {
    const order: string[] = [];
    const inner = createTask(() => sleep(10_000).finally(() => order.push("inner")));
    const middle = createTask(async () => {
      try {
        await inner;
      } finally {
        order.push("middle");
      }
    });
    await waitAllTasksParked();
    middle.cancel("enough");
    const error = await middle.catch((caught: unknown) => caught);
    assert.ok(error instanceof CancelledError);
    assert.deepEqual(order, ["inner", "middle"]);
    assert.equal(error.reason, "enough");
    assert.equal((error.cause as CancelledError).reason, "enough");
  }),
);

test(
  "Task.cancel() says in the error which task asked",
  virtualTime(async () => {
    const task = createTask(() => sleep(10_000));
    createTask(async () => task.cancel(), { name: "the boss" });
    await assert.rejects(task, { name: "CancelledError", requestedBy: "the boss" });
  }),
);

test(
  "Task.cancel() lets `finally` blocks await before the task is done",
  virtualTime(async (clock) => {
    let tidied = false;
    const task = createTask(async () => {
      try {
        await sleep(10_000);
      } finally {
        await sleep(50);
        tidied = true;
      }
    });
    await waitAllTasksParked();
    task.cancel();
    await clock.advance(49);
    assert.deepEqual([task.done(), tidied], [false, false]);
    await clock.advance(1);
    await assert.rejects(task, CancelledError);
    assert.equal(tidied, true);
  }),
);

test(
  "Task.cancel() whose clean-up fails leaves that error instead of the cancellation",
  virtualTime(async () => {
    const task = createTask(async () => {
      try {
        await sleep(10_000);
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- what a clean-up that fails does
        throw new Error("disk full");
      }
    });
    await waitAllTasksParked();
    task.cancel();
    await assert.rejects(task, { message: "disk full" });
    assert.equal(task.cancelled(), false);
  }),
);

test(
  "Task.cancel() reaches each of the flows of one task",
  virtualTime(async () => {
    const events = [new Event(), new Event()];
    const task = createTask(() => Promise.all(events.map((event) => event.wait())));
    await waitAllTasksParked();
    task.cancel();
    await assert.rejects(task, CancelledError);
    assert.deepEqual(
      events.map((event) => event.statistics().waiting),
      [0, 0],
    );
  }),
);

for (const [redeliverAfter, shown] of [
  [Number.NaN, "NaN"],
  ["soon", '"soon"'],
]) {
  test(
    `createTask() refuses redeliverAfter: ${shown}`,
    virtualTime(async () => {
      const options = { redeliverAfter: redeliverAfter as number };
      assert.throws(() => createTask(() => sleep(0), options), new RegExp(`current value is ${shown}`));
    }),
  );
}

test(
  "createTask({ redeliverAfter }) delivers a cancellation again and again once the time is over, so that no `catch {}` keeps the task alive",
  virtualTime(async (clock) => {
    let caught = 0;
    const task = createTask(
      async () => {
        while (caught < 10) {
          try {
            await sleep(60_000);
          } catch {
            caught++;
          }
        }
      },
      { redeliverAfter: 100 },
    );
    await waitAllTasksParked();
    task.cancel();
    await clock.advance(99);
    assert.equal(caught, 1);
    await clock.advance(1);
    assert.ok(caught > 1 && caught < 10, `${caught}`); // not all at once: others must have their turn
    await clock.advance(200);
    assert.equal(task.done(), true);
  }),
);

test(
  "createTask({ redeliverAfter }) lets a clean-up await until the time is over, and is not asked for after the task is done",
  virtualTime(async (clock) => {
    let tidied = false;
    const task = createTask(
      async () => {
        try {
          await sleep(10_000);
        } finally {
          await sleep(50);
          tidied = true;
        }
      },
      { redeliverAfter: 100 },
    );
    await waitAllTasksParked();
    task.cancel();
    await clock.advance(50);
    await assert.rejects(task, CancelledError);
    assert.equal(tidied, true);
    assert.equal(clock.timers, 0);
  }),
);

test(
  "Task.cancel() of a task whose clean-up by `await using` is cancelled as well ends it cancelled",
  virtualTime(async () => {
    const task = createTask(async () => {
      await using resource = { [Symbol.asyncDispose]: () => sleep(60_000) };
      await sleep(60_000, resource);
    });
    await waitAllTasksParked();
    task.cancel("first");
    await waitAllTasksParked();
    task.cancel("second");
    await assert.rejects(task, { name: "CancelledError", reason: "second" });
    assert.equal(task.cancelled(), true);
  }),
);

test(
  "createTask({ redeliverAfter }) delivers again to the tasks that it awaits, even if they had the first request",
  virtualTime(async (clock) => {
    let caught = 0;
    const stubborn = createTask(async () => {
      for (let i = 0; i < 2; i++) await sleep(60_000).catch(() => caught++);
      return "gone";
    });
    const task = createTask(async () => stubborn, { redeliverAfter: 100 });
    await waitAllTasksParked();
    task.cancel();
    await waitAllTasksParked();
    assert.equal(caught, 1);
    await clock.advance(100);
    assert.equal(caught, 2);
    await Promise.allSettled([task, stubborn]);
  }),
);

test(
  "Task.cancel() of a task that looks at its signal and returns all the same cancels it",
  virtualTime(async () => {
    const foreign = Promise.withResolvers<void>();
    const task = createTask(async () => {
      const signal = currentSignal();
      await foreign.promise;
      return signal.aborted;
    });
    await sleep(0);
    task.cancel("stop");
    await sleep(0);
    foreign.resolve();
    await assert.rejects(task, { name: "CancelledError", reason: "stop" });
  }),
);

test(
  "Task.cancel() of code that awaits Promise.all() of tasks asks each once: one that ends first does not cut the others",
  virtualTime(
    async () => {
      const cleaned: string[] = [];
      const nap = createTask(() => sleep(60_000));
      const slow = createTask(async () => {
        try {
          await sleep(60_000);
        } finally {
          await sleep(20);
          cleaned.push("slow");
        }
      });
      const task = createTask(() => Promise.all([nap, slow]));
      await sleep(1);
      task.cancel("stop");
      await assert.rejects(task, { name: "CancelledError", reason: "stop" });
      assert.deepEqual(cleaned, ["slow"]);
    },
    { autoAdvance: true },
  ),
);
