import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep } from "../core/waits/sleep.ts";
import { timeout } from "../combine/timeout.ts";
import { Condition } from "./condition.ts";
import type { CancelledError } from "../core/errors/errors.ts";
import { Lock } from "./lock.ts";
import { checkpoint } from "../core/waits/sleep.ts";
import { createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { virtualTime, waitAllTasksParked } from "../testing/index.ts";
import { waitFor } from "../combine/wait-for.ts";

const passing = { autoAdvance: true };
const notHeld = { name: "InvalidStateError", message: /on Condition as its lock is not held$/ };

async function caught(run: Promise<unknown>): Promise<unknown> {
  try {
    await run;
  } catch (error) {
    return error;
  }
  return assert.fail("an error was expected");
}

/** Tasks, one for each number, that wait at the condition, and note their number while they hold its lock again. */
async function startWaiters(condition: Condition, numbers: readonly number[], order: number[]): Promise<Task<void>[]> {
  const tasks = numbers.map((n) =>
    createTask(() =>
      condition.with(async () => {
        assert.equal(await condition.wait(), true);
        assert.equal(condition.lock.statistics().holder, currentTask());
        order.push(n);
      }),
    ),
  );
  await waitAllTasksParked();
  return tasks;
}

test(
  "Condition.wait() that is cancelled holds the lock again (test_wait_cancel)",
  virtualTime(async () => {
    const condition = new Condition();
    let wasLocked = false;
    const task = createTask(() =>
      condition.with(async () => {
        try {
          await condition.wait();
        } finally {
          wasLocked = condition.lock.statistics().holder === currentTask();
        }
      }),
    );
    await waitAllTasksParked();
    assert.equal(condition.locked, false);
    task.cancel();
    await caught(task);
    assert.deepEqual([wasLocked, condition.locked, condition.statistics().waiting], [true, false, 0]);
  }),
);

test(
  "Condition.wait() that is cancelled while it takes the lock again has it first, then ends cancelled (test_wait_cancel_after_notify)",
  virtualTime(async () => {
    const condition = new Condition();
    let wasLocked = false;
    const task = createTask(() =>
      condition.with(async () => {
        try {
          await condition.wait();
        } finally {
          wasLocked = condition.lock.statistics().holder === currentTask();
        }
      }),
    );
    await waitAllTasksParked();
    await condition.acquire();
    condition.notify();
    await waitAllTasksParked();
    task.cancel("late");
    await waitAllTasksParked();
    assert.equal(task.done(), false);
    condition.release();
    assert.equal(((await caught(task)) as CancelledError).reason, "late");
    assert.deepEqual([wasLocked, task.cancelled(), condition.locked], [true, true, false]);
  }),
);

test(
  "Condition.waitFor() looks again at each notification, and gives what the predicate gave (test_wait_for)",
  virtualTime(async () => {
    const condition = new Condition();
    let present: string | undefined;
    let looks = 0;
    const task = createTask(() =>
      condition.with(() =>
        condition.waitFor(() => {
          looks++;
          return present;
        }),
      ),
    );
    for (const expected of [1, 2, 3]) {
      await waitAllTasksParked();
      assert.equal(looks, expected);
      if (expected === 3) present = "here";
      await condition.with(() => condition.notify());
    }
    assert.equal(await task, "here");
    assert.equal(looks, 4);
  }),
);

test(
  "Condition.waitFor() needs the lock only if it has to wait (test_wait_for_unacquired)",
  virtualTime(async () => {
    const condition = new Condition();
    assert.equal(await condition.waitFor(() => 3), 3);
    await assert.rejects(
      condition.waitFor(() => false),
      notHeld,
    );
  }),
);

test(
  "Condition.notify() wakes as many as it says, first come first (test_notify)",
  virtualTime(async () => {
    const condition = new Condition();
    const order: number[] = [];
    const tasks = await startWaiters(condition, [1, 2, 3, 4, 5], order);
    const counts = [
      [1, [1]],
      [2, [1, 2, 3]],
      [2_048, [1, 2, 3, 4, 5]],
    ] as const;
    for (const [count, expected] of counts) {
      await condition.with(() => condition.notify(count));
      await waitAllTasksParked();
      assert.deepEqual(order, expected);
    }
    for (const task of tasks) await task;
  }),
);

test(
  "Condition.notifyAll() wakes all that wait, who go on one after the other (test_notify_all)",
  virtualTime(async () => {
    const condition = new Condition();
    const order: number[] = [];
    const tasks = await startWaiters(condition, [1, 2, 3], order);
    await condition.with(() => condition.notifyAll());
    for (const task of tasks) await task;
    assert.deepEqual(order, [1, 2, 3]);
  }),
);

test("Condition.notify(), notifyAll() and wait() throw when the lock is not held (test_notify_unacquired)", async () => {
  const condition = new Condition();
  assert.throws(() => condition.notify(), notHeld);
  assert.throws(() => condition.notifyAll(), notHeld);
  await assert.rejects(condition.wait(), notHeld);
  assert.throws(() => condition.release(), {
    name: "InvalidStateError",
    message: "Cannot release Lock as it is not held",
  });
});

test(
  "Condition.wait() under a time limit within with(): the lock is held after it, and released (test_timeout_in_block)",
  virtualTime(async () => {
    const condition = new Condition();
    await condition.with(async () => {
      await assert.rejects(
        waitFor(() => condition.wait(), 500),
        { name: "TimeoutError" },
      );
      assert.equal(condition.lock.statistics().holder, currentTask());
    });
    assert.equal(condition.locked, false);
  }, passing),
);

test(
  "Condition.wait() throws the very error of the cancellation when it has the lock again (test_cancelled_error_re_aquire)",
  virtualTime(async () => {
    const condition = new Condition();
    let inside: unknown;
    const task = createTask(() =>
      condition.with(async () => {
        inside = await caught(condition.wait());
        throw inside;
      }),
    );
    await waitAllTasksParked();
    await condition.acquire();
    task.cancel("the reason");
    await waitAllTasksParked();
    condition.release();
    const outside = await caught(task);
    assert.equal(outside, inside);
    assert.equal((outside as CancelledError).reason, "the reason");
  }),
);

test(
  "Condition.wait() that was notified and then cancelled tells another that waits (test_cancelled_wakeup)",
  virtualTime(async () => {
    const condition = new Condition();
    const order: number[] = [];
    const [one, two] = (await startWaiters(condition, [1, 2], order)) as [Task<void>, Task<void>];
    await condition.with(() => condition.notify());
    one.cancel(); // it was woken and has not run yet
    await two;
    assert.deepEqual([order, one.cancelled()], [[2], true]);
  }),
);

test(
  "Condition.wait() that was notified and is cancelled while it takes the lock again tells another that waits (test_cancelled_wakeup_relock)",
  virtualTime(async () => {
    const condition = new Condition();
    const order: number[] = [];
    const [one, two] = (await startWaiters(condition, [1, 2], order)) as [Task<void>, Task<void>];
    await condition.acquire();
    condition.notify();
    await waitAllTasksParked();
    one.cancel(); // it waits for the lock
    condition.release();
    await two;
    assert.deepEqual([order, one.cancelled()], [[2], true]);
  }),
);

test(
  "Condition.wait() cancelled twice, the second time while it takes the lock again, throws once: the last error",
  virtualTime(async () => {
    const condition = new Condition();
    const errors: unknown[] = [];
    const task = createTask(() =>
      condition.with(async () => {
        errors.push(await caught(condition.wait()));
        await checkpoint();
      }),
    );
    await waitAllTasksParked();
    await condition.acquire();
    task.cancel("first");
    await waitAllTasksParked();
    task.cancel("second");
    condition.release();
    await task;
    assert.deepEqual(
      errors.map((error) => (error as CancelledError).reason),
      ["second"],
    );
  }),
);

test(
  "Condition.wait() that is cancelled without a notification wakes nobody else",
  virtualTime(async () => {
    const condition = new Condition();
    const order: number[] = [];
    const [one, two] = (await startWaiters(condition, [1, 2], order)) as [Task<void>, Task<void>];
    one.cancel();
    await waitAllTasksParked();
    assert.deepEqual([order, two.done(), condition.statistics().waiting], [[], false, 1]);
    await condition.with(() => condition.notify());
    await two;
  }),
);

test(
  "Condition.wait() throws what is pending, still holding the lock",
  virtualTime(async () => {
    const condition = new Condition();
    await condition.acquire();
    currentTask()!.cancel("stop");
    await assert.rejects(condition.wait(), { reason: "stop" });
    assert.equal(condition.locked, true);
    condition.release();
  }),
);

test(
  "Condition shares a lock that it is given, and can be used by `using`",
  virtualTime(async () => {
    const lock = new Lock();
    const [one, other] = [new Condition({ lock }), new Condition({ lock })];
    {
      using held = await one.acquire();
      assert.deepEqual([held !== undefined, other.locked, one.lock === other.lock], [true, true, true]);
    }
    assert.equal(other.locked, false);
  }),
);

test("Condition refuses a lock that is none, and a count that is no count, and says what it was given", async () => {
  assert.throws(() => new Condition({ lock: "lock" as never }), {
    name: "TypeError",
    message: /must be a Lock: current value is "?lock/,
  });
  const condition = new Condition();
  await condition.acquire();
  for (const [count, name, shown] of [
    [0, "RangeError", "0"],
    [-1, "RangeError", "-1"],
    [1.5, "RangeError", "1.5"],
    [NaN, "RangeError", "NaN"],
    ["all", "TypeError", '"all"'],
  ] as const) {
    assert.throws(() => condition.notify(count as never), { name, message: new RegExp(`current value is ${shown}$`) });
  }
  condition.release();
});

test(
  "Condition.statistics() tells whether the lock is held and how many wait",
  virtualTime(async () => {
    const condition = new Condition({ name: "changed" });
    const [task] = await startWaiters(condition, [1], []);
    assert.deepEqual(condition.statistics(), { locked: false, waiting: 1 });
    assert.equal(task!.waitsFor, "it waits for Condition changed");
    await condition.acquire();
    assert.deepEqual(condition.statistics(), { locked: true, waiting: 1 });
    condition.notify();
    condition.release();
    await task;
  }),
);

test(
  "Condition.wait() by code that its scope has left over comes out with the lock, so that one at a time is inside",
  virtualTime(async (clock) => {
    const condition = new Condition();
    let inside = 0;
    let most = 0;
    const enter = async (ms: number): Promise<void> => {
      most = Math.max(most, ++inside);
      await sleep(ms).catch(() => undefined);
      inside--;
    };
    const lost = (): Promise<unknown> =>
      condition.with(async () => {
        try {
          await condition.wait();
        } finally {
          await enter(5);
        }
      });
    // The losers of a bare Promise.race become strays. They are cancelled when the limit around them ends, and again if
    // they have not acquired the lock within the grace period of the closing scope.
    const race = timeout(60_000, () => Promise.race([lost(), lost(), sleep(10)]));
    const others = [1, 2, 3].map((n) =>
      createTask(async () => (await sleep(9 + n), condition.with(() => enter(6_000)))),
    );
    await clock.advance(30_000);
    await race;
    for (const other of others) await other;
    assert.deepEqual([most, inside, condition.locked], [1, 0, false]);
  }),
);

test(
  "Condition.wait() and notify() by a task that does not hold the lock are refused, and name both",
  virtualTime(async () => {
    const condition = new Condition({ name: "stock" });
    const owner = createTask(() => condition.with(() => sleep(60_000)), { name: "owner" });
    await waitAllTasksParked();
    const refusal = {
      name: "InvalidStateError",
      message: /on Condition stock as its lock is held by task owner, not by task test$/,
    };
    await assert.rejects(condition.wait(), refusal);
    assert.throws(() => condition.notifyAll(), refusal);
    owner.cancel();
    await assert.rejects(owner);
  }),
);

test(
  "Condition.wait() that was cancelled before a notification wakes no other",
  virtualTime(async () => {
    const condition = new Condition();
    let isWoken = false;
    const cancelled = createTask(() => condition.with(() => condition.wait()));
    const other = createTask(async () => {
      await condition.with(() => condition.wait());
      isWoken = true;
    });
    await waitAllTasksParked();
    await condition.with(async () => {
      cancelled.cancel("first");
      await waitAllTasksParked();
      cancelled.cancel("second");
      await waitAllTasksParked();
    });
    await assert.rejects(cancelled, { name: "CancelledError", reason: "second" });
    await waitAllTasksParked();
    assert.equal(isWoken, false);
    await condition.with(() => condition.notifyAll());
    await other;
  }),
);
