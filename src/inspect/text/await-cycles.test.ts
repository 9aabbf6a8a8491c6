import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeSnapshot, fakeTask } from "./_snapshot.fixture.ts";
import { findAwaitCycles } from "./await-cycles.ts";
import type { Snapshot } from "../record/snapshot.ts";

// Tasks by their numbers, each with the numbers of those that await it.
function tasks(awaiters: Record<number, number[]>): Snapshot {
  const views = Object.entries(awaiters).map(([id, ids]) =>
    fakeTask({ id: Number(id), name: `task ${id}`, awaitedBy: ids.map((awaiter) => ({ id: awaiter, callStack: [] })) }),
  );
  return fakeSnapshot(views);
}

const cases: { name: string; awaiters: Record<number, number[]>; expected: number[][] }[] = [
  { name: "finds none in a tree", awaiters: { 1: [], 2: [1], 3: [1, 2] }, expected: [] },
  {
    name: "finds a circle (TestAsyncioToolsBasic test_cycle_detection)",
    awaiters: { 1: [3], 3: [2], 2: [3] },
    expected: [[3, 2, 3]],
  },
  {
    name: "finds several circles through one task (TestAsyncioToolsBasic test_multiple_cycles_same_node)",
    awaiters: { 1: [2, 3], 2: [1], 3: [1] },
    expected: [
      [1, 2, 1],
      [1, 3, 1],
    ],
  },
  {
    name: "finds a task that awaits itself (TestAsyncioToolsEdgeCases test_task_awaits_self)",
    awaiters: { 1: [1] },
    expected: [[1, 1]],
  },
  {
    name: "passes by an awaiter that is unknown (TestAsyncioToolsEdgeCases test_task_with_missing_awaiter_id)",
    awaiters: { 1: [999] },
    expected: [],
  },
];

for (const { name, awaiters, expected } of cases) {
  test(`findAwaitCycles() ${name}`, () => {
    const order = Object.keys(awaiters).map(Number);
    const found = findAwaitCycles(tasks(awaiters));
    assert.deepEqual(
      found.map((cycle) => rotate(cycle, order)),
      expected.map((cycle) => rotate(cycle, order)),
    );
  });
}

// A circle may begin anywhere: from its smallest number on.
function rotate(cycle: number[], order: number[]): number[] {
  const ring = cycle.slice(0, -1);
  const first = ring.indexOf(order.find((id) => ring.includes(id)) ?? ring[0]!);
  const turned = [...ring.slice(first), ...ring.slice(0, first)];
  return [...turned, turned[0]!];
}

test("findAwaitCycles() looks at each task once, however many ways lead to it", () => {
  const ladder: Record<number, number[]> = { 0: [], 1: [] };
  for (let i = 2; i < 80; i += 2) {
    ladder[i] = [i - 2, i - 1];
    ladder[i + 1] = [i - 2, i - 1];
  }
  assert.deepEqual(findAwaitCycles(tasks(ladder)), []);
});
