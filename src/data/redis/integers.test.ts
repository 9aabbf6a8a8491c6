import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RedisClient } from "./client.ts";
import { RedisBatchError } from "./errors.ts";
import { skip, useRedis } from "./redis-server.fixture.ts";

const beyond = 2n ** 53n + 1n; // a number would make 2 ** 53 of it

describe("RedisClient", { skip, timeout: 15_000 }, () => {
  let client: RedisClient;
  useRedis((started) => ({ client } = started));

  test("RedisClient.execute() gives an integer beyond 2 ** 53 as a bigint, and others as numbers", async () => {
    await client.set("n", String(beyond - 1n));
    assert.equal(await client.execute("INCR", "n"), beyond);
    assert.equal(await client.executeBuffer("INCRBY", "n", -1n), beyond - 1n);
    assert.equal(await client.execute("DECRBY", "n", 1), 2 ** 53 - 1);
    assert.deepEqual(await client.execute("EVAL", 'return {1, {2}, "2", false}', 0), [1, [2], "2", null]);
    await client.set("least", String(-(2n ** 63n)));
    assert.equal(await client.execute("INCRBY", "least", 0), -(2n ** 63n));
    assert.equal(await client.execute("STRLEN", "none"), 0);
  });

  test("RedisClient.incr() and its kin throw rather than round, and say the value", async () => {
    const refused = (name: string, value: bigint): { name: string; message: string } => ({
      name: "RangeError",
      message: `Cannot read the reply to ${name} as a number must be below 2 ** 53, execute() gives a bigint: current value is ${value}n`,
    });
    await client.set("n", String(beyond));
    await assert.rejects(client.incr("n"), refused("INCR", beyond + 1n));
    await assert.rejects(client.incrby("n", 5), refused("INCRBY", beyond + 6n));
    await assert.rejects(client.decr("n"), refused("DECR", beyond + 5n));
    await client.hset("hash", { n: beyond });
    assert.equal(await client.hget("hash", "n"), String(beyond));
    await assert.rejects(client.hincrby("hash", "n", 1), refused("HINCRBY", beyond + 1n));
  });

  test("RedisClient.incrby() and hincrby() take bigints, and refuse numbers that were rounded", async () => {
    await client.set("n", 0);
    await assert.rejects(client.incrby("n", 2 ** 53), {
      name: "RangeError",
      message:
        "Cannot send INCRBY as the increment must be a whole number below 2 ** 53, or a bigint: current value is 9007199254740992",
    });
    await assert.rejects(client.incrby("n", 0.5), RangeError);
    await assert.rejects(client.hincrby("hash", "m", 2 ** 60), RangeError);
    await assert.rejects(client.incrby("n", "5" as never), TypeError);
    assert.equal(await client.incrby("n", 5n), 5);
    assert.equal(await client.hincrby("hash", "m", -5n), -5);
    await client.set("id", beyond);
    assert.equal(await client.get("id"), String(beyond));
  });

  for (const kind of ["pipeline", "transaction"] as const) {
    test(`RedisClient.${kind}() gives a bigint only where a command was sent by execute()`, async () => {
      await client.set("n", String(beyond));
      const [sum, same] = await client[kind]((redis) => [redis.execute("INCR", "n"), redis.get("n")]);
      assert.deepEqual([sum, same], [beyond + 1n, String(beyond + 1n)]);
      await assert.rejects(
        client[kind]((redis) => [redis.incr("n"), redis.get("n")]),
        (error: unknown) => {
          assert.ok(error instanceof RedisBatchError && error.replies[0] instanceof RangeError);
          return error.replies[1] === String(beyond + 2n);
        },
      );
    });
  }

  test("RedisClient refuses options of set() and scan() that do not exist", async () => {
    await assert.rejects(client.set("key", "value", { EX: 60 } as never), {
      name: "TypeError",
      message: "Cannot send SET as 'EX' is not an option: there are ex, px, nx, xx, keepttl",
    });
    await assert.rejects(client.set("key", "value", 60 as never), TypeError);
    await assert.rejects(client.set("key", "value", { ex: "60" as never }), TypeError);
    await assert.rejects(client.set("key", "value", { ex: 0 }), RangeError);
    await assert.rejects(client.set("key", "value", { nx: 1 as never }), TypeError);
    await assert.rejects(client.scan({ type: "hash" } as never).next(), { message: /'type' is not an option/ });
    assert.equal(await client.exists("key"), 0);
  });
});
