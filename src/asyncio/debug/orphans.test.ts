import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep } from "../core/waits/sleep.ts";
import { createTask } from "../core/tasks/task.ts";
import { waitPromise } from "../core/waits/wait-promise.ts";
import { collectReports } from "./collect-reports.fixture.ts";

test("enableDebug() names promises that were left and are still pending, and where they were awaited", () =>
  collectReports({ stopGrace: 20 }, async ({ next, messages }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    async function useFirst(): Promise<void> {
      await waitPromise(promise, { name: "first" });
    }
    async function useSecond(): Promise<void> {
      await waitPromise(promise, { name: "second" });
    }
    const tasks = [createTask(useFirst), createTask(useSecond)];
    await sleep(0);
    for (const task of tasks) task.cancel();
    await Promise.allSettled(tasks);
    await next(
      /^A promise was left \d+ ms ago and is still pending: first\. It was awaited as promise first at useFirst \(.*orphans\.test\.ts:/,
    );
    await next(
      /^A promise was left \d+ ms ago and is still pending: second\. It was awaited as promise second at useSecond \(/,
    );
    resolve();
    assert.equal(messages.length, 2);
  }));

test("enableDebug() lets promises be that settle soon after they were left", () =>
  collectReports({ stopGrace: 20 }, async ({ messages }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const task = createTask(() => waitPromise(promise));
    await sleep(0);
    task.cancel();
    await Promise.allSettled([task]);
    resolve();
    await sleep(40);
    assert.deepEqual(messages, []);
  }));

test("enableDebug() reports once a promise that was left a hundred times", () =>
  collectReports({ stopGrace: 20 }, async ({ next, messages }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    for (let i = 0; i < 100; i++) {
      const task = createTask(() => waitPromise(promise, { name: "slow" }), { eagerStart: true });
      task.cancel();
      await Promise.allSettled([task]);
    }
    await next(/^A promise was left \d+ ms ago and is still pending: slow \(left 100 times\)\. It was awaited as/);
    await sleep(40);
    assert.equal(messages.length, 1);
    resolve();
  }));
