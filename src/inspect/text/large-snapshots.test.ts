// Very large snapshots. They are in a separate file, because each takes seconds.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScopeView, TaskView } from "../../asyncio/index.ts";
import { fakeSnapshot, fakeTask, fakeWait } from "./_snapshot.fixture.ts";
import { findAwaitCycles } from "./await-cycles.ts";
import { formatTable } from "./format-table.ts";
import { formatTree } from "./format-tree.ts";

// A task that is awaited by others.
function awaited(id: number, ...awaiters: number[]): TaskView {
  return fakeTask({ id, name: "t", awaitedBy: awaiters.map((awaiter) => ({ id: awaiter, callStack: [] })) });
}

const many = 100_000;

test("formatTree() counts what is too deep to be drawn: 100,000 tasks that each await the one before", () => {
  const tasks = Array.from({ length: many }, (_, i) => awaited(i + 1, ...(i === 0 ? [] : [i])));
  const lines = formatTree(fakeSnapshot(tasks), { by: "awaiter" }).split("\n");
  assert.equal(lines.length, 102);
  assert.match(lines.at(-1)!, /^ {300}└─ … and 99,899 more below$/);
});

test("formatTree() counts what is too deep to be drawn: 100,000 nested scopes", () => {
  let scope: ScopeView = fakeTask({ id: 0 });
  for (let i = 0; i < many; i++) scope = { ...fakeTask({ id: 0 }), kind: "scope", scopes: [scope] };
  const lines = formatTree({ root: scope }).split("\n");
  assert.equal(lines.length, 102);
  assert.match(lines.at(-1)!, /└─ … and 99,900 more below$/);
});

test("formatTree() draws a fan of 100,000 tasks", () => {
  const fan = Array.from({ length: many }, (_, i) => awaited(i + 2, 1));
  const shown = fakeSnapshot([awaited(1), ...fan]);
  assert.equal(formatTree(shown).split("\n").length, many + 2);
  assert.equal(formatTree(shown, { by: "awaiter" }).split("\n").length, many + 1);
});

test("findAwaitCycles() follows 100,000 tasks that each await the one before, and closes a circle of as many", () => {
  const tasks = Array.from({ length: many }, (_, i) => awaited(i + 1, ...(i === 0 ? [] : [i])));
  assert.deepEqual(findAwaitCycles(fakeSnapshot(tasks)), []);
  tasks[0] = awaited(1, many);
  const lengths = findAwaitCycles(fakeSnapshot(tasks)).map(({ length }) => length);
  assert.deepEqual(lengths, [many + 1]);
});

test("formatTable() lists 100,000 tasks, and the waits of 100,000 nested scopes", () => {
  let deep: TaskView = fakeTask({ id: 1, waits: [fakeWait("sleep")] });
  for (let i = 0; i < many; i++) deep = fakeTask({ id: 1, scopes: [deep] });
  const rows = (tasks: TaskView[]): string[] => formatTable(fakeSnapshot(tasks)).split("\n").slice(4);
  assert.match(rows([deep])[0]!, /sleep/);
  assert.equal(rows(Array.from({ length: many }, (_, id) => fakeTask({ id }))).length, many);
});
