import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../combine/gather.ts";
import { Lock } from "../../sync/lock.ts";
import { race } from "../../combine/race.ts";
import { sleep } from "./sleep.ts";
import { allTasks, createTask, type Task } from "../tasks/task.ts";
import { circlesOf, findStuckTasks } from "./stuck-tasks.ts";

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
