import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, Event, sleep } from "../../asyncio/index.ts";
import { virtualTime } from "../../asyncio/testing/index.ts";
import { ClientDisconnected } from "../../http/index.ts";
import { serve } from "../../server/index.ts";
import { reportsOf } from "../app/_reports.fixture.ts";
import { abort, afterThisRequest, Blueprint, HttpResponse, makeResponse, Pottle, type Registrar } from "../index.ts";

/** Registers two of each hook, which write their names into a log. */
function logHooks(scaffold: Registrar<string>, name: string, log: string[]): void {
  for (const n of [1, 2]) {
    scaffold.beforeRequest(() => void log.push(`before ${name}${n}`));
    scaffold.afterRequest(() => void log.push(`after ${name}${n}`));
    scaffold.teardownRequest(() => void log.push(`teardown ${name}${n}`));
  }
}

function nested(log: string[]): Pottle {
  const app = new Pottle();
  const outer = new Blueprint("outer", { prefix: "/outer" });
  const inner = new Blueprint("inner", { prefix: "/inner" });
  // The order of registration between them does not count.
  logHooks(inner, "inner", log);
  logHooks(app, "app", log);
  logHooks(outer, "outer", log);
  inner.get("/", () => {
    afterThisRequest(() => void log.push("after this"));
    log.push("view");
    return "";
  });
  app.get("/", () => "");
  outer.register(inner);
  app.register(outer);
  return app;
}

test("Pottle runs hooks from the application in to the view, and out again in reverse", async () => {
  const log: string[] = [];
  await nested(log).testClient().get("/outer/inner/");
  assert.deepEqual(log, [
    "before app1",
    "before app2",
    "before outer1",
    "before outer2",
    "before inner1",
    "before inner2",
    "view",
    "after this",
    "after inner2",
    "after inner1",
    "after outer2",
    "after outer1",
    "after app2",
    "after app1",
    "teardown inner2",
    "teardown inner1",
    "teardown outer2",
    "teardown outer1",
    "teardown app2",
    "teardown app1",
  ]);
});

for (const path of ["/", "/none", "/outer/none"]) {
  test(`Pottle runs the hooks of the application alone for ${path}`, async () => {
    const log: string[] = [];
    await nested(log).testClient().get(path);
    assert.deepEqual(log, ["before app1", "before app2", "after app2", "after app1", "teardown app2", "teardown app1"]);
  });
}

test("beforeRequest() answers with what the first hook returns, and goes no further", async () => {
  const log: string[] = [];
  const app = new Pottle();
  app.beforeRequest(async (request) => {
    await sleep(0);
    return request.args.has("stop") ? makeResponse({ stopped: true }, 403) : undefined;
  });
  app.beforeRequest(() => void log.push("second"));
  app.afterRequest((response) => void log.push(`after ${response.status}`));
  app.get("/", () => "view");
  const client = app.testClient();
  const stopped = await client.get("/?stop");
  assert.deepEqual([stopped.status, stopped.text(), log.splice(0)], [403, '{"stopped":true}', ["after 403"]]);
  assert.equal((await client.get("/?stop", {})).status, 403);
  log.length = 0;
  assert.equal((await client.get("/")).text(), "view");
  assert.deepEqual(log, ["second", "after 200"]);
});

test("afterRequest() changes a response or takes its place, also that of an error and the platform's", async () => {
  const app = new Pottle();
  app.afterRequest((response) => (response.headers.has("X-New") ? undefined : makeResponse("new", 201)));
  app.afterRequest((response, request) => {
    if (request.path !== "/replace") response.headers.set("X-New", request.path);
  });
  app.get("/text", () => "text");
  app.get("/platform", () => new Response("platform", { status: 202 }));
  app.get("/stream", async function* () {
    yield "stream";
  });
  app.get("/replace", () => "old");
  const client = app.testClient();
  for (const [path, status, text] of [
    ["/text", 200, "text"],
    ["/platform", 202, "platform"],
    ["/stream", 200, "stream"],
    ["/replace", 201, "new"],
  ] as const) {
    const response = await client.get(path);
    assert.deepEqual([response.status, response.text()], [status, text], path);
    assert.equal(response.headers.get("X-New"), path === "/replace" ? undefined : path);
  }
  const missing = await client.get("/none");
  assert.deepEqual([missing.status, missing.headers.get("X-New")], [404, "/none"]);
});

test("afterRequest() that fails is answered with 500 and reported, and a stream that is not sent is closed", async () => {
  let closed = false;
  const body: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ value: "never", done: false }),
      return: () => {
        closed = true;
        return Promise.resolve({ value: undefined, done: true });
      },
    }),
  };
  const app = new Pottle();
  app.afterRequest(() => {
    throw new Error("after");
  });
  app.get("/", () => body);
  const reports = await reportsOf(async () => {
    const response = await app.testClient().get("/");
    assert.deepEqual([response.status, response.outcome.kind], [500, "failed"]);
  });
  assert.deepEqual(reports, ["Error while serving GET /: Error: after"]);
  assert.equal(closed, true);
});

test("afterRequest() that fails after a view that failed is reported beside it", async () => {
  const app = new Pottle();
  app.afterRequest(() => {
    throw new Error("after");
  });
  app.get("/", () => {
    throw new Error("view");
  });
  const reports = await reportsOf(() => app.testClient().get("/"));
  assert.deepEqual(reports, [
    "Error while answering an error of GET /: Error: after",
    "Error while serving GET /: Error: view",
  ]);
});

test("afterThisRequest() is for this request alone", async () => {
  const app = new Pottle();
  app.get("/", (_, request) => {
    if (request.args.has("x")) afterThisRequest(() => new HttpResponse("x", 201, request.headers));
    return "view";
  });
  const client = app.testClient();
  assert.equal((await client.get("/?x")).text(), "x");
  assert.equal((await client.get("/")).text(), "view");
});

test("teardownRequest() runs after the last byte has left", async () => {
  const log: string[] = [];
  const app = new Pottle();
  app.teardownRequest(async (error) => {
    await sleep(1);
    log.push(`teardown ${String(error)}`);
  });
  app.get("/", async function* () {
    yield "a";
    await sleep(5);
    log.push("body");
    yield "b";
  });
  await using server = await serve(app, { port: 0 });
  assert.equal(await (await fetch(server.url)).text(), "ab");
  await server.close();
  assert.deepEqual(log, ["body", "teardown undefined"]);
});

test("teardownRequest() gets the error that nobody handled, and only that", async () => {
  const errors: unknown[] = [];
  const boom = new Error("boom");
  const app = new Pottle();
  app.teardownRequest((error) => void errors.push(error));
  app.get("/boom", () => {
    throw boom;
  });
  app.get("/gone", () => abort(410));
  const client = app.testClient();
  await reportsOf(() => client.get("/boom"));
  await client.get("/gone");
  await client.get("/none");
  assert.deepEqual(errors, [boom, undefined, undefined]);
});

test("teardownRequest() is run to its end in a request that was cancelled, and is told why", async () => {
  const log: unknown[] = [];
  const app = new Pottle();
  const waiting = new Event();
  app.teardownRequest(async (error) => {
    await sleep(5);
    log.push((error as { reason: unknown }).reason instanceof ClientDisconnected);
  });
  app.afterRequest(() => void log.push("after"));
  app.get("/", async () => {
    waiting.set();
    return await sleep(60_000, "never");
  });
  const call = app.testClient().open("GET", "/");
  await waiting.wait();
  call.disconnect();
  assert.equal((await call.over()).outcome.kind, "cancelled");
  assert.deepEqual(log, [true]);
});

test("teardownRequest() that fails is reported, and keeps no other from being run", async () => {
  const log: string[] = [];
  const app = new Pottle();
  app.teardownRequest(() => void log.push("first"));
  app.teardownRequest(() => {
    throw new Error("stuck");
  });
  app.get("/", () => "view");
  const reports = await reportsOf(async () => {
    assert.deepEqual((await app.testClient().get("/")).outcome, { kind: "served" });
  });
  assert.deepEqual([log, reports], [["first"], ["Error in teardown of GET /: Error: stuck"]]);
});

test(
  "teardownRequest() has five seconds, and is named if it takes longer",
  virtualTime(async (clock) => {
    const app = new Pottle();
    app.teardownRequest(() => sleep(60_000));
    app.get("/", () => "view");
    const reports = await reportsOf(async () => {
      const answer = app.testClient().get("/");
      await clock.advance(5_000);
      assert.equal((await answer).text(), "view");
    });
    assert.deepEqual(reports, [
      "Error in teardown of GET /: Error: Cannot wait longer for teardownRequest() hooks: waited 5000 ms",
    ]);
  }),
);

test("beforeRequest() runs in the request's task: what it starts ends with the request", async () => {
  const log: string[] = [];
  const app = new Pottle();
  app.beforeRequest(() => {
    createTask(async () => {
      try {
        await sleep(60_000);
      } finally {
        log.push("over");
      }
    });
  });
  app.get("/", async () => {
    await sleep(1);
    return "";
  });
  await app.testClient().get("/");
  assert.deepEqual(log, ["over"]);
});

test("Pottle.mount() has the hooks of the outer application around the inner, but for those of its response", async () => {
  const log: string[] = [];
  const inner = new Pottle();
  logHooks(inner, "inner", log);
  inner.get("/", () => "");
  const app = new Pottle();
  app.beforeRequest((request) => void log.push(`before ${request.path}`));
  app.afterRequest(() => void log.push("never"));
  app.teardownRequest((_, request) => void log.push(`teardown ${request.path}`));
  app.mount("/m", inner);
  await app.testClient().get("/m/");
  assert.deepEqual(log, [
    "before /m/",
    "before inner1",
    "before inner2",
    "after inner2",
    "after inner1",
    "teardown inner2",
    "teardown inner1",
    "teardown /m/",
  ]);
});

test("Pottle refuses hooks that are none, and whatever comes after the first request", async () => {
  const app = new Pottle();
  const other = new Pottle();
  for (const name of ["beforeRequest", "afterRequest", "teardownRequest"] as const) {
    assert.throws(() => app[name](1 as never), {
      name: "TypeError",
      message: `Cannot register with ${name}() as 'fn' must be a function: current value is 1`,
    });
  }
  app.get("/", () => "");
  await app.testClient().get("/");
  const late: [name: string, call: () => void][] = [
    ["get", () => app.get("/late", () => "")],
    ["post", () => app.post("/late", () => "")],
    ["put", () => app.put("/late", () => "")],
    ["patch", () => app.patch("/late", () => "")],
    ["delete", () => app.delete("/late", () => "")],
    ["route", () => app.route("/late", {}, () => "")],
    ["beforeRequest", () => app.beforeRequest(() => {})],
    ["afterRequest", () => app.afterRequest(() => {})],
    ["teardownRequest", () => app.teardownRequest(() => {})],
    ["errorHandler", () => app.errorHandler(404, () => "")],
    ["register", () => app.register(new Blueprint("late"))],
    ["mount", () => app.mount("/late", other)],
  ];
  for (const [name, call] of late) {
    assert.throws(call, {
      name: "SetupError",
      message: `Cannot call ${name}() as the application has begun to answer requests: set it up before that`,
    });
  }
});
