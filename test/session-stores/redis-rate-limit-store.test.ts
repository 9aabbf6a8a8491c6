import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gather, sleep } from "../../src/asyncio/index.ts";
import type { RedisClient } from "../../src/data/redis/client.ts";
import { skip, useRedis } from "../../src/data/redis/redis-server.fixture.ts";
import { Pottle } from "../../src/web/app/pottle.ts";
import { rateLimit } from "../../src/web/limits/rate-limit.ts";
import { RedisRateLimitStore } from "../../src/web/limits/redis-rate-limit-store.ts";

describe("RedisRateLimitStore", { skip, timeout: 30_000 }, () => {
  let client: RedisClient;
  useRedis((started) => ({ client } = started));

  test("RedisRateLimitStore.take() allows so many at once, even if they come at the same time", async () => {
    const store = new RedisRateLimitStore(client);
    const rule = { interval: 6_000_000 / 7, period: 6_000_000 };
    const decisions = await gather(Array.from({ length: 25 }, () => () => store.take("many", rule)));
    assert.equal(decisions.filter(({ wait }) => wait === 0).length, 7);
    for (const { wait, reset } of decisions) assert.ok(wait <= rule.interval && reset <= 6_000_000 && reset > 0);
    assert.equal((await store.take("other", rule)).wait, 0);
  });

  test("RedisRateLimitStore.take() allows again after the wait that it said, and its key expires", async () => {
    const store = new RedisRateLimitStore(client, { prefix: "short:" });
    const rule = { interval: 40, period: 40 };
    await store.take("x", rule);
    let decision = await store.take("x", rule);
    while (decision.wait > 0) {
      await sleep(decision.wait);
      decision = await store.take("x", rule);
    }
    const left = Number(await client.execute("PTTL", "short:x"));
    assert.ok(left <= 40, `${left}`);
  });

  test("rateLimit() with a RedisRateLimitStore counts the requests of several applications together", async () => {
    const clients = [1, 2].map(() => {
      const app = new Pottle();
      app.beforeRequest(rateLimit(3, 600_000, { store: new RedisRateLimitStore(client), name: "shared" }));
      app.get("/", () => "x");
      return app.testClient();
    });
    const statuses = [];
    for (const one of [...clients, ...clients]) statuses.push((await one.get("/")).status);
    assert.deepEqual(statuses, [200, 200, 200, 429]);
  });
});
