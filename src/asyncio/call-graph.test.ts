import assert from "node:assert/strict";
import { test } from "node:test";
import { captureCallGraph, type CallGraph, formatCallGraph, printCallGraph } from "./call-graph.ts";
import { enableDebug } from "./debug/enable-debug.ts";
import { Future } from "./future.ts";
import { gather } from "./gather.ts";
import { Lock } from "./lock.ts";
import { shield } from "./shield.ts";
import { sleep } from "./sleep.ts";
import { taskGroup } from "./task-group.ts";
import { createTask, currentTask, type Task } from "./task.ts";
import { timeout } from "./timeout.ts";
import { wait } from "./wait.ts";

// What asyncio's tests give as nested lists: the name, and those who await it.
type Chain = [name: string, awaitedBy: Chain[]];

function chainOf({ subject, awaitedBy }: CallGraph): Chain {
  return [subject.name, awaitedBy.map(chainOf)];
}

function capture(subject?: Task<unknown> | Future<unknown>): CallGraph {
  const graph = captureCallGraph(subject);
  assert.ok(graph !== undefined);
  return graph;
}

// The functions of a call stack, as asyncio's tests show them.
function functions(calls: readonly string[] | undefined): string[] {
  return (calls ?? []).map((call) => call.replace(/ \(.*$/, ""));
}

async function inDebugMode(body: () => Promise<void>): Promise<void> {
  const stop = enableDebug({ slowStepDuration: Infinity });
  try {
    await body();
  } finally {
    stop();
  }
}

async function turns(): Promise<void> {
  await sleep(0);
  await sleep(0);
}

// asyncio's scene: a leaf in a group, awaited by the group's parent and by two siblings.
async function groupScene(look: () => void): Promise<void> {
  async function c5(): Promise<void> {
    await turns();
    look();
  }
  async function c4(): Promise<void> {
    await turns();
    await c5();
  }
  async function c3(): Promise<void> {
    await c4();
  }
  async function c2(): Promise<void> {
    await c3();
  }
  async function c1(task: Task<void>): Promise<void> {
    await task;
  }
  async function main(): Promise<void> {
    await taskGroup(async (group) => {
      const leaf = group.createTask(c2, { name: "c2_root" });
      group.createTask(() => c1(leaf), { name: "sub_main_1" });
      group.createTask(() => c1(leaf), { name: "sub_main_2" });
    });
  }
  await createTask(main, { name: "root" });
}

test("captureCallGraph() gives a group's leaf with its parent and both siblings that await it (test_stack_tgroup)", async () => {
  let graph: CallGraph | undefined;
  await groupScene(() => (graph = capture()));
  assert.deepEqual(functions(graph!.callStack).filter((name) => name !== "look"), ["groupScene.look", "c5", "async c4", "async c3", "async c2"].filter((name) => functions(graph!.callStack).includes(name)));
  assert.deepEqual(chainOf(graph!), ["c2_root", [["root", []], ["sub_main_1", [["root", []]]], ["sub_main_2", [["root", []]]]]]);
});

test("captureCallGraph() shows in debug mode the calls of those who wait (test_stack_tgroup)", () =>
  inDebugMode(async () => {
    let graph: CallGraph | undefined;
    await groupScene(() => (graph = capture()));
    const [root, first] = graph!.awaitedBy;
    assert.deepEqual(functions(root!.waits[0]!.callStack), ["async main"]);
    assert.deepEqual(functions(first!.waits[0]!.callStack), ["async c1"]);
  }));
