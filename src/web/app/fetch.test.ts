import assert from "node:assert/strict";
import { test } from "node:test";
import { Event, sleep } from "../../asyncio/index.ts";
import { checkLeaks } from "../../asyncio/testing/index.ts";
import { Pottle, request as currentRequest } from "../index.ts";

function makeApp(): Pottle {
  const app = new Pottle(import.meta);
  app.get("/", (_, request) => ({ host: request.headers.get("Host"), query: request.args.get("q") ?? null }));
  app.post("/echo", async (_, request) => await request.text());
  app.get("/stream", async function* () {
    yield "one ";
    await sleep(1);
    yield "two";
  });
  app.get("/cookies", () => {
    const response = new Response("set");
    response.headers.append("Set-Cookie", "a=1");
    response.headers.append("Set-Cookie", "b=2");
    return response;
  });
  return app;
}

test("Pottle.fetch() answers a Request with a Response", async () => {
  const { fetch } = makeApp();
  const response = await fetch(new Request("http://example.com/?q=1"));
  assert.deepEqual([response.status, await response.json()], [200, { host: "example.com", query: "1" }]);
  assert.equal((await fetch(new Request("http://example.com/none"))).status, 404);
  const head = await fetch(new Request("http://example.com/", { method: "HEAD" }));
  assert.equal(head.body, null);
});

test("Pottle.fetch() streams both ways, and keeps each Set-Cookie", async () => {
  const { fetch } = makeApp();
  async function* body(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 40; i++) yield Buffer.alloc(10_000, "x");
  }
  const upload = { method: "POST", body: ReadableStream.from(body()), duplex: "half" } as RequestInit;
  const echoed = await fetch(new Request("http://a/echo", upload));
  assert.equal((await echoed.text()).length, 400_000);
  assert.equal(await (await fetch(new Request("http://a/stream"))).text(), "one two");
  assert.deepEqual((await fetch(new Request("http://a/cookies"))).headers.getSetCookie(), ["a=1", "b=2"]);
});

test("Pottle.fetch() cancels the request when its signal is aborted, before and after the head", async () => {
  const app = new Pottle(import.meta);
  const begun = new Event();
  const over: string[] = [];
  const wait = async (name: string): Promise<void> => {
    begun.set();
    try {
      await sleep(60_000);
    } finally {
      over.push(name);
    }
  };
  app.get("/before", () => wait("before").then(() => ""));
  app.get("/after", async function* () {
    yield "first";
    await wait("after");
  });
  await checkLeaks(async () => {
    const first = new AbortController();
    const answer = app.fetch(new Request("http://a/before", { signal: first.signal }));
    await begun.wait();
    first.abort(new Error("enough"));
    await assert.rejects(async () => await answer, /enough/);
    begun.clear();
    const second = await app.fetch(new Request("http://a/after"));
    const reader = second.body!.getReader();
    await reader.read();
    await begun.wait();
    await reader.cancel();
    while (over.length < 2) await sleep(1);
  });
  assert.deepEqual(over, ["before", "after"]);
});

test("Pottle.fetch() refuses a request whose signal is aborted already", async () => {
  await assert.rejects(
    async () => await makeApp().fetch(new Request("http://a/", { signal: AbortSignal.abort(new Error("gone")) })),
    /gone/,
  );
});

test("Pottle.fetch() shows no internals to a client of which nothing is known", async (context) => {
  context.mock.method(console, "error", () => undefined);
  const app = new Pottle(import.meta);
  app.get("/", () => {
    throw new Error("a secret");
  });
  const response = await app.fetch(new Request("http://localhost/"));
  assert.deepEqual([response.status, (await response.text()).includes("secret")], [500, false]);
});

test("Pottle.fetch() lets the application fail to read a body that breaks off", async () => {
  const app = new Pottle(import.meta);
  const seen: unknown[] = [];
  app.post("/", async (_, request) => {
    await assert.rejects(
      async () => await request.text(),
      (error) => seen.push(error) > 0,
    );
    return "told";
  });
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error("broken")) });
  const response = await app.fetch(new Request("http://a/", { method: "POST", body, duplex: "half" }));
  assert.equal(await response.text(), "told");
  assert.equal((seen[0] as Error).message, "broken");
});

test("Pottle.fetch() refuses what is no Request", async () => {
  await assert.rejects(
    async () => await makeApp().fetch("http://a/" as never),
    /Cannot fetch as 'request' must be a Request/,
  );
});

test("Pottle.use() puts middlewares around the application, the first one outermost", async () => {
  const app = new Pottle(import.meta);
  const order: string[] = [];
  for (const name of ["first", "second"]) {
    app.use((inner) => ({
      handle: async (exchange) => {
        order.push(`${name} in`);
        await inner.handle(exchange);
        order.push(`${name} out`);
      },
    }));
  }
  app.get("/", () => currentRequest().path);
  assert.equal((await app.testClient().get("/")).text(), "/");
  assert.deepEqual(order, ["first in", "second in", "second out", "first out"]);
  assert.throws(() => app.use((inner) => inner), /SetupError: Cannot call use\(\)/);
});

test("Pottle.use() refuses what is no middleware, and one that returns no application", async () => {
  const app = new Pottle(import.meta);
  assert.throws(() => app.use(7 as never), /Cannot use a middleware as a function is needed/);
  app.use(() => undefined as never);
  await assert.rejects(
    async () => await app.handle({} as never),
    /Cannot use a middleware as it must return an application/,
  );
});

test("Pottle.fetch() lets go of a body that never ends once its request is over", async () => {
  const app = new Pottle(import.meta);
  const released = new Event();
  app.post("/", () => "not read");
  const body = new ReadableStream({ cancel: () => released.set() });
  const response = await app.fetch(new Request("http://a/", { method: "POST", body, duplex: "half" }));
  assert.equal(await response.text(), "not read");
  await released.wait();
});
