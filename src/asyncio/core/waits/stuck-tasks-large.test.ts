// Very large graphs. They are in a separate file, because building each takes seconds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../combine/gather.ts";
import { Lock } from "../../sync/lock.ts";
import { Semaphore } from "../../sync/semaphore.ts";
import { Future } from "../tasks/future.ts";
import { currentScope, Scope } from "../scopes/scope.ts";
import { sleep } from "./sleep.ts";
import { circlesOf, findStuckTasks } from "./stuck-tasks.ts";
import { allTasks, createTask, type Task } from "../tasks/task.ts";
import { waitsOf } from "./wait-graph.ts";

async function end(...tasks: Task<unknown>[]): Promise<void> {
  for (const task of tasks) task.cancel();
  await Promise.allSettled(tasks);
}

async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await sleep(0);
}

const many = 100_000;

/** The CPU time of `work`, in milliseconds. */
function measure(work: () => void): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user / 1_000;
}

test("findStuckTasks() looks through 100,000 tasks that each await the one before, and through a circle of as many", async () => {
  const [lock, gate] = [new Lock(), new Future<void>()];
  const last = createTask(() => lock.with(async () => (await gate, await first)), { name: "last" });
  let task: Task<unknown> = last;
  for (let i = 0; i < many; i++) {
    const next = task;
    task = createTask(async () => await next);
  }
  const first: Task<unknown> = task;
  await settle();
  const free = measure(() => assert.equal(findStuckTasks([first]).size, 0));
  gate.setResult();
  await settle();
  const stuck = measure(() => {
    const found = findStuckTasks([last]);
    assert.deepEqual([found.size, ...circlesOf(found).map(({ length }) => length)], [many + 1, many + 1]);
  });
  await end(last);
  await Promise.allSettled(allTasks());
  assert.ok(free < 4_000 && stuck < 4_000, `${free} ms, ${stuck} ms`);
});

test("findStuckTasks() looks through a fan of 100,000 tasks that await one, which a gather awaits", async () => {
  const last = createTask(() => sleep(60_000));
  const fan = Array.from({ length: many }, () => createTask(async () => await last));
  const all = createTask(() => gather(fan));
  await settle();
  const ms = measure(() => assert.equal(findStuckTasks([...fan, all]).size, 0));
  await end(last);
  await Promise.allSettled(allTasks());
  assert.ok(ms < 4_000, `${ms} ms`);
});

test("findStuckTasks() looks through 100,000 nested scopes", async () => {
  const scopes: Scope[] = [];
  const last = createTask(async () => {
    let scope = currentScope();
    for (let i = 0; i < many; i++) scopes.push((scope = new Scope(scope)));
    await scope.runAsync(() => sleep(60_000), undefined);
  });
  await settle();
  const ms = measure(() => assert.deepEqual([waitsOf(last).length, findStuckTasks([last]).size], [1, 0]));
  await end(last);
  assert.ok(ms < 4_000, `${ms} ms`);
});

test("findStuckTasks() looks at 20,000 waits for 1,000 permits in time that grows with their number, not with the product", async () => {
  const db = new Semaphore(1_000);
  const last = createTask(() => sleep(60_000));
  const holders = Array.from({ length: 1_000 }, () => createTask(() => db.with(async () => await last)));
  const waiters = Array.from({ length: 20_000 }, () => createTask(() => db.acquire()));
  await settle();
  const ms = measure(() => assert.equal(findStuckTasks(allTasks()).size, 0));
  await end(...waiters, last, ...holders);
  assert.ok(ms < 2_000, `${ms} ms`);
});
