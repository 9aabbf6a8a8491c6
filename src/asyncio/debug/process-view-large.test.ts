// A very large process. It is in a separate file, because building it takes seconds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type TaskGroup, taskGroup } from "../combine/task-group.ts";
import { currentScope, Scope } from "../core/scopes/scope.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, type Task } from "../core/tasks/task.ts";
import { type ScopeView, viewProcess } from "./process-view.ts";

async function settle(): Promise<void> {
  for (let i = 0; i < 6; i++) await sleep(0);
}

const many = 100_000;

/** The depth to which scopes and tasks are nested in a view. */
function depthOf(root: ScopeView): number {
  let depth = 0;
  let scope: ScopeView | undefined = root;
  for (; scope !== undefined; scope = scope.tasks.at(-1) ?? scope.scopes.at(-1)) depth++;
  return depth;
}

test("viewProcess() shows with limit Infinity 100,000 nested scopes, a chain of 100,000 tasks, and a fan of 10,000", async () => {
  const scopes: Scope[] = [];
  const nest = createTask(async () => {
    let scope = currentScope();
    for (let i = 0; i < many; i++) scopes.push((scope = new Scope(scope)));
    await scope.runAsync(() => sleep(60_000), undefined);
  });
  const last = createTask(() => sleep(60_000), { name: "last" });
  let task: Task<unknown> = last;
  for (let i = 0; i < many; i++) {
    const next = task;
    task = createTask(async () => await next);
  }
  const fan = createTask(() => taskGroup((group) => startMany(group, 10_000)), { name: "fan" });
  await settle();
  const { root } = viewProcess({ limit: Infinity, awaiters: true });
  const shown = new Map(root.tasks.map((view) => [view.id, view]));
  const bounded = viewProcess();
  for (const one of [nest, last, fan]) one.cancel();
  await Promise.allSettled([nest, task, fan]);
  assert.equal(depthOf(shown.get(nest.id)!), many + 1);
  assert.equal(root.tasks.length, many + 3);
  assert.deepEqual(shown.get(last.id)!.awaitedBy, [{ id: last.id + 1, callStack: [] }]);
  assert.deepEqual(shown.get(task.id)!.awaitedBy, []);
  assert.equal(shown.get(fan.id)!.scopes[0]!.tasks.length, 10_000);
  assert.ok(bounded.root.tasks.length < 20);
});

function startMany(group: TaskGroup, count: number): void {
  for (let i = 0; i < count; i++) group.createTask(() => sleep(60_000));
}
