import assert from "node:assert/strict";
import { test } from "node:test";
import { captureCallGraph, type CallGraph, formatCallGraph, printCallGraph } from "./call-graph.ts";
import { enableDebug } from "./enable-debug.ts";
import { Future } from "../core/tasks/future.ts";
import { gather } from "../combine/gather.ts";
import { Lock } from "../sync/lock.ts";
import { shield } from "../combine/shield.ts";
import { sleep } from "../core/waits/sleep.ts";
import { taskGroup } from "../combine/task-group.ts";
import { createTask, currentTask, type Task } from "../core/tasks/task.ts";
import { timeout } from "../combine/timeout.ts";
import { wait } from "../combine/wait.ts";

// Before Node 26, V8 does not know which code awaits a task at the moment when the task's `then` is called.
const seesAwaits = Number.parseInt(process.versions.node, 10) >= 26;
const needsAwaits = { skip: seesAwaits ? false : "the platform does not tell" };

// The form of asyncio's tests, which use nested lists: the name, and the tasks that await it.
type Chain = [name: string, awaitedBy: Chain[]];

function chainOf({ subject, awaitedBy }: CallGraph): Chain {
  return [subject.name, awaitedBy.map(chainOf)];
}

// `depth` leaves out this function.
function capture(subject?: Task<unknown> | Future<unknown>): CallGraph {
  const graph = captureCallGraph(subject, { depth: subject === undefined ? 1 : 0 });
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
    await stop();
  }
}

async function turns(): Promise<void> {
  await sleep(0);
  await sleep(0);
}

// asyncio's scene: a leaf in a group, awaited by the group's parent and by two siblings.
async function groupScene(): Promise<CallGraph> {
  let graph: CallGraph | undefined;
  async function c5(): Promise<void> {
    await turns();
    graph = capture();
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
  assert.ok(graph !== undefined);
  return graph;
}

// A leaf that captures its own call graph when all tasks wait.
function createLeaf(found: CallGraph[]): Task<void> {
  async function leaf(): Promise<void> {
    await turns();
    found.push(capture());
  }
  return createTask(leaf, { name: "leaf" });
}

// Runs a scene that `main` makes, and returns the call graph that the leaf captured.
async function lookFrom(main: (leaf: Task<void>) => Promise<unknown>): Promise<CallGraph> {
  const found: CallGraph[] = [];
  await createTask(() => main(createLeaf(found)), { name: "main" });
  return found[0]!;
}

test("captureCallGraph() gives a group's leaf with its parent and both siblings that await it (test_stack_tgroup)", async () => {
  const graph = await groupScene();
  assert.deepEqual(functions(graph.callStack), ["c5", "async c4", "async c3", "async c2"]);
  assert.deepEqual(chainOf(graph), [
    "c2_root",
    [
      ["root", []],
      ["sub_main_1", [["root", []]]],
      ["sub_main_2", [["root", []]]],
    ],
  ]);
  assert.deepEqual(
    graph.awaitedBy[0]!.waits.map(({ callStack }) => callStack),
    [undefined],
  );
});

test("captureCallGraph() shows in debug mode the calls of those who wait (test_stack_tgroup)", needsAwaits, () =>
  inDebugMode(async () => {
    const [root, first, second] = (await groupScene()).awaitedBy;
    assert.deepEqual(functions(root!.waits[0]!.callStack), ["async main"]);
    assert.deepEqual(functions(first!.waits[0]!.callStack), ["async c1"]);
    assert.deepEqual(functions(second!.waits[0]!.callStack), ["async c1"]);
  }),
);

test("captureCallGraph() looks through gather() (test_stack_gather)", async () => {
  const graph = await lookFrom(async (leaf) => gather(leaf, () => sleep(0)));
  assert.deepEqual(chainOf(graph), ["leaf", [["main", []]]]);
  assert.match(graph.awaitedBy[0]!.waits[0]!.resource, /^gather of (Task-\d+, )?leaf$/);
});

test("captureCallGraph() looks through gather() of functions, and of gather()s (test_stack_gather)", async () => {
  let graph: CallGraph | undefined;
  const look = async (): Promise<void> => {
    await turns();
    graph = capture();
  };
  await createTask(async () => gather(() => gather(look)), { name: "main" });
  const [inner, [[middle, outer] = []]] = chainOf(graph!);
  assert.notEqual(inner, middle);
  assert.deepEqual(outer, [["main", []]]);
});

test("captureCallGraph() shows in debug mode the calls that led to a gather() (test_stack_gather)", needsAwaits, () =>
  inDebugMode(async () => {
    async function inner(leaf: Task<void>): Promise<void> {
      await gather(leaf);
    }
    async function main(leaf: Task<void>): Promise<void> {
      await inner(leaf);
    }
    const graph = await lookFrom(main);
    assert.deepEqual(functions(graph.callStack), ["leaf"]);
    assert.deepEqual(functions(graph.awaitedBy[0]!.waits[0]!.callStack).slice(0, 2), ["async inner", "async main"]);
  }),
);

test("captureCallGraph() does not take a task that a gathered one created in passing for gathered", async () => {
  const bystander = Promise.withResolvers<{ task: Task<unknown> }>();
  async function child(): Promise<void> {
    const task = createTask(() => sleep(60_000), { name: "bystander" });
    bystander.resolve({ task });
    await sleep(60_000);
  }
  const main = createTask(() => gather(child), { name: "main" });
  const { task } = await bystander.promise;
  await turns();
  const resources = capture(main).waits.map(({ resource }) => resource);
  const awaitedBy = capture(task).awaitedBy;
  main.cancel();
  await assert.rejects(main);
  assert.match(resources.join(), /^gather of child$/);
  assert.deepEqual(awaitedBy, []);
});

test("captureCallGraph() looks through shield() (test_stack_shield)", async () => {
  const graph = await lookFrom(async (leaf) => shield(leaf));
  assert.deepEqual(chainOf(graph), ["leaf", [["main", []]]]);
  assert.equal(graph.awaitedBy[0]!.waits[0]!.resource, "shield of leaf");
});

test("captureCallGraph() looks through wait() (test_stack_wait)", async () => {
  const graph = await lookFrom(async (leaf) => wait([leaf]));
  assert.deepEqual(chainOf(graph), ["leaf", [["main", []]]]);
});

test("captureCallGraph() looks through timeout() (test_stack_timeout)", async () => {
  const graph = await lookFrom(async (leaf) => timeout(60_000, () => leaf));
  assert.deepEqual(chainOf(graph), ["leaf", [["main", []]]]);
});

test("captureCallGraph() shows async generators among the calls (test_stack_async_gen)", async () => {
  let graph: CallGraph | undefined;
  async function* generate(): AsyncGenerator<number> {
    await sleep(0);
    graph = capture();
    yield 1;
  }
  async function consume(): Promise<void> {
    for await (const _ of generate()) await sleep(0);
  }
  await createTask(consume, { name: "main" });
  assert.deepEqual(functions(graph!.callStack), ["generate", "async consume"]);
});

test("captureCallGraph() gives a named task and who awaits it (test_stack_task)", async () => {
  const task = createTask(() => sleep(60_000), { name: "there there" });
  const parent = createTask(() => task, { name: "parent" });
  await turns();
  assert.deepEqual(chainOf(capture(task)), ["there there", [["parent", []]]]);
  assert.deepEqual(
    capture(task).waits.map(({ resource }) => resource),
    ["sleep"],
  );
  parent.cancel();
  await assert.rejects(parent, { name: "CancelledError" });
});

test("captureCallGraph() lists both tasks that await a future (test_stack_future)", async () => {
  const future = new Future<number>({ name: "answer" });
  const tasks = ["one", "two"].map((name) => createTask(() => future, { name }));
  await turns();
  assert.deepEqual(chainOf(capture(future)), [
    "answer",
    [
      ["one", []],
      ["two", []],
    ],
  ]);
  future.setResult(42);
  assert.deepEqual(await Promise.all(tasks), [42, 42]);
});

test("captureCallGraph() gives the holder of a lock that is waited for", async () => {
  const lock = new Lock({ name: "db" });
  const holder = createTask(() => lock.with(() => sleep(60_000)), { name: "holder" });
  const waiter = createTask(() => lock.acquire(), { name: "waiter" });
  await turns();
  const [found] = capture(waiter).waits;
  assert.deepEqual([found?.resource, found?.heldBy], ["Lock db", holder]);
  holder.cancel();
  waiter.cancel();
  await Promise.allSettled([holder, waiter]);
});

test("captureCallGraph() gives a circle of tasks as one", async () => {
  await using circle = createCircle();
  const [a, b] = circle.tasks;
  await turns();
  const graph = capture(a);
  assert.equal(graph.awaitedBy[0]!.subject, b);
  assert.equal(graph.awaitedBy[0]!.awaitedBy[0], graph);
});

interface Circle extends AsyncDisposable {
  readonly tasks: [Task<unknown>, Task<unknown>];
}

// Two tasks that await each other until one of them is cancelled.
function createCircle(): Circle {
  const end = new Future();
  const a: Task<unknown> = createTask(async () => await b, { name: "a" });
  const b: Task<unknown> = createTask(async () => await Promise.race([a, end]), { name: "b" });
  return {
    tasks: [a, b],
    async [Symbol.asyncDispose]() {
      end.setResult();
      await Promise.all([a, b]);
    },
  };
}

test("captureCallGraph() gives nothing outside any task", () => {
  assert.equal(currentTask(), undefined);
  assert.equal(captureCallGraph(), undefined);
  assert.equal(formatCallGraph(), "");
});

test("captureCallGraph() cuts the calls by depth and limit", async () => {
  function names(depth: number, limit: number): string[] {
    return functions(captureCallGraph(undefined, { depth, limit })!.callStack);
  }
  function one(...cut: [number, number]): string[] {
    return names(...cut);
  }
  function two(...cut: [number, number]): string[] {
    return one(...cut);
  }
  await createTask(async function three() {
    assert.deepEqual(two(0, Infinity), ["names", "one", "two", "three"]);
    assert.deepEqual(two(1, 2), ["one", "two"]);
    assert.deepEqual(two(1, -1), ["three"]);
    assert.deepEqual(two(1, -Infinity), ["one", "two", "three"]);
    assert.deepEqual(two(0, 0), []);
  });
});

test("captureCallGraph() refuses depths and limits that are none", () => {
  assert.throws(() => captureCallGraph(undefined, { depth: -1 }), /depth must be >= 0: current value is -1/);
  assert.throws(() => captureCallGraph(undefined, { depth: Number.NaN }), RangeError);
  assert.throws(() => captureCallGraph(undefined, { limit: 1.5 }), RangeError);
  assert.throws(() => captureCallGraph(undefined, { limit: "2" as never }), TypeError);
});

test("formatCallGraph() shows each task once, however many await it", async () => {
  const leaf = createTask(() => sleep(30_000), { name: "leaf" });
  const middle = [1, 2, 3].map((n) => createTask(() => leaf, { name: `middle ${n}` }));
  const root = createTask(() => gather(middle), { name: "root" });
  await turns();
  const text = formatCallGraph(leaf);
  leaf.cancel();
  await assert.rejects(root);
  assert.equal(text.match(/task root \(\d+\)$/gm)?.length, 1);
  assert.equal(text.match(/task root \(\d+\), see above$/gm)?.length, 2);
});

test("formatCallGraph() of a ladder of shared tasks grows with the tasks, not with the ways", async () => {
  const leaf: Task<unknown> = createTask(() => sleep(30_000), { name: "leaf" });
  let rung = [leaf];
  for (let i = 0; i < 20; i++) {
    const below = rung;
    rung = ["left", "right"].map((side) => createTask(() => gather(below), { name: `${side} ${i}` }));
  }
  await turns();
  const lines = formatCallGraph(leaf).split("\n").length;
  assert.ok(lines < 300, `${lines} lines`);
  leaf.cancel();
  await Promise.allSettled(rung);
});

test("formatCallGraph() of a circle of tasks comes to an end", async () => {
  await using circle = createCircle();
  const [a] = circle.tasks;
  await turns();
  assert.match(
    formatCallGraph(a),
    /^\* task a \(\d+\)\n {2}\+ waits for task b.*\n {2}\+ awaited by:\n {4}\* task b [^]*\* task a \(\d+\), see above$/,
  );
});

test("formatCallGraph() shows the calls of the code that asks, and of those who wait in debug mode", needsAwaits, () =>
  inDebugMode(async () => {
    const child = createTask(
      async function work() {
        await turns();
        return formatCallGraph();
      },
      { name: "child" },
    );
    const text = await createTask(
      async function boss() {
        return await child;
      },
      { name: "parent" },
    );
    assert.match(
      text,
      /^\* task child \(\d+\)\n {2}\+ call stack:\n {2}\| {3}work \(file:.*\n {2}\+ awaited by:\n {4}\* task parent/,
    );
    assert.match(text, / {6}\| {3}async boss \(file:/);
  }),
);

test("printCallGraph() prints on standard error", async (t) => {
  const print = t.mock.method(console, "error", () => undefined);
  await createTask(async () => printCallGraph(), { name: "me" });
  printCallGraph();
  assert.match(String(print.mock.calls[0]?.arguments[0]), /^\* task me/);
  assert.deepEqual(print.mock.calls[1]?.arguments, ["(outside any task)"]);
});
