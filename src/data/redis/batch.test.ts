import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTask, isCancelled } from "../../asyncio/index.ts";
import { waitAllTasksParked } from "../../asyncio/testing/index.ts";
import type { RedisClient } from "./client.ts";
import { connect } from "./connect.ts";
import { RedisBatchError, RedisReplyError } from "./errors.ts";
import { type RedisServer, skip, useRedis } from "./redis-server.fixture.ts";

describe("RedisClient", { skip, timeout: 15_000 }, () => {
  let server: RedisServer;
  let client: RedisClient;
  useRedis((started) => ({ server, client } = started));

  for (const kind of ["pipeline", "transaction"] as const) {
    test(`RedisClient.${kind}() gives a typed reply for each request, read as ever`, async () => {
      const replies = await client[kind]((redis) => [
        redis.set("name", "ada"),
        redis.get("name"),
        redis.incr(`${kind} counter`),
        redis.hset(`${kind} hash`, { a: 1, b: 2 }),
        redis.hgetall(`${kind} hash`),
        redis.execute("ECHO", "any"),
      ]);
      const typed: [boolean, string | null, number, number, Record<string, string>, unknown] = replies;
      assert.deepEqual(typed, [true, "ada", 1, 2, { a: "1", b: "2" }, "any"]);
      assert.deepEqual(await client[kind](() => []), []);
    });

    test(`RedisClient.${kind}() gives what was executed beside what failed`, async () => {
      await client.set("text", "no number");
      const failing = client[kind]((redis) => [redis.set("x", 1), redis.incr("text"), redis.get("x")]);
      await assert.rejects(failing, (error: unknown) => {
        assert.ok(error instanceof RedisBatchError);
        assert.match(
          error.message,
          new RegExp(`^Cannot execute the ${kind} as 1 of 3 commands failed: Cannot execute INCR`),
        );
        const [set, incr, get] = error.replies;
        assert.deepEqual([set, get], [true, "1"]);
        assert.ok(incr instanceof RedisReplyError && incr.command === "INCR");
        return true;
      });
    });

    test(`RedisClient.${kind}() refuses what would wait or change the connection`, async () => {
      await assert.rejects(
        client[kind]((redis) => [redis.blpop("list")]),
        { name: "InvalidStateError", message: `Cannot send a ${kind} with BLPOP in it: it would wait on the server` },
      );
      await assert.rejects(
        client[kind]((redis) => [redis.execute("SUBSCRIBE", "news")]),
        /use subscribe\(\)/,
      );
      await assert.rejects(client[kind](undefined as never), TypeError);
      await assert.rejects(client[kind]((() => 7) as never), TypeError);
    });
  }

  test("RedisClient.transaction() executes nothing if a command cannot be understood", async () => {
    await client.del("untouched");
    const failing = client.transaction((redis) => [redis.set("untouched", 1), redis.execute("NOSUCH")]);
    await assert.rejects(failing, (error: unknown) => {
      assert.ok(error instanceof RedisBatchError);
      assert.match(error.message, /unknown command/);
      return true;
    });
    assert.equal(await client.get("untouched"), null);
  });

  test("RedisClient.transaction() lets nobody come between its commands", async () => {
    await using other = await connect(server.url);
    await client.set("sum", 0);
    const meddling = createTask(async () => {
      for (let n = 0; n < 200; n++) await other.incrby("sum", 1_000);
    });
    for (let n = 0; n < 50; n++) {
      const [one, two] = await client.transaction((redis) => [redis.incr("sum"), redis.incr("sum")]);
      assert.equal(two, one + 1);
    }
    await meddling;
  });

  test("RedisClient.pipeline() that is cancelled leaves the connection usable", async () => {
    server.signal("SIGSTOP");
    const task = createTask(() => client.pipeline((redis) => [redis.incr("n"), redis.incr("n"), redis.get("n")]));
    await waitAllTasksParked();
    assert.equal(task.waitsFor, "it waits for redis pipeline INCR INCR GET");
    task.cancel("enough");
    await assert.rejects(task, isCancelled);
    server.signal("SIGCONT");
    assert.equal(await client.execute("ECHO", "mine"), "mine");
  });
});
