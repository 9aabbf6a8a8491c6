import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "./event.ts";
import { createTask, currentTask } from "../core/tasks/task.ts";
import { virtualTime, waitAllTasksParked } from "../testing/index.ts";
import { timeout } from "../combine/timeout.ts";

test(
  "Event.wait() ends for all that wait, also for one that came late (test_wait)",
  virtualTime(async () => {
    const event = new Event();
    const woken: number[] = [];
    const wait = async (n: number): Promise<void> => {
      assert.equal(await event.wait(), true);
      woken.push(n);
    };
    const tasks = [1, 2].map((n) => createTask(() => wait(n)));
    await waitAllTasksParked();
    tasks.push(createTask(() => wait(3)));
    await waitAllTasksParked();
    assert.deepEqual([woken, event.isSet()], [[], false]);
    event.set();
    for (const task of tasks) await task;
    assert.deepEqual(woken, [1, 2, 3]);
  }),
);

test("Event.wait() gives true at once when it is set (test_wait_on_set)", async () => {
  const event = new Event();
  event.set();
  assert.equal(event.isSet(), true);
  assert.equal(await event.wait(), true);
  assert.deepEqual([event.isSet(), event.statistics()], [true, { set: true, waiting: 0 }]);
});

test(
  "Event.wait() that is cancelled leaves no waiter (test_wait_cancel)",
  virtualTime(async () => {
    const event = new Event();
    const task = createTask(() => event.wait());
    await waitAllTasksParked();
    assert.equal(event.statistics().waiting, 1);
    task.cancel("enough");
    await assert.rejects(task, { name: "CancelledError", reason: "enough" });
    assert.equal(event.statistics().waiting, 0);
  }),
);

test(
  "Event.set() wakes a waiter once, also when it is cleared and set again in the same turn (test_clear_with_waiters)",
  virtualTime(async () => {
    const event = new Event();
    let wakes = 0;
    const task = createTask(async () => {
      await event.wait();
      wakes++;
    });
    await waitAllTasksParked();
    event.set();
    event.clear();
    assert.equal(event.isSet(), false);
    event.set();
    event.set();
    await task;
    assert.equal(wakes, 1);
    assert.equal(event.statistics().waiting, 0);
  }),
);

test(
  "Event.set() and clear() in one turn wake those that wait; who comes after waits for the next set()",
  virtualTime(async () => {
    const event = new Event({ name: "ready" });
    const early = createTask(() => event.wait());
    await waitAllTasksParked();
    event.set();
    event.clear();
    const late = createTask(() => event.wait());
    assert.equal(await early, true);
    await waitAllTasksParked();
    assert.deepEqual(event.statistics(), { set: false, waiting: 1 });
    assert.equal(late.waitsFor, "it waits for Event ready");
    event.set();
    assert.equal(await late, true);
  }),
);

test(
  "Event.wait() throws what is pending, whether it is set or not",
  virtualTime(async () => {
    const event = new Event();
    for (const reason of ["not set", "set"]) {
      currentTask()!.cancel(reason);
      await assert.rejects(event.wait(), { name: "CancelledError", reason });
      event.set();
    }
  }),
);

test(
  "Event.wait() that was woken and then cancelled ends cancelled, and the others are woken all the same",
  virtualTime(async () => {
    const event = new Event();
    const [one, other] = [createTask(() => event.wait()), createTask(() => event.wait())];
    await waitAllTasksParked();
    event.set();
    one.cancel();
    await assert.rejects(one, { name: "CancelledError" });
    assert.equal(await other, true);
  }),
);

test("Event.wait() on a set event lets timers have their turn", async () => {
  const event = new Event();
  event.set();
  const limited = timeout(5, async () => {
    while (await event.wait());
  });
  await assert.rejects(limited, { name: "TimeoutError" });
});
