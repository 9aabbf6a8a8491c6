import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../combine/gather.ts";
import { Lock } from "../sync/lock.ts";
import { race } from "../combine/race.ts";
import { sleep } from "../core/sleep.ts";
import { allTasks, createTask, type Task } from "../core/task.ts";
import { Future } from "./future.ts";
import { currentScope, Scope } from "./scope.ts";
import { circlesOf, findStuckTasks } from "./stuck-tasks.ts";
import { waitsOf } from "./wait-graph.ts";

async function end(...tasks: Task<unknown>[]): Promise<void> {
  for (const task of tasks) task.cancel();
  await Promise.allSettled(tasks);
}

/** The names of the stuck tasks, and of those in each circle. */
function look(): { stuck: string[]; circles: string[][] } {
  const stuck = findStuckTasks([...allTasks()]);
  const circles = circlesOf(stuck).map((circle) => circle.map(({ task }) => task.name).sort());
  return { stuck: [...stuck.keys()].map(({ name }) => name).sort(), circles };
}

/** Two tasks, each of which holds one lock and waits for the other. */
function plant(): { left: Task<unknown>; right: Task<unknown> } {
  const [one, two] = [new Lock({ name: "one" }), new Lock({ name: "two" })];
  const cross = (first: Lock, second: Lock) => () => first.with(async () => sleep(0).then(() => second.acquire()));
  return {
    left: createTask(cross(one, two), { name: "left" }),
    right: createTask(cross(two, one), { name: "right" }),
  };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await sleep(0);
}

test("findStuckTasks() finds two tasks that hold each other's lock, and who waits for them", async () => {
  const { left, right } = plant();
  const behind = createTask(() => left, { name: "behind" });
  const free = createTask(() => sleep(60_000), { name: "free" });
  await settle();
  const found = look();
  await end(left, right, behind, free);
  assert.deepEqual(found, { stuck: ["behind", "left", "right"], circles: [["left", "right"]] });
});

test("findStuckTasks() takes a task for free while one of its flows can go on", async () => {
  const { left, right } = plant();
  const hopeful = createTask(() => Promise.all([left, sleep(60_000)]), { name: "hopeful" });
  const racing = createTask(() => race(left, () => sleep(60_000)), { name: "racing" });
  await settle();
  const found = look();
  await end(hopeful, racing, left, right);
  assert.deepEqual(found.stuck, ["left", "right"]);
});

test("findStuckTasks() takes a gather for stuck when one child is", async () => {
  const { left, right } = plant();
  const gathering = createTask(() => gather(left, () => sleep(60_000)), { name: "gathering" });
  await settle();
  const found = look();
  await end(gathering, left, right);
  assert.ok(found.stuck.includes("gathering"), String(found.stuck));
  assert.equal(found.circles.length, 1);
});

test("findStuckTasks() finds a task that waits for a lock that it holds itself", async () => {
  const lock = new Lock();
  const task = createTask(() => lock.with(() => lock.acquire()), { name: "self" });
  await settle();
  const found = look();
  await end(task);
  assert.deepEqual(found, { stuck: ["self"], circles: [["self"]] });
});

const many = 100_000;

/** What `look` takes, in milliseconds of CPU. */
function measure(look: () => void): number {
  const before = process.cpuUsage();
  look();
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
