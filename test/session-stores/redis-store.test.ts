import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sleep } from "../../src/asyncio/index.ts";
import type { RedisClient } from "../../src/data/redis/client.ts";
import { skip, useRedis } from "../../src/data/redis/redis-server.fixture.ts";
import { RedisSessionStore } from "../../src/web/sessions/redis-store.ts";
import { testSessionStore } from "../../src/web/sessions/session-store.contract.fixture.ts";

describe("RedisSessionStore", { skip, timeout: 30_000 }, () => {
  let client: RedisClient;
  useRedis((started) => ({ client } = started));

  // Time passes on the server: nothing but waiting makes a key expire.
  testSessionStore("RedisSessionStore", () => ({ store: new RedisSessionStore(client), pass: (ms) => sleep(ms) }));

  test("RedisSessionStore keeps each session under its prefix, and lets it expire", async () => {
    await new RedisSessionStore(client, { prefix: "app:" }).create("1", "{}", 60_000);
    assert.equal(await client.get("app:1"), "{}");
    const left = Number(await client.execute("PTTL", "app:1"));
    assert.ok(left > 0 && left <= 60_000);
  });
});
