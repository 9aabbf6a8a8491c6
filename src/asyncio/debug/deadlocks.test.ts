import assert from "node:assert/strict";
import { test } from "node:test";
import { Future } from "../core/tasks/future.ts";
import { gather } from "../combine/gather.ts";
import { Lock } from "../sync/lock.ts";
import { sleep } from "../core/waits/sleep.ts";
import { taskGroup } from "../combine/task-group.ts";
import { createTask, type Task } from "../core/tasks/task.ts";
import { collectReports } from "./collect-reports.fixture.ts";

async function end(...tasks: Task<unknown>[]): Promise<void> {
  for (const task of tasks) task.cancel();
  await Promise.allSettled(tasks);
}

// Waits until all tasks are waiting and debug mode has searched for deadlocks.
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await sleep(0);
}

test("enableDebug() names a circle of two locks, with who holds which, and where each waits", () =>
  collectReports({}, async ({ messages }) => {
    const [red, blue] = [new Lock({ name: "red" }), new Lock({ name: "blue" })];
    async function takeBoth(first: Lock, second: Lock): Promise<void> {
      await first.with(async () => {
        await sleep(0);
        await second.with(() => undefined);
      });
    }
    const a = createTask(() => takeBoth(red, blue), { name: "A" });
    const b = createTask(() => takeBoth(blue, red), { name: "B" });
    await settle();
    await end(a, b);
    assert.equal(messages.length, 1);
    assert.match(
      messages[0]!,
      /^Deadlock: task [AB] waits for Lock (red|blue) held by task [AB], which waits for Lock (red|blue) held by task [AB]\n/,
    );
    assert.match(messages[0]!, /\n {2}task A waits at .*deadlocks\.test\.ts:\d+/);
    assert.match(messages[0]!, /\n {2}task B waits at .*deadlocks\.test\.ts:\d+/);
  }));

test("enableDebug() names a circle of a lock and a task", () =>
  collectReports({}, async ({ next }) => {
    const lock = new Lock({ name: "db" });
    const b: Task<unknown> = createTask(async () => (await sleep(0), lock.acquire()), { name: "B" });
    const a = createTask(() => lock.with(() => b), { name: "A" });
    const { message, task } = await next(/^Deadlock/);
    await end(a, b);
    const [first] = message.split("\n");
    const sentences = [
      "Deadlock: task A waits for task B, which waits for Lock db held by task A",
      "Deadlock: task B waits for Lock db held by task A, which waits for task B",
    ];
    assert.ok(sentences.includes(first!), message);
    assert.ok(task?.id === a.id || task?.id === b.id);
  }));

test("enableDebug() names tasks that await each other, and each circle once", () =>
  collectReports({}, async ({ messages, next }) => {
    const stop = new Future();
    const a: Task<unknown> = createTask(async () => await b, { name: "A" });
    const b: Task<unknown> = createTask(async () => await Promise.race([a, c]), { name: "B" });
    const c: Task<unknown> = createTask(async () => await Promise.race([a, stop]), { name: "C" });
    await settle();
    assert.equal(messages.length, 0, "C may be woken by the future");
    const d: Task<unknown> = createTask(async () => await e, { name: "D" });
    const lock = new Lock();
    const e: Task<unknown> = createTask(async () => lock.with(async () => await gather(f)), { name: "E" });
    const f: Task<unknown> = createTask(async () => (await sleep(0), lock.acquire()), { name: "F" });
    await next(/^Deadlock: task [EF] /);
    await settle();
    stop.setResult();
    await end(d, e, f);
    await Promise.all([a, b, c]);
    assert.equal(messages.filter((message) => message.startsWith("Deadlock")).length, 1);
  }));

test("enableDebug() names a task that asks for a lock that it holds", () =>
  collectReports({}, async ({ next }) => {
    const lock = new Lock({ name: "db" });
    const task = createTask(() => lock.with(async () => void (await lock.acquire())), { name: "A" });
    const { message } = await next(/^Deadlock/);
    await end(task);
    assert.match(message, /^Deadlock: task A waits for Lock db held by itself\n/);
  }));

test("enableDebug() names a circle through a group and a gather", () =>
  collectReports({}, async ({ next }) => {
    const lock = new Lock({ name: "db" });
    const parent = createTask(
      () =>
        lock.with(() =>
          taskGroup(
            async (group) =>
              void group.createTask(
                () =>
                  gather(
                    () => lock.acquire(),
                    () => sleep(60_000),
                  ),
                { name: "child" },
              ),
          ),
        ),
      { name: "parent" },
    );
    const { message } = await next(/^Deadlock/);
    await end(parent);
    assert.match(message, /parent/);
    assert.match(message, /Lock db held by task parent/);
  }));

test("enableDebug() calls it no deadlock while another flow of the task goes on, and does when it has ended", () =>
  collectReports({}, async ({ messages, next }) => {
    const lock = new Lock({ name: "db" });
    const release = new Future();
    const b: Task<unknown> = createTask(async () => (await sleep(0), lock.acquire()), { name: "B" });
    const a = createTask(() => lock.with(() => Promise.all([b, release])), { name: "A" });
    await settle();
    assert.deepEqual(messages, []);
    release.setResult();
    await next(/^Deadlock/);
    await end(a, b);
  }));

test("enableDebug() calls a queue at a lock no deadlock", () =>
  collectReports({}, async ({ messages }) => {
    const lock = new Lock();
    await gather(Array.from({ length: 5 }, () => () => lock.with(() => sleep(1))));
    assert.deepEqual(messages, []);
  }));
