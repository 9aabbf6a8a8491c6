import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../errors/errors.ts";
import { checkpoint, sleep } from "./sleep.ts";
import { createTask, currentTask } from "../tasks/task.ts";
import { checkLeaks, virtualTime, waitAllTasksParked } from "../../testing/index.ts";

test(
  "sleep() takes its time, two halves the sum, and gives its value (test_sleep)",
  virtualTime(async (clock) => {
    const task = createTask(async () => {
      await sleep(50);
      return sleep(50, "yeah");
    });
    await clock.advance(99);
    assert.equal(task.done(), false);
    await clock.advance(1);
    assert.equal(task.done(), true);
    assert.equal(await task, "yeah");
  }),
);

test(
  "sleep() ends in the order of its times, and of its calls where they are equal",
  virtualTime(async (clock) => {
    const order: string[] = [];
    for (const [name, ms] of Object.entries({ c: 3, a1: 1, b: 2, a2: 1 })) {
      createTask(async () => {
        await sleep(ms);
        order.push(name);
      });
    }
    await clock.advance(3);
    assert.deepEqual(order, ["a1", "a2", "b", "c"]);
  }),
);

test(
  "sleep() refuses NaN, and waits for nothing (test_sleep_when_delay_is_nan)",
  virtualTime(async (clock) => {
    await assert.rejects(sleep(Number.NaN), { name: "RangeError", message: /current value is NaN/ });
    assert.equal(clock.timers, 0);
  }),
);

for (const [value, shown] of [
  ["1000", '"1000"'],
  [null, "null"],
  [undefined, "undefined"],
  [5n, "5n"],
]) {
  test(`sleep() refuses a time that is no number: ${shown as string}`, () =>
    checkLeaks(async () => {
      const message = `Cannot sleep as the time must be a number of milliseconds: current value is ${shown as string}`;
      await assert.rejects(sleep(value as never), { name: "TypeError", message });
    }));
}

test(
  "sleep() takes its timer back when it is cancelled (test_sleep_cancel)",
  virtualTime(async (clock) => {
    const task = createTask(() => sleep(10_000));
    await waitAllTasksParked();
    assert.equal(clock.timers, 1);
    task.cancel();
    assert.equal(clock.timers, 0);
    await assert.rejects(task, CancelledError);
  }),
);

test("sleep(0, value) lets what was scheduled before run first, and gives its value (test_sleep_zero)", () =>
  checkLeaks(async () => {
    let ran = 0;
    setImmediate(() => ran++);
    queueMicrotask(() => ran++);
    assert.equal(await sleep(0, 10), 10);
    assert.equal(ran, 2);
  }));

for (const ms of [0, -1, -Infinity]) {
  test(
    `sleep(${ms}) lets the other tasks run to their next wait`,
    virtualTime(async (clock) => {
      let ran = false;
      createTask(async () => {
        ran = true;
      });
      assert.equal(await sleep(ms, "value"), "value");
      assert.equal(ran, true);
      assert.equal(clock.now(), 0);
    }),
  );
}

test("sleep(0) of ten thousand tasks shares one turn of the event loop", () =>
  checkLeaks(async () => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    const tasks = Array.from({ length: 10_000 }, () => createTask(() => sleep(0)));
    setImmediate(count);
    await Promise.all(tasks);
    isOver = true;
    await sleep(0);
    assert.ok(turns <= 3, `${turns} turns`);
  }));

test(
  "sleep(Infinity) sleeps until it is cancelled, and needs no timer",
  virtualTime(async (clock) => {
    const task = createTask(() => sleep(Infinity));
    await clock.advance(1e12);
    assert.deepEqual([task.done(), clock.timers], [false, 0]);
    task.cancel();
    await assert.rejects(task, CancelledError);
  }),
);

test(
  "sleep() throws a cancellation that is pending, and sets no timer",
  virtualTime(async (clock) => {
    for (const ms of [0, 10_000, Infinity]) {
      const task = createTask(async () => {
        currentTask()!.cancel("pending");
        await assert.rejects(sleep(ms), { reason: "pending" });
        return clock.timers;
      });
      assert.equal(await task, 0);
    }
  }),
);

test("sleep() works outside any task", () =>
  checkLeaks(async () => {
    assert.equal(currentTask(), undefined);
    assert.equal(await sleep(1, "slept"), "slept");
  }));

test(
  "checkpoint() throws a cancellation that is pending, and else goes on at once",
  virtualTime(async () => {
    const task = createTask(async () => {
      await checkpoint();
      currentTask()!.cancel();
      await checkpoint();
    });
    await assert.rejects(task, CancelledError);
  }),
);

test("checkpoint() gives I/O its turn in a loop that never waits", () =>
  checkLeaks(async () => {
    let stepsBefore = Infinity;
    let steps = 0;
    setImmediate(() => (stepsBefore = steps));
    for (; steps < 5_000; steps++) await checkpoint();
    assert.ok(stepsBefore <= 1_024, `${stepsBefore} steps`);
  }));
