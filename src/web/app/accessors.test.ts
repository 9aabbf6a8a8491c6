import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, gather, sleep } from "../../asyncio/index.ts";
import { MemoryExchange } from "../../http/index.ts";
import { serve } from "../../server/index.ts";
import { afterThisRequest, Blueprint, currentApp, g, Pottle, request, urlFor } from "../index.ts";

interface Shared {
  seen: string[];
}

function note(place: string): void {
  g<Shared>().seen.push(`${place} ${request().args.get("n")}`);
}

test("request(), g() and currentApp() are found in hooks, views, child tasks, streams, error handlers and teardown", async () => {
  const app = new Pottle();
  const all: string[][] = [];
  app.beforeRequest(() => {
    g<Shared>().seen = [];
    note("before");
  });
  app.get("/", async () => {
    note("view");
    await createTask(async () => {
      await sleep(Math.random() * 5);
      note("task");
    });
    await gather(async () => note("gather"));
    setImmediate(() => note("callback"));
    return (async function* () {
      yield "a";
      await sleep(5);
      note("stream");
      yield "b";
    })();
  });
  app.errorHandler(404, () => {
    note("error");
    return "none";
  });
  app.afterRequest(() => note("after"));
  app.teardownRequest(() => {
    assert.equal(currentApp(), app);
    note("teardown");
    all.push(g<Shared>().seen);
  });
  const client = app.testClient();
  await Promise.all([0, 1, 2, 3].map((n) => client.get(`/?n=${n}`)));
  await client.get("/none?n=4");
  assert.equal(all.length, 5);
  for (const seen of all.slice(0, 4)) {
    const n = seen[0]?.at(-1);
    const places = ["before", "view", "task", "gather", "after", "callback", "stream", "teardown"];
    assert.deepEqual(
      seen,
      places.map((place) => `${place} ${n}`),
    );
  }
  assert.deepEqual(all[4], ["before 4", "error 4", "after 4", "teardown 4"]);
});

test("request() of one request is not found in the next on the same connection, nor outside", async () => {
  const app = new Pottle();
  app.get("/<name>", async ({ name }) => {
    const before = Object.keys(g());
    g<{ name: string }>().name = name;
    await sleep(1);
    return [before, g<{ name: string }>().name, request().path];
  });
  await using server = await serve(app, { port: 0 });
  for (const name of ["a", "b"]) {
    assert.deepEqual(await (await fetch(`${server.url}/${name}`)).json(), [[], name, `/${name}`]);
  }
  assertOutside();
});

test("Pottle.handle() outside any task leaves nothing there", async () => {
  const app = new Pottle(undefined, { requestTimeout: 1_000 });
  app.get("/", () => request().path);
  const exchange = new MemoryExchange({ target: "/" });
  await app.handle(exchange);
  assert.equal((await exchange.head()).status, 200);
  assertOutside();
});

test("request(), g(), currentApp(), urlFor() and afterThisRequest() say where they must be called", () => {
  assertOutside();
});

function assertOutside(): void {
  const calls: [call: () => unknown, message: string][] = [
    [request, "Cannot use request() as it must be called in a request: there is none here"],
    [g, "Cannot use g() as it must be called in a request or a background task: there is none here"],
    [currentApp, "a request, a background task or a hook of an application"],
    [() => urlFor("x"), "Cannot use currentApp() as it must be called in"],
    [() => afterThisRequest(() => {}), "Cannot use afterThisRequest() as it must be called in a request"],
  ];
  for (const [call, message] of calls) {
    assert.throws(call, (error: Error) => error.name === "InvalidStateError" && error.message.includes(message));
  }
}

test("request() and currentApp() of a mounted application are its own, and the outer ones come back", async () => {
  const inner = new Pottle();
  const log: unknown[] = [];
  inner.get("/x", () => {
    log.push([currentApp() === inner, request().path, Object.keys(g()), urlFor("/x")]);
    return "";
  });
  const app = new Pottle();
  app.beforeRequest(() => void (g()["outer"] = 1));
  app.teardownRequest(() => void log.push([currentApp() === app, request().path, Object.keys(g())]));
  app.mount("/m", inner);
  app.mount("/n", inner);
  await app.testClient().get("/m/x");
  await app.testClient().get("/n/x");
  assert.deepEqual(log, [
    [true, "/x", [], "/m/x"],
    [true, "/m/x", ["outer"]],
    [true, "/x", [], "/n/x"],
    [true, "/n/x", ["outer"]],
  ]);
});

test("urlFor() builds for the current application, from a blueprint that does not know it", async () => {
  const blueprint = new Blueprint("b", { prefix: "/b" });
  blueprint.get("/<int:id>", { name: "show" }, ({ id }) => urlFor(".show", { id: id + 1 }));
  const app = new Pottle();
  app.register(blueprint);
  assert.equal((await app.testClient().get("/b/1")).text(), "/b/2");
});

test("afterThisRequest() refuses what is no function", async () => {
  const app = new Pottle();
  app.get("/", () => {
    assert.throws(() => afterThisRequest(1 as never), {
      name: "TypeError",
      message: "Cannot use afterThisRequest() as 'fn' must be a function: current value is 1",
    });
    return "";
  });
  assert.deepEqual((await app.testClient().get("/")).outcome, { kind: "served" });
});
