import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, type Task } from "../core/tasks/task.ts";
import { uncancellable } from "../core/scopes/uncancellable.ts";
import { collectReports } from "./collect-reports.fixture.ts";

const grace = { stopGrace: 20 };

async function swallowOnce(): Promise<void> {
  try {
    await sleep(60_000);
  } catch {
    return;
  }
}

async function end(task: Task<unknown>): Promise<void> {
  task.cancel();
  await Promise.allSettled([task]);
}

test("enableDebug() names a cancelled task that awaits a promise that is not ours, and what it last waited for", () =>
  collectReports(grace, async ({ next }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const task = createTask(
      async function work() {
        await sleep(0);
        reached.resolve();
        await promise;
      },
      { name: "deaf" },
    );
    await reached.promise;
    task.cancel("please");
    const { message, task: named } = await next(/has reached no wait since/);
    resolve();
    await Promise.allSettled([task]);
    assert.match(
      message,
      /^Task deaf was asked to stop \d+ ms ago \(please\) and has reached no wait since: it awaits a promise that is not ours, or computes\. It last waited for turn at work \(.*uncancelled-code\.test\.ts:\d+:\d+\)/,
    );
    assert.ok((named as unknown) === task);
  }));

test("enableDebug() names a task that caught its cancellation and lives on", () =>
  collectReports(grace, async ({ next }) => {
    const task = createTask(
      async () => {
        await swallowOnce();
        await sleep(60_000);
      },
      { name: "survivor" },
    );
    await sleep(0);
    task.cancel("please");
    const { message } = await next(/goes on/);
    await end(task);
    assert.match(
      message,
      /^Task survivor was asked to stop \d+ ms ago \(please\), was told so, and goes on: it waits for sleep at .*uncancelled-code\.test\.ts:/,
    );
  }));

test("enableDebug() names a task that caught its cancellation and awaits a promise that is not ours", () =>
  collectReports(grace, async ({ next }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const task = createTask(async () => {
      await swallowOnce();
      await promise;
    });
    await sleep(0);
    task.cancel();
    const { message } = await next(/goes on/);
    resolve();
    await Promise.allSettled([task]);
    assert.match(message, /was told so, and goes on: it awaits a promise that is not ours, or computes\./);
  }));

test("enableDebug() names the child that does not stop, not the task that waits for it", () =>
  collectReports(grace, async ({ next, messages }) => {
    const task = createTask(
      async () => await createTask(async () => (await swallowOnce(), await sleep(60_000)), { name: "child" }),
      { name: "parent" },
    );
    await sleep(0);
    task.cancel();
    await next(/^Task child .* goes on/);
    await sleep(grace.stopGrace);
    await end(task);
    assert.ok(!messages.some((message) => message.startsWith("Task parent")), messages.join("\n"));
  }));

test("enableDebug() lets uncancellable work, and clean-up within the grace, be", () =>
  collectReports(grace, async ({ messages }) => {
    const saving = createTask(() => uncancellable(() => sleep(3 * grace.stopGrace)));
    const cleaning = createTask(async () => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(1);
      }
    });
    await sleep(0);
    saving.cancel();
    cleaning.cancel();
    await Promise.allSettled([saving, cleaning]);
    assert.deepEqual(messages, []);
  }));

test("enableDebug() lets a task that took its cancellation back be", () =>
  collectReports(grace, async ({ messages }) => {
    const task = createTask(async () => (await swallowOnce(), await sleep(2 * grace.stopGrace)));
    await sleep(0);
    task.cancel();
    task.uncancel();
    await task;
    assert.deepEqual(messages, []);
  }));
