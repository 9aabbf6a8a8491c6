// Very large programs in debug mode. The limits are generous: with a cost that grows with the square or the cube of the
// number of tasks, the tests would take minutes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, type Task } from "../core/tasks/task.ts";
import { Future } from "../core/tasks/future.ts";
import { sleep } from "../core/waits/sleep.ts";
import { waitPromise } from "../core/waits/wait-promise.ts";
import { collectReports } from "./collect-reports.fixture.ts";

const many = 10_000;

/** Runs `body`, and checks how many seconds of CPU time it took. */
async function takesLessThan(seconds: number, body: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage();
  await body();
  const { user } = process.cpuUsage(before);
  assert.ok(user < seconds * 1_000_000, `${user / 1_000_000} s`);
}

test("enableDebug() follows a chain of 10,000 tasks that each await the one before, built over many turns", () =>
  collectReports({}, ({ messages }) =>
    takesLessThan(30, async () => {
      const gate = new Future<void>();
      let task: Task<unknown> = createTask(async () => await gate);
      for (let i = 0; i < many; i++) {
        const next = task;
        task = createTask(async () => await next);
        if (i % 10 === 0) await sleep(0);
      }
      gate.setResult();
      await task;
      assert.deepEqual(messages, []);
    }),
  ));

test("enableDebug() names the first of 10,000 tasks that their owner cancelled, and counts the others", () =>
  collectReports({}, ({ messages }) =>
    takesLessThan(30, async () => {
      const body = async (): Promise<void> => {
        for (let i = 0; i < many; i++) createTask(() => sleep(60_000), { name: `t${i}` });
        await sleep(0);
      };
      await createTask(body, { name: "request", ownsTasks: true });
      assert.equal(messages.length, 1);
      assert.match(messages[0]!, /^Task request ended while tasks t0, t1, .*, t9 and 9990 more that it owns still ran/);
    }),
  ));

test("enableDebug() names each of 10,000 promises that were left, once", () =>
  collectReports({ stopGrace: 5 }, ({ messages, next }) =>
    takesLessThan(30, async () => {
      const never = new Promise<void>(() => undefined);
      const tasks = Array.from({ length: many }, (_, i) => createTask(() => waitPromise(never, { name: `p${i}` })));
      await sleep(0);
      for (const task of tasks) task.cancel();
      await Promise.allSettled(tasks);
      await next(new RegExp(`: p${many - 1}\\.`));
      assert.equal(messages.length, many);
    }),
  ));
