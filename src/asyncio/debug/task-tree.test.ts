import assert from "node:assert/strict";
import { test } from "node:test";
import { Lock } from "../sync/lock.ts";
import { sleep } from "../core/sleep.ts";
import { taskGroup } from "../combine/task-group.ts";
import { createTask, type Task } from "../core/task.ts";
import { timeout } from "../combine/timeout.ts";
import { uncancellable } from "../core/uncancellable.ts";
import { enableDebug } from "./enable-debug.ts";
import { formatTaskTree, type ScopeNode, type TaskNode, taskTree } from "./task-tree.ts";

function find(task: Task<unknown>): TaskNode {
  const found = taskTree()
    .map((scope) => findIn(scope, task.id))
    .find((node) => node !== undefined);
  assert.ok(found !== undefined);
  return found;
}

function findIn({ tasks, scopes }: ScopeNode, id: number): TaskNode | undefined {
  const inTasks = tasks.map((task) => (task.id === id ? task : findIn(task.scope, id)));
  return [...inTasks, ...scopes.map((scope) => findIn(scope, id))].find((node) => node !== undefined);
}

async function end(...tasks: Task<unknown>[]): Promise<void> {
  for (const task of tasks) task.cancel();
  await Promise.allSettled(tasks);
}

test("taskTree() gives tasks under the scopes that own them, with limits and waits", async () => {
  const parent = createTask(
    () => timeout(60_000, () => taskGroup((group) => void group.createTask(() => sleep(30_000), { name: "child" }))),
    { name: "parent" },
  );
  await sleep(0);
  await sleep(0);
  const text = formatTaskTree([find(parent).scope])
    .replaceAll(/\d+ ms left/g, "soon")
    .replaceAll(/for \d+ ms/g, "for a while")
    .replaceAll(/\(\d+\)/g, "(n)");
  await end(parent);
  assert.equal(
    text,
    `task
└── timeout [soon]
    ├── waits for taskGroup of child, for a while
    └── taskGroup
        └── task child (n)
            └── waits for sleep, for a while, soon`,
  );
});

test("taskTree() tells who holds what is waited for", async () => {
  const lock = new Lock({ name: "db" });
  const holder = createTask(() => lock.with(() => sleep(30_000)), { name: "holder" });
  const waiter = createTask(() => lock.acquire(), { name: "waiter" });
  await sleep(0);
  const [found] = find(waiter).scope.waits;
  await end(holder, waiter);
  assert.deepEqual([found?.resource, found?.heldBy, found?.dueIn], ["Lock db", "holder", undefined]);
});

test("taskTree() shows waits that no cancellation reaches, and who was asked to stop", async () => {
  const task = createTask(() => uncancellable(() => sleep(20)), { name: "stubborn" });
  await sleep(0);
  task.cancel("enough");
  const { scope } = find(task);
  await end(task);
  assert.equal(scope.cancelled, "enough");
  assert.deepEqual(
    scope.scopes.map(({ masked, waits }) => [masked, waits.length]),
    [[true, 1]],
  );
});

test("taskTree() shows in debug mode where tasks were created and where they wait", async () => {
  const stop = enableDebug({ slowStepDuration: Infinity });
  const task = createTask(async function nap() {
    await sleep(30_000);
  });
  await sleep(0);
  const { creationStack, scope } = find(task);
  await end(task);
  await stop();
  assert.match(creationStack?.[0] ?? "", /task-tree\.test\.ts:/);
  assert.match(scope.waits[0]?.callStack?.[0] ?? "", /^nap \(.*task-tree\.test\.ts:/);
});
