import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTask, isCancelled, taskGroup } from "../../asyncio/index.ts";
import { checkLeaks, waitAllTasksParked } from "../../asyncio/testing/index.ts";
import type { RedisClient } from "./client.ts";
import { connect } from "./connect.ts";
import { RedisServer, skip, useRedis } from "./redis-server.fixture.ts";
import type { RedisMessage } from "./subscription.ts";

describe("RedisClient", { skip, timeout: 15_000 }, () => {
  let server: RedisServer;
  let client: RedisClient;
  useRedis((started) => ({ server, client } = started));

  test("RedisClient.subscribe() gives the messages of its channels, and closes when the loop is left", async () => {
    const subscription = client.subscribe("news", "sport");
    await subscription.ready();
    assert.equal(client.statistics().subscriptions, 1);
    await client.publish("news", "one");
    await client.publish("other", "unheard");
    await client.publish("sport", "two");
    const messages: RedisMessage[] = [];
    for await (const message of subscription) {
      messages.push(message);
      if (messages.length === 2) break;
    }
    assert.deepEqual(messages, [
      { channel: "news", message: "one", pattern: undefined },
      { channel: "sport", message: "two", pattern: undefined },
    ]);
    assert.equal(client.statistics().subscriptions, 0);
    assert.deepEqual(await subscription.next(), { done: true, value: undefined });
    await assert.rejects(subscription.ready(), { name: "InvalidStateError" });
  });

  test("RedisClient.psubscribe() says which pattern a channel fits", async () => {
    await using subscription = client.psubscribe("n?ws.*");
    await subscription.ready();
    await client.publish("news.local", "hello");
    const { value } = await subscription.next();
    assert.deepEqual(value, { channel: "news.local", message: "hello", pattern: "n?ws.*" });
  });

  test("RedisClient.subscribe() opens by the first read, and can be cancelled while it waits", async () => {
    const listener = createTask(async () => {
      for await (const { message } of client.subscribe("quiet")) assert.fail(message);
    });
    await waitAllTasksParked();
    listener.cancel("enough");
    await assert.rejects(listener, isCancelled);
    assert.equal(client.statistics().subscriptions, 0);
  });

  test("RedisClient.subscribe() closes with the group that it was made in, also if nobody reads it", async () => {
    await taskGroup(async () => {
      await client.subscribe("left").ready();
      assert.equal(client.statistics().subscriptions, 1);
    });
    assert.equal(client.statistics().subscriptions, 0);
  });

  test("RedisClient.close() ends the loops over subscriptions", async () => {
    await checkLeaks(async () => {
      const other = await connect(server.url);
      const subscription = other.subscribe("news");
      await subscription.ready();
      const loop = createTask(async () => {
        for await (const { message } of subscription) assert.fail(message);
        return "over";
      });
      await waitAllTasksParked();
      await other.close();
      assert.equal(await loop, "over");
    });
  });

  test("RedisClient.subscribe() makes the server keep what a slow reader has not read", async () => {
    await using subscription = client.subscribe("flood");
    await subscription.ready();
    const total = 5_000;
    const text = "x".repeat(1_000);
    for (let sent = 0; sent < total; sent += 500) {
      await client.pipeline((redis) =>
        Array.from({ length: 500 }, (_, n) => redis.publish("flood", `${sent + n} ${text}`)),
      );
    }
    let next = 0;
    for await (const { message } of subscription) {
      assert.equal(Number.parseInt(message, 10), next);
      if (++next === total) break;
    }
  });

  test("RedisClient.subscribe() throws when the connection is lost: there may be a gap", async () => {
    await using doomed = await RedisServer.start();
    await using other = await connect(doomed.url);
    const subscription = other.subscribe("news");
    await subscription.ready();
    const reading = assert.rejects(subscription.next(), {
      name: "RedisConnectionLost",
      message: /^Cannot finish SUBSCRIBE news as the connection to Redis at .* was lost$/,
    });
    await doomed.kill();
    await reading;
    await assert.rejects(subscription.next(), { name: "RedisConnectionLost" });
  });

  test("RedisClient.subscribe() wants names", () => {
    assert.throws(() => client.subscribe(), TypeError);
    assert.throws(() => client.psubscribe(7 as never), TypeError);
  });
});
