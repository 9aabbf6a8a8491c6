import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { runInThisContext } from "node:vm";
import { Event } from "../sync/event.ts";
import { gather } from "../combine/gather.ts";
import { getEventLoop } from "../run/new-event-loop.ts";
import { Lock } from "../sync/lock.ts";
import { ambientExpression } from "../core/state/ambient.ts";
import { ScopeTimer } from "../core/scopes/scope-timer.ts";
import { currentScope, Scope } from "../core/scopes/scope.ts";
import { sleep } from "../core/waits/sleep.ts";
import { taskGroup } from "../combine/task-group.ts";
import { allTasks, createTask, type Task } from "../core/tasks/task.ts";
import { timeout } from "../combine/timeout.ts";
import { uncancellable } from "../core/scopes/uncancellable.ts";
import { type ProcessViewOptions, type ScopeView, type TaskView, viewProcess } from "./process-view.ts";
import { enableDebug } from "./enable-debug.ts";
import { publishView } from "./publish-view.ts";

async function settle(): Promise<void> {
  for (let i = 0; i < 6; i++) await sleep(0);
}

/** Cancels the tasks at the end of the test. */
function endAfter(context: TestContext, ...tasks: Task<unknown>[]): void {
  context.after(async () => {
    for (const task of tasks) task.cancel();
    await Promise.allSettled(allTasks());
  });
}

function find({ tasks, scopes }: ScopeView, name: string): TaskView | undefined {
  for (const task of tasks) {
    const found = task.name === name ? task : find(task, name);
    if (found !== undefined) return found;
  }
  return scopes.map((scope) => find(scope, name)).find((found) => found !== undefined);
}

function countShown({ tasks, scopes }: ScopeView): number {
  const below = [...tasks, ...scopes].reduce((sum, scope) => sum + countShown(scope), 0);
  return tasks.length + below;
}

function countFolded({ tasks, scopes, folded }: ScopeView): number {
  const own = folded.reduce((sum, { count, below }) => sum + count + below, 0);
  return own + [...tasks, ...scopes].reduce((sum, scope) => sum + countFolded(scope), 0);
}

test("viewProcess() shows who waits for what, since when, and who holds it", async (context) => {
  const loop = getEventLoop();
  const start = loop.time();
  const name = `ledger-${Math.floor(Math.random() * 1e9)}`;
  const lock = new Lock({ name });
  const keeper = createTask(() => lock.with(() => sleep(60_000)), { name: "keeper" });
  const seeker = createTask(() => timeout(30_000, () => lock.acquire()), { name: "seeker" });
  endAfter(context, keeper, seeker);
  await settle();
  await sleep(30);
  const view = viewProcess();
  const passed = loop.time() - start;
  const found = find(view.root, "seeker");
  const [limit] = found!.scopes;
  const [wait] = limit!.waits;
  assert.equal(found!.state, "waiting");
  assert.ok(limit!.dueIn! > 29_000 && limit!.dueIn! < 30_000);
  assert.deepEqual([wait!.resource, wait!.heldBy], [`Lock ${name}`, { id: keeper.id, name: "keeper" }]);
  assert.ok(wait!.ms >= 29 && wait!.ms <= passed, `${wait!.ms} of ${passed}`);
});

test("viewProcess() tells what a task does: runs, waits, stops, or is stuck", async (context) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const [lock, gate] = [new Lock(), new Event()];
  const running = createTask(() => promise, { name: "running" });
  const stopping = createTask(() => uncancellable(() => gate.wait()), { name: "stopping" });
  const stuck = createTask(() => lock.with(() => lock.acquire()), { name: "stuck" });
  const waiting = createTask(() => sleep(60_000), { name: "waiting" });
  endAfter(context, stuck, waiting);
  await settle();
  stopping.cancel("enough");
  const { root, counts, deadlocks } = viewProcess();
  resolve();
  gate.set();
  await Promise.allSettled([running, stopping]);
  for (const name of ["running", "stopping", "stuck", "waiting"]) assert.equal(find(root, name)?.state, name);
  assert.deepEqual(counts, { running: 1, waiting: 1, stopping: 1, stuck: 1 });
  assert.equal(find(root, "stopping")?.stopping, "enough");
  assert.deepEqual(
    deadlocks.map((circle) => circle.map(({ task, blocker }) => [task.name, blocker.name])),
    [[["stuck", "stuck"]]],
  );
});

test("viewProcess() counts 10,000 equal tasks instead of showing them, and shows what stands out", async (context) => {
  const lock = new Lock({ name: "needle" });
  const group = createTask(
    () =>
      taskGroup(async (tasks) => {
        for (let i = 0; i < 5_000; i++) tasks.createTask(() => sleep(60_000));
        tasks.createTask(() => lock.with(() => sleep(60_000)), { name: "keeper" });
        tasks.createTask(() => lock.acquire(), { name: "seeker" });
        for (let i = 0; i < 5_000; i++)
          tasks.createTask(() =>
            gather(
              () => sleep(60_000),
              () => sleep(60_000),
            ),
          );
      }),
    { name: "group" },
  );
  endAfter(context, group);
  await settle();
  const view = viewProcess({ limit: 100 });
  const total = Object.values(view.counts).reduce((sum, count) => sum + count, 0);
  assert.ok(find(view.root, "keeper") !== undefined && find(view.root, "seeker") !== undefined);
  assert.ok(countShown(view.root) <= 100, String(countShown(view.root)));
  assert.equal(countShown(view.root) + countFolded(view.root), total);
  assert.ok(JSON.stringify(view).length < 100_000);
  const large = find(view.root, "group")!.scopes[0]!.folded.map(({ count, waits }) => [
    count > 4_900,
    waits?.split(" ")[0],
  ]);
  // The tasks that call `gather`, and the gathers themselves.
  assert.deepEqual(large, [
    [true, "sleep"],
    [true, "gather"],
    [true, "gather"],
  ]);
});

test("viewProcess() cuts tasks that are owned by each other very deep", async (context) => {
  const nest = (depth: number): Promise<void> =>
    taskGroup((group) => void group.createTask(() => (depth === 0 ? sleep(60_000) : nest(depth - 1))));
  const task = createTask(() => nest(150), { name: "deep" });
  endAfter(context, task);
  for (let i = 0; i < 400; i++) await sleep(0);
  const view = viewProcess();
  assert.ok(countShown(view.root) < 70);
  assert.equal(view.counts.waiting, 152);
});

test("viewProcess() looks through 150,000 flows of one task", async (context) => {
  const [opened, over] = [new Event(), new Event()];
  const scopes: Scope[] = [];
  const task = createTask(async () => {
    for (let i = 0; i < 150_000; i++) scopes.push(new Scope(currentScope(), { kind: "flow" }));
    opened.set();
    await over.wait();
    for (const scope of scopes) await scope.close();
  });
  endAfter(context, task);
  await opened.wait();
  const found = viewProcess().root.tasks.find(({ id }) => id === task.id);
  assert.equal(found!.scopes.length + found!.more, 150_000);
  over.set();
  await task;
});

test("viewProcess() shows the time that a scope has, and finds deadlocks behind it", async (context) => {
  const lock = new Lock();
  const task = createTask(
    async () => {
      const timer = new ScopeTimer(currentScope(), 1_000, () => {});
      try {
        await lock.with(() => lock.acquire());
      } finally {
        timer.stop();
      }
    },
    { name: "request" },
  );
  endAfter(context, task);
  await settle();
  const { root, deadlocks } = viewProcess();
  const found = find(root, "request")!;
  assert.deepEqual([found.state, found.scopes.length, found.waits.length], ["stuck", 0, 1]);
  assert.ok(found.dueIn! > 500 && found.dueIn! <= 1_000);
  assert.equal(deadlocks.length, 1);
});

test("viewProcess() leaves out what is to be hidden, with all that belongs to it", async (context) => {
  const hidden = createTask(() => taskGroup((group) => void group.createTask(() => sleep(60_000), { name: "child" })), {
    name: "hidden",
  });
  endAfter(context, hidden);
  await settle();
  const { root, counts } = viewProcess({ hide: (task) => task === hidden });
  assert.deepEqual([find(root, "hidden"), find(root, "child"), counts.waiting], [undefined, undefined, 0]);
});

test("publishView() has those who look from outside see another view, until it is taken back", () => {
  const look = (): { program: string } => {
    const { show } = runInThisContext(ambientExpression("view")) as { show: (options: ProcessViewOptions) => string };
    return JSON.parse(show({ limit: 1 })) as { program: string };
  };
  const before = look().program;
  const withdraw = publishView((options) => ({ ...viewProcess(options), program: `limit ${options.limit}` }));
  assert.equal(look().program, "limit 1");
  withdraw();
  assert.equal(look().program, before);
});

test("viewProcess() shows waits that no cancellation reaches, and who was asked to stop", async () => {
  const task = createTask(() => uncancellable(() => sleep(20)), { name: "stubborn" });
  await settle();
  task.cancel("enough");
  const found = find(viewProcess().root, "stubborn")!;
  await Promise.allSettled([task]);
  assert.equal(found.stopping, "enough");
  assert.deepEqual(
    found.scopes.map(({ masked, waits }) => [masked, waits.length]),
    [[true, 1]],
  );
});

test("viewProcess() shows with stacks where tasks were created and where they wait, in debug mode", async (context) => {
  const stop = enableDebug({ slowStepDuration: Infinity });
  const task = createTask(
    async function nap() {
      await sleep(30_000);
    },
    { name: "napper" },
  );
  endAfter(context, task);
  await settle();
  const { creationStack, waits } = find(viewProcess({ stacks: true }).root, "napper")!;
  const plain = find(viewProcess().root, "napper")!;
  await stop();
  assert.match(creationStack?.[0] ?? "", /process-view\.test\.ts:/);
  assert.match(waits[0]?.callStack?.[0] ?? "", /^nap \(.*process-view\.test\.ts:/);
  assert.deepEqual([plain.creationStack, plain.waits[0]?.callStack], [undefined, undefined]);
});

test("viewProcess() tells with awaiters which tasks await each, and looks through what only stands for others", async (context) => {
  const child = createTask(() => sleep(30_000), { name: "child" });
  const parents = ["one", "two"].map((name) => createTask(() => gather(child), { name }));
  endAfter(context, child, ...parents);
  await settle();
  const { root } = viewProcess({ awaiters: true });
  assert.deepEqual(
    find(root, "child")!.awaitedBy,
    parents.map(({ id }) => ({ id, callStack: [] })),
  );
  assert.equal(find(viewProcess().root, "child")!.awaitedBy, undefined);
});

test("viewProcess() is plain data", async (context) => {
  const task = createTask(() => sleep(30_000), { name: "sleeper" });
  endAfter(context, task);
  await settle();
  const view = viewProcess({ awaiters: true, stacks: true });
  assert.deepEqual(structuredClone(view), view);
  assert.equal(JSON.stringify(JSON.parse(JSON.stringify(view))), JSON.stringify(view));
});

test("viewProcess() gives a task its full name where it is part of a request", async (context) => {
  const request = createTask(async () => await createTask(() => sleep(30_000), { name: "query" }), {
    name: "GET /a",
    ownsTasks: true,
  });
  endAfter(context, request);
  await settle();
  const { root } = viewProcess();
  assert.deepEqual([find(root, "GET /a")!.fullName, find(root, "query")!.fullName], [undefined, "GET /a › query"]);
});
