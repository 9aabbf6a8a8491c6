import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, gather, outside, sleep } from "../../asyncio/index.ts";
import { MemoryExchange, serveExchange } from "../../http/index.ts";
import { endAfter, settle } from "../text/_tasks.fixture.ts";
import { History } from "../record/history.ts";
import { layTimeline } from "./timeline.ts";

/** A request whose view gathers two children. */
function request(target: string): Promise<void> {
  const exchange = new MemoryExchange({ target });
  exchange.upload.end();
  async function weather(): Promise<void> {
    await sleep(10);
  }
  return serveExchange(
    {
      handle: async (served) => {
        await gather(
          createTask(weather, { name: "weather" }),
          createTask(() => sleep(10), { name: "news" }),
        );
        await served.respond(200, [], "");
      },
    },
    exchange,
  );
}

test("layTimeline() puts the tasks of a request below it, and requests that follow each other on the same lanes", async () => {
  using history = new History();
  await request("/a");
  await sleep(10);
  await request("/a");
  await request("/b");
  assert.deepEqual(
    layTimeline(history).lanes.map(({ name, depth, tasks, request: { name: of } = { name: "-" } }) => [
      name,
      depth,
      tasks,
      of,
    ]),
    [
      ["GET /a", 0, 2, "-"],
      ["weather", 1, 2, "GET /a"],
      ["news", 1, 2, "GET /a"],
      ["GET /b", 0, 1, "-"],
      ["weather", 1, 1, "GET /b"],
      ["news", 1, 1, "GET /b"],
    ],
  );
});

test("layTimeline() says why a task was cancelled, and by which error it failed", async () => {
  using history = new History();
  const [doomed, broken] = [
    createTask(() => sleep(60_000), { name: "doomed" }),
    createTask(
      async () => {
        await sleep(5);
        throw new TypeError("the disk is full");
      },
      { name: "broken" },
    ),
  ];
  await settle();
  doomed.cancel("no longer needed");
  await Promise.allSettled([doomed, broken]);
  const ends = layTimeline(history).lanes.map(({ name, spans }) => [name, spans.at(-1)!.state, spans.at(-1)!.why]);
  assert.deepEqual(ends, [
    ["doomed", "cancelled", "no longer needed"],
    ["broken", "failed", "TypeError: the disk is full"],
  ]);
});

test("layTimeline() leaves the server's own tasks out, but not what they own", async (context) => {
  using history = new History();
  endAfter(context);
  createTask(() => sleep(60_000), { name: "main" }).role = "server";
  createTask(
    async () => {
      createTask(() => sleep(60_000), { name: "served" });
      await sleep(60_000);
    },
    { name: "server", role: "server", ownsTasks: true },
  );
  await settle();
  assert.deepEqual(
    layTimeline(history).lanes.map(({ name, depth }) => [name, depth]),
    [["served", 0]],
  );
});

test("layTimeline() says when the earliest task began that began within the last minute", async (context) => {
  using history = new History();
  assert.equal(layTimeline(history).since, undefined);
  endAfter(context);
  void outside(createTask, () => sleep(60_000), { name: "recent" });
  await settle();
  assert.ok(Math.abs(layTimeline(history).since! - Date.now()) < 5_000);
});

test("layTimeline() calls a task by the name of its function, which it gets when it starts", async (context) => {
  using history = new History();
  endAfter(context);
  async function fetchNews(): Promise<void> {
    await sleep(60_000);
  }
  createTask(fetchNews);
  const ended = createTask(async function fetchWeather() {});
  await Promise.all([settle(), ended]);
  assert.deepEqual(
    layTimeline(history).lanes.map(({ name }) => name),
    ["fetchNews", "fetchWeather"],
  );
});

test("a request is known by the role of its task, whatever its name is", async () => {
  const exchange = new MemoryExchange({ target: "/" });
  exchange.upload.end();
  const task = serveExchange({ handle: (served) => served.respond(200, [], "") }, exchange);
  const plain = createTask(() => sleep(0), { name: "GET /" });
  await Promise.all([task, plain]);
  assert.deepEqual([task.role, plain.role], ["request", undefined]);
});

test("layTimeline() makes a group of each request, whatever owns it", async (context) => {
  using history = new History();
  endAfter(context);
  createTask(
    async () => {
      createTask(() => sleep(60_000), { name: "GET /", role: "request" });
      await sleep(60_000);
    },
    { name: "balancer", ownsTasks: true },
  );
  await settle();
  assert.deepEqual(
    layTimeline(history).lanes.map(({ name, depth }) => [name, depth]),
    [
      ["balancer", 0],
      ["GET /", 0],
    ],
  );
});

test("layTimeline() begins with the first request, where there is one", async (context) => {
  using history = new History();
  endAfter(context);
  createTask(() => sleep(60_000), { name: "worker" });
  await sleep(50);
  const before = Date.now();
  createTask(() => sleep(60_000), { name: "GET /", role: "request" });
  await settle();
  assert.ok(layTimeline(history).since! >= before - 10);
});
