import assert from "node:assert/strict";
import { test } from "node:test";
import { runInThisContext } from "node:vm";
import {
  ambientExpression,
  createTask,
  gather,
  Lock,
  sleep,
  taskGroup,
  TimeoutError,
  timeout,
} from "../../asyncio/index.ts";
import { MemoryExchange, serveExchange } from "../../http/index.ts";
import { endAfter, settle } from "../text/_tasks.fixture.ts";
import { History } from "./history.ts";
import { currentHistory, touchRecording, recordHistory } from "./recording.ts";
import { takeSnapshot } from "./snapshot.ts";
import { layTimeline } from "../show/timeline.ts";

/** Whether any instrument is attached to the runtime. */
function isWatched(): boolean {
  return (runInThisContext(ambientExpression("runtime")) as { instrument: unknown }).instrument !== undefined;
}

test("takeSnapshot() records nothing", () => {
  assert.equal(takeSnapshot().cancellations, undefined);
  assert.equal(isWatched(), false);
});

test("recordHistory() attaches an instrument for as long as anybody wants it", () => {
  const [one, two] = [recordHistory(), recordHistory()];
  assert.equal(isWatched(), true);
  one();
  one();
  assert.equal(isWatched(), true);
  two();
  assert.equal(isWatched(), false);
  assert.equal(currentHistory(), undefined);
});

test("touchRecording() begins the recording at the first look, and ends it when nobody has looked for ten minutes", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  assert.equal(isWatched(), false);
  touchRecording();
  context.mock.timers.tick(599_000);
  assert.equal(isWatched(), true);
  context.mock.timers.tick(2_000);
  assert.equal(isWatched(), false);
});

test("History tells why a request was cancelled whose client left, and what went with it", async () => {
  using history = new History();
  const exchange = new MemoryExchange({ target: "/slow", peer: { address: "127.0.0.1", port: 54_476 } });
  const view = (): Promise<void> => taskGroup((group) => void group.createTask(() => sleep(60_000)));
  const request = serveExchange({ handle: view }, exchange);
  await settle();
  exchange.disconnect();
  await Promise.allSettled([request]);
  const [record, ...others] = history.cancellations();
  assert.deepEqual(others, []);
  assert.equal(record!.task!.name, "GET /slow");
  assert.match(record!.reason, /^ClientDisconnected: Client 127\.0\.0\.1:54476 disconnected after \d+ ms$/);
  assert.equal(record!.others, 1);
  assert.ok(record!.endedAfter !== undefined && Date.now() - record!.at < 5_000);
});

test("History tells of a time limit as of a part of its task", async () => {
  using history = new History();
  const task = createTask(() => timeout(5, () => sleep(60_000)), { name: "limited" });
  await assert.rejects(task, TimeoutError);
  assert.deepEqual(
    history.cancellations().map(({ scope, task: { name } = { name: "" }, endedAfter }) => [scope, name, endedAfter]),
    [["timeout", "limited", undefined]],
  );
});

test("History tells once of tasks that are cancelled for one reason", async () => {
  using history = new History();
  const failing = async (): Promise<void> => {
    await sleep(0);
    throw new Error("boom");
  };
  const naps = Array.from({ length: 5 }, () => () => sleep(60_000));
  await assert.rejects(
    createTask(() => gather(...naps, failing)),
    /boom/,
  );
  assert.deepEqual(
    history.cancellations().map(({ reason, others, requestedBy }) => [reason, others, requestedBy]),
    [["Error: boom", 4, "gather"]],
  );
});

test("History tells once of tasks that are cancelled in one go, however long that takes, and apart what comes later", async () => {
  using history = new History();
  const tasks = Array.from({ length: 3 }, () => createTask(() => sleep(60_000)));
  await sleep(0);
  tasks[0]!.cancel("enough");
  const end = performance.now() + 5;
  while (performance.now() < end);
  tasks[1]!.cancel("enough");
  await Promise.resolve();
  tasks[2]!.cancel("enough");
  await Promise.allSettled(tasks);
  assert.deepEqual(
    history.cancellations().map(({ others }) => others),
    [0, 1],
  );
});

test("History keeps the newest 50 cancellations", async () => {
  using history = new History();
  for (let i = 0; i < 60; i++) {
    const task = createTask(() => sleep(60_000));
    task.cancel(`number ${i}`);
    await Promise.allSettled([task]);
  }
  const kept = history.cancellations();
  assert.deepEqual([kept.length, kept[0]!.reason, kept.at(-1)!.reason], [50, "number 59", "number 10"]);
});

test("History follows a bounded number of tasks, and says how many it missed", async (context) => {
  using history = new History();
  createTask(() =>
    taskGroup((group) => {
      for (let i = 0; i < 3_000; i++) group.createTask(() => sleep(60_000));
    }),
  );
  endAfter(context);
  await settle();
  const timeline = layTimeline(history);
  assert.equal(history.tracks().length, 1_000);
  assert.equal(history.missed, 2_001);
  assert.ok(timeline.lanes.length <= 40);
  assert.equal(timeline.missed, 2_001);
});

test("layTimeline() shows tasks beside each other, running, waiting and stopping", async () => {
  using history = new History();
  const long = createTask(() => sleep(60_000), { name: "long" });
  const busy = createTask(
    async () => {
      await sleep(30);
      const end = performance.now() + 40;
      while (performance.now() < end);
      await sleep(30);
    },
    { name: "busy" },
  );
  await busy;
  const stubborn = createTask(
    async () => {
      try {
        await sleep(60_000);
      } finally {
        await sleep(40);
      }
    },
    { name: "stubborn" },
  );
  await sleep(30);
  stubborn.cancel();
  await Promise.allSettled([stubborn]);
  const { lanes } = layTimeline(history);
  const states = Object.fromEntries(lanes.map(({ name, spans }) => [name, spans.map(({ state }) => state).join(" ")]));
  long.cancel();
  await Promise.allSettled([long]);
  assert.match(states["busy"]!, /^run wait run wait/);
  assert.deepEqual([states["long"], states["stubborn"]], ["run wait", "run wait cancelled"]);
  const [running] = lanes
    .find(({ name }) => name === "busy")!
    .spans.filter(({ state }) => state === "run")
    .slice(1);
  assert.ok(running!.end! - running!.start >= 35, String(running!.end! - running!.start));
  assert.equal(lanes.find(({ name }) => name === "long")!.spans.at(-1)!.end, undefined);
});

test("layTimeline() shows a task that waited before anybody looked from the beginning of its wait", async (context) => {
  const lock = new Lock({ name: "ledger" });
  createTask(() => lock.with(() => sleep(60_000)), { name: "keeper" });
  const seeker = createTask(() => lock.acquire(), { name: "seeker" });
  endAfter(context);
  await sleep(1);
  const waiting = Date.now();
  await sleep(20);
  using history = new History();
  const lane = layTimeline(history).lanes.find(({ id }) => id === seeker.id);
  const [span] = lane!.spans;
  assert.deepEqual([span!.state, span!.resource], ["wait", "Lock ledger"]);
  assert.ok(span!.start <= waiting + 1, `${span!.start - waiting} ms too late`);
});

test("layTimeline() puts tasks of one name that follow each other on one line", async () => {
  using history = new History();
  for (let i = 0; i < 5; i++) {
    await createTask(() => sleep(1), { name: "GET /" });
    await sleep(10);
  }
  const { lanes } = layTimeline(history);
  assert.deepEqual(
    lanes.map(({ name, tasks }) => [name, tasks]),
    [["GET /", 5]],
  );
});

test("a track of a task that waits often stays short", async () => {
  using history = new History();
  await createTask(
    async () => {
      for (let i = 0; i < 200; i++) await sleep(0);
    },
    { name: "often" },
  );
  const [track] = history.tracks();
  assert.ok(track!.spans.length < 20, String(track!.spans.length));
});
