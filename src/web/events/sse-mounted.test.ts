// Streams of events in a mounted application, inside the time limit of the outer one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Event, sleep } from "../../asyncio/index.ts";
import { virtualTime } from "../../asyncio/testing/index.ts";
import { type Application, HeaderList, WrappedExchange } from "../../http/index.ts";

import { compress } from "../middleware/index.ts";
import { session, sessions } from "../sessions/index.ts";
import { Pottle, sse } from "../index.ts";

/** Sends an event each second, and ends after ten. */
async function* ticks(): AsyncGenerator<number> {
  for (let n = 1; n <= 10; n++) {
    await sleep(1_000);
    yield n;
  }
}

function mountIn(inner: Application, requestTimeout = 2_500): Pottle {
  const outer = new Pottle({}, { requestTimeout });
  outer.beforeRequest(() => undefined);
  outer.mount("/inner", inner);
  return outer;
}

async function countEvents(app: Pottle, path: string): Promise<number> {
  return (await app.testClient().get(path)).events().length;
}

function makeInner(): Pottle {
  const inner = new Pottle();
  inner.get("/events", () => sse(ticks()));
  return inner;
}

test(
  "sse() of a mounted application lifts the time limits of all outer ones",
  virtualTime(
    async () => {
      assert.equal(await countEvents(mountIn(makeInner()), "/inner/events"), 10);
      assert.equal(await countEvents(mountIn(mountIn(makeInner())), "/inner/inner/events"), 10);
    },
    { autoAdvance: true },
  ),
);

test(
  "sse() of a mounted application lifts them through sessions, hooks and wrappers",
  virtualTime(
    async () => {
      const inner = makeInner();
      sessions(inner, { secretKey: "secret" });
      inner.beforeRequest(() => void session().set("a", 1));
      inner.afterRequest((response) => void response.headers.set("X-Inner", "1"));
      const wrapped: Application = { handle: (exchange) => inner.handle(new WrappedExchange(exchange, {})) };
      const outer = mountIn(wrapped);
      sessions(outer, { secretKey: "secret", cookieName: "outer" });
      outer.beforeRequest(() => void session().set("b", 1));
      const response = await outer.testClient().get("/inner/events");
      assert.equal(response.events().length, 10);
      assert.equal(response.headers.getAll("set-cookie").length, 2);
    },
    { autoAdvance: true },
  ),
);

test("sse() of a mounted application that compresses lifts them too", async () => {
  const inner = new Pottle();
  compress(inner, { minimumSize: 0 });
  const more = new Event();
  inner.get("/events", () =>
    sse(async function* () {
      yield 1;
      await more.wait();
      yield 2;
    }),
  );
  const outer = mountIn(inner, 100);
  const call = outer.testClient().open("GET", "/inner/events", { headers: { "Accept-Encoding": "gzip" } });
  assert.equal(new HeaderList((await call.head()).headers).get("content-encoding"), "gzip");
  await call.read();
  // Longer than the limit: a response that is cut off fails the test.
  await sleep(150);
  more.set();
  while ((await call.read()) !== undefined);
  assert.equal((await call.over()).outcome.kind, "served");
});

test(
  "a time limit of an outer application still ends other responses of a mounted one",
  virtualTime(
    async () => {
      const inner = new Pottle();
      inner.get("/slow", () => sleep(10_000, "late"));
      inner.get("/stream", () =>
        (async function* () {
          for await (const n of ticks()) yield String(n);
        })(),
      );
      inner.get("/late", async () => {
        await sleep(3_000);
        return sse(ticks());
      });
      const client = mountIn(inner).testClient();
      assert.equal((await client.get("/inner/slow")).status, 503);
      assert.equal((await client.get("/inner/late")).status, 503);
      await assert.rejects(client.get("/inner/stream"), { name: "ResponseAborted" });
    },
    { autoAdvance: true },
  ),
);
