import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Event } from "../sync/event.ts";
import { Queue } from "../sync/queue.ts";
import { checkpoint, sleep } from "../core/waits/sleep.ts";
import { createTask } from "../core/tasks/task.ts";
import { checkLeaks } from "./leaks.ts";
import { waitAllTasksParked } from "./wait-all-tasks-parked.ts";

test("waitAllTasksParked() ends when every task waits, however many steps that takes", async () => {
  const event = new Event();
  const queue = new Queue<number>(1);
  let steps = 0;
  const producer = createTask(async () => {
    for (let n = 0; n < 50; n++) await queue.put(n);
    for (let n = 0; n < 5; n++) await sleep(0);
    await event.wait();
  });
  const consumer = createTask(async () => {
    for await (const _ of queue) {
      await checkpoint();
      steps++;
    }
  });
  await waitAllTasksParked();
  assert.deepEqual([steps, event.statistics().waiting, queue.statistics().getters], [50, 1, 1]);
  event.set();
  queue.shutdown();
  await producer;
  await consumer;
});

test("waitAllTasksParked() goes on as long as something happens in each turn", async () => {
  let turns = 0;
  const task = createTask(async () => {
    for (; turns < 10; turns++) {
      await setImmediate();
      await createTask(() => checkpoint());
    }
  });
  await waitAllTasksParked();
  assert.deepEqual([turns, task.done()], [10, true]);
});

test("waitAllTasksParked() counts what waits for a foreign promise as waiting", async () => {
  const foreign = Promise.withResolvers<void>();
  const task = createTask(() => foreign.promise);
  await waitAllTasksParked();
  assert.equal(task.done(), false);
  foreign.resolve();
  await task;
});

test("waitAllTasksParked() ends at once when there is no task, and leaves nothing behind", async () => {
  await checkLeaks(() => waitAllTasksParked());
});

test("waitAllTasksParked() can be awaited by several at once", async () => {
  const event = new Event();
  const task = createTask(() => event.wait());
  await Promise.all([waitAllTasksParked(), waitAllTasksParked()]);
  assert.equal(event.statistics().waiting, 1);
  event.set();
  await task;
});
