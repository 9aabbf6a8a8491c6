import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { virtualTime } from "../../asyncio/testing/index.ts";
import { sleep } from "../../asyncio/index.ts";
import { Blueprint } from "../app/blueprint.ts";
import { Pottle } from "../app/pottle.ts";
import { abort } from "../message/abort.ts";
import type { TestResponse } from "../testing/test-response.ts";
import { MemoryRateLimitStore } from "./memory-rate-limit-store.ts";
import { rateLimit, rateLimitExempt, type RateLimitOptions } from "./rate-limit.ts";

function headersOf({ status, headers }: TestResponse): (number | string | undefined)[] {
  const names = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"];
  return [status, ...names.map((name) => headers.get(name))];
}

function createApp(...limits: Parameters<typeof rateLimit>[]): Pottle {
  const app = new Pottle();
  for (const limit of limits) app.beforeRequest(rateLimit(...limit));
  app.get("/", () => "x");
  app.get(
    "/exempt",
    rateLimitExempt(() => "x"),
  );
  return app;
}

test(
  "rateLimit() allows so many requests at once, then one more after each part of the period",
  virtualTime(async (clock) => {
    const client = createApp([3, 60_000]).testClient();
    const ask = async (): Promise<unknown[]> => headersOf(await client.get("/"));
    assert.deepEqual(await ask(), [200, "3", "2", "20", undefined]);
    assert.deepEqual(await ask(), [200, "3", "1", "40", undefined]);
    assert.deepEqual(await ask(), [200, "3", "0", "60", undefined]);
    assert.deepEqual(await ask(), [429, "3", "0", "60", "20"]);
    await clock.advance(19_500);
    assert.deepEqual(await ask(), [429, "3", "0", "41", "1"]);
    await clock.advance(500);
    assert.deepEqual(await ask(), [200, "3", "0", "60", undefined]);
    assert.deepEqual(await ask(), [429, "3", "0", "60", "20"]);
    await clock.advance(60_000);
    assert.deepEqual(await ask(), [200, "3", "2", "20", undefined]);
  }),
);

test(
  "rateLimit() never lets through more than its count at once, nor more than twice that in a period",
  virtualTime(async (clock) => {
    const steps = fc.array(fc.nat(400), { minLength: 1, maxLength: 60 });
    const rule = fc.record({ count: fc.integer({ min: 1, max: 7 }), period: fc.integer({ min: 1, max: 1_000 }) });
    await fc.assert(
      fc.asyncProperty(rule, steps, async ({ count, period }, pauses) => {
        const store = new MemoryRateLimitStore();
        const allowed: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          await clock.advance(pause);
          now += pause;
          const { wait } = store.take("x", { interval: period / count, period });
          if (wait === 0) allowed.push(now);
        }
        assert.equal(allowed[0], pauses[0]);
        for (const at of allowed) {
          const near = allowed.filter((other) => other >= at && other < at + period);
          assert.ok(near.length <= 2 * count, `${near.length} of ${count} within ${period}`);
          assert.ok(allowed.filter((other) => other === at).length <= count);
        }
      }),
      { numRuns: 50 },
    );
  }),
);

test(
  "rateLimit() counts each key for itself, and none whose key is undefined",
  virtualTime(async () => {
    const key: RateLimitOptions["key"] = (request) => request.headers.get("x-key");
    const slow: RateLimitOptions["key"] = async (request) => {
      await sleep(0);
      return request.headers.get("x-key");
    };
    for (const one of [key, slow]) {
      const client = createApp([1, 60_000, { key: one }]).testClient();
      const ask = async (name: string): Promise<number> =>
        (await client.get("/", { headers: { "X-Key": name } })).status;
      assert.deepEqual([await ask("a"), await ask("b"), await ask("__proto__"), await ask("a")], [200, 200, 200, 429]);
      const long = "x".repeat(5_000);
      assert.deepEqual([await ask(long), await ask(`${long}y`), await ask(long)], [200, 200, 429]);
      const free = await client.get("/");
      assert.equal(free.status, 200);
      assert.equal(free.headers.has("ratelimit-limit"), false);
    }
  }),
);

test(
  "rateLimit() limits can be stacked: the headers are those of which least is left",
  virtualTime(async (clock) => {
    const client = createApp([10, 3_600_000], [2, 1_000]).testClient();
    assert.deepEqual(headersOf(await client.get("/")), [200, "2", "1", "1", undefined]);
    assert.deepEqual(headersOf(await client.get("/")), [200, "2", "0", "1", undefined]);
    assert.deepEqual(headersOf(await client.get("/")), [429, "2", "0", "1", "1"]);
    for (let i = 0; i < 7; i++) {
      await clock.advance(1_000);
      await client.get("/");
    }
    await clock.advance(1_000);
    assert.deepEqual(headersOf(await client.get("/")), [429, "10", "0", "3592", "352"]);
  }),
);

test(
  "rateLimit().wrap() limits a view, whose types and name stay",
  virtualTime(async () => {
    const app = new Pottle();
    const limit = rateLimit(1, 60_000);
    app.get(
      "/todos/<int:id>",
      limit.wrap(function showTodo({ id }) {
        return { id: id + 1 };
      }),
    );
    app.get("/other", () => "x");
    assert.equal(app.urlFor("showTodo", { id: 1 }), "/todos/1");
    const client = app.testClient();
    assert.deepEqual((await client.get("/todos/1")).json(), { id: 2 });
    assert.equal((await client.get("/todos/2")).status, 429);
    assert.equal((await client.get("/other")).headers.has("ratelimit-limit"), false);
  }),
);

test(
  "rateLimit() limits a blueprint, but not its exempt views, and says so on error pages",
  virtualTime(async () => {
    const app = createApp();
    const blueprint = new Blueprint("api", { prefix: "/api" });
    blueprint.beforeRequest(rateLimit(2, 60_000));
    blueprint.get("/", () => "x");
    blueprint.get("/error", () => abort(404));
    blueprint.get(
      "/free",
      rateLimitExempt(() => "x"),
    );
    app.register(blueprint);
    const client = app.testClient();
    assert.deepEqual(headersOf(await client.get("/api/error")), [404, "2", "1", "30", undefined]);
    await client.get("/api/");
    assert.equal((await client.get("/api/")).status, 429);
    assert.deepEqual(headersOf(await client.get("/api/free")), [200, undefined, undefined, undefined, undefined]);
    assert.equal((await client.get("/")).status, 200);
  }),
);

test(
  "MemoryRateLimitStore drops keys that are as good as new, and the oldest when it is full",
  virtualTime(async (clock) => {
    const store = new MemoryRateLimitStore({ maxKeys: 5 });
    const rule = { interval: 1_000, period: 1_000 };
    for (let i = 0; i < 20; i++) store.take(`${i}`, rule);
    assert.equal(store.statistics().keys, 5);
    assert.equal(store.take("19", rule).wait > 0, true);
    assert.equal(store.take("0", rule).wait, 0);
    await clock.advance(1_000);
    for (let i = 0; i < 5; i++) store.take("new", rule);
    assert.equal(store.statistics().keys, 1);
  }),
);

test(
  "MemoryRateLimitStore keeps the key that was asked last longest",
  virtualTime(async () => {
    const store = new MemoryRateLimitStore({ maxKeys: 2 });
    const rule = { interval: 1_000, period: 1_000 };
    for (const key of ["a", "b", "a", "c"]) store.take(key, rule);
    assert.equal(store.take("a", rule).wait > 0, true);
  }),
);

test(
  "rateLimit() allows its whole count, however its interval is rounded",
  virtualTime(async (clock) => {
    await clock.advance(1_234.567);
    for (let count = 1; count < 400; count++) {
      const store = new MemoryRateLimitStore();
      const rule = { interval: 1_000 / count, period: 1_000 };
      for (let i = 0; i < count; i++) assert.equal(store.take("x", rule).wait, 0, `${i} of ${count}`);
      assert.ok(store.take("x", rule).wait > 0);
    }
  }),
);

for (const [run, name] of [
  [() => rateLimit(0, 1), "RangeError"],
  [() => rateLimit(1.5, 1), "RangeError"],
  [() => rateLimit(1, 0), "RangeError"],
  [() => rateLimit(1, "1" as never), "TypeError"],
  [() => rateLimit(1, 1, { key: "x" as never }), "TypeError"],
  [() => rateLimit(1, 1, { store: {} as never, name: "x" }), "TypeError"],
  [() => rateLimit(1, 1, { store: new MemoryRateLimitStore() }), "RangeError"],
  [() => rateLimit(1, 1, { name: 1 as never }), "TypeError"],
  [() => rateLimit(1, 1).wrap(1 as never), "TypeError"],
  [() => new MemoryRateLimitStore({ maxKeys: 0 }), "RangeError"],
] as const) {
  test(`rateLimit() refuses ${String(run).slice(6)}`, () => assert.throws(run, { name }));
}
