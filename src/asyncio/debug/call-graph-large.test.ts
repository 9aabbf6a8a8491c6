// Very large graphs. They are in a separate file, because building each takes seconds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shield } from "../combine/shield.ts";
import { sleep } from "../core/waits/sleep.ts";
import { createTask, type Task } from "../core/tasks/task.ts";
import { type CallGraph, captureCallGraph, formatCallGraph } from "./call-graph.ts";

async function turns(): Promise<void> {
  await sleep(0);
  await sleep(0);
}

const many = 100_000;

test("captureCallGraph() follows 100,000 tasks that each await the one before; formatCallGraph() counts the last", async () => {
  const leaf: Task<unknown> = createTask(() => sleep(30_000), { name: "leaf" });
  let task = leaf;
  for (let i = 0; i < many; i++) {
    const next = task;
    task = createTask(async () => await next);
  }
  await turns();
  let depth = 0;
  for (let graph: CallGraph | undefined = captureCallGraph(leaf); graph !== undefined; graph = graph.awaitedBy[0])
    depth++;
  const text = formatCallGraph(leaf);
  leaf.cancel();
  await Promise.allSettled([task]);
  assert.equal(depth, many + 1);
  assert.match(text, /\n {404}… and 99,900 more$/);
  assert.ok(text.length < 100_000, `${text.length} characters`);
});

test("captureCallGraph() looks through 10,000 shields of each other, and gives a fan of 10,000 awaiters", async () => {
  const leaf: Task<unknown> = createTask(() => sleep(30_000), { name: "leaf" });
  let outer = leaf;
  for (let i = 0; i < 10_000; i++) outer = shield(outer);
  const top = createTask(async () => await outer, { name: "top" });
  const fan = Array.from({ length: 10_000 }, () => createTask(async () => await leaf));
  await turns();
  const graph = captureCallGraph(leaf)!;
  leaf.cancel();
  await Promise.allSettled([top, ...fan]);
  assert.equal(graph.awaitedBy.length, 10_001);
  assert.ok(graph.awaitedBy.some(({ subject }) => subject === top));
});
