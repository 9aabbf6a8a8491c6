import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTask, currentScope, isCancelled, type Scope, taskGroup, timeout } from "../../asyncio/index.ts";
import { waitAllTasksParked } from "../../asyncio/testing/index.ts";
import { findUncollected } from "../../base/garbage.fixture.ts";
import type { RedisClient } from "./client.ts";
import { connect } from "./connect.ts";
import { RedisReplyError } from "./errors.ts";
import { type RedisServer, skip, useRedis } from "./redis-server.fixture.ts";

describe("RedisClient", { skip, timeout: 15_000 }, () => {
  let server: RedisServer;
  let client: RedisClient;
  useRedis((started) => ({ server, client } = started));

  test("RedisClient.set() and get() keep a value, as text and as bytes", async () => {
    assert.equal(await client.set("key", "vålue"), true);
    assert.equal(await client.get("key"), "vålue");
    assert.equal(await client.get("none"), null);
    const bytes = Uint8Array.of(0, 255, 13, 10);
    await client.set("bytes", bytes);
    assert.deepEqual(await client.getBuffer("bytes"), Buffer.from(bytes));
    assert.equal(await client.set("key", "other", { nx: true }), false);
    assert.equal(await client.set("absent", "other", { xx: true }), false);
    await client.set("brief", 1.5, { px: 60_000 });
    assert.ok((await client.pttl("brief")) > 50_000);
    assert.equal(await client.get("brief"), "1.5");
    await client.set("brief", 2, { keepttl: true });
    assert.ok((await client.ttl("brief")) > 50);
    assert.equal(await client.persist("brief"), true);
    assert.deepEqual([await client.ttl("brief"), await client.ttl("none")], [-1, -2]);
    assert.deepEqual([await client.expire("brief", 60), await client.pexpire("none", 60)], [true, false]);
  });

  test("RedisClient has counters, hashes, lists, sets and sorted sets", async () => {
    assert.deepEqual([await client.incr("n"), await client.incrby("n", 5), await client.decr("n")], [1, 6, 5]);
    await client.mset({ a: 1, b: "two" });
    assert.deepEqual(await client.mget("a", "none", "b"), ["1", null, "two"]);
    assert.deepEqual([await client.exists("a", "b", "none"), await client.del("a", "b", "none")], [2, 2]);

    assert.equal(await client.hset("hash", { name: "ada", born: 1815, ["__proto__"]: "own" }), 3);
    const hash = await client.hgetall("hash");
    assert.deepEqual(
      Object.entries(hash).toSorted(([a], [b]) => a.localeCompare(b)),
      [
        ["__proto__", "own"],
        ["born", "1815"],
        ["name", "ada"],
      ],
    );
    assert.deepEqual(await client.hgetall("none"), {});
    assert.equal(await client.hget("hash", "name"), "ada");
    assert.equal(await client.hincrby("hash", "born", 1), 1816);
    assert.equal(await client.hdel("hash", "born", "none"), 1);

    assert.deepEqual([await client.rpush("list", "b", "c"), await client.lpush("list", "a")], [2, 3]);
    assert.deepEqual(await client.lrange("list", 0, -1), ["a", "b", "c"]);
    assert.equal(await client.lmove("list", "other", "RIGHT", "LEFT"), "c");
    assert.deepEqual(
      [await client.lpop("list"), await client.rpop("list"), await client.lpop("list")],
      ["a", "b", null],
    );
    assert.deepEqual([await client.llen("other"), await client.lrem("other", 0, "c")], [1, 1]);

    assert.equal(await client.sadd("set", "x", "y", "x"), 2);
    assert.deepEqual((await client.smembers("set")).toSorted(), ["x", "y"]);
    assert.deepEqual([await client.sismember("set", "x"), await client.sismember("set", "z")], [true, false]);
    assert.deepEqual([await client.srem("set", "x"), await client.scard("set")], [1, 1]);

    assert.equal(await client.zadd("sorted", { low: -Infinity, mid: 0.5, high: Infinity }), 3);
    assert.deepEqual(await client.zrange("sorted", 0, -1), [
      ["low", -Infinity],
      ["mid", 0.5],
      ["high", Infinity],
    ]);
    assert.deepEqual([await client.zscore("sorted", "mid"), await client.zscore("sorted", "none")], [0.5, null]);
    assert.deepEqual([await client.zrem("sorted", "low"), await client.zcard("sorted")], [1, 2]);
    assert.deepEqual(await client.bzpopmax("sorted"), ["sorted", "high", Infinity]);
    assert.equal(await client.ping(), "PONG");
  });

  test("RedisClient.execute() sends any command, and gives the reply as it is", async () => {
    await client.execute("rpush", "any", "one", 2, Buffer.from("three"));
    assert.deepEqual(await client.execute("LRANGE", "any", 0, -1), ["one", "2", "three"]);
    assert.deepEqual(await client.executeBuffer("LRANGE", "any", 0, 0), [Buffer.from("one")]);
    assert.equal(await client.execute("EVAL", "return redis.call('llen', KEYS[1])", 1, "any"), 3);
  });

  test("RedisClient.scan() finds every key that fits", async () => {
    for (let n = 0; n < 50; n++) await client.set(`scan:${n}`, n);
    const found = new Set<string>();
    for await (const key of client.scan({ match: "scan:*", count: 7 })) found.add(key);
    assert.equal(found.size, 50);
  });

  test("RedisClient throws what the server refuses, with its code and the command", async () => {
    await client.set("text", "no number");
    await assert.rejects(client.incr("text"), (error: unknown) => {
      assert.ok(error instanceof RedisReplyError);
      assert.deepEqual([error.code, error.command, error.name], ["ERR", "INCR", "RedisReplyError"]);
      assert.match(error.message, /^Cannot execute INCR as Redis refuses it: ERR value is not an integer/);
      return true;
    });
    await assert.rejects(client.lpush("text", "x"), { code: "WRONGTYPE" });
    await assert.rejects(client.execute("NOSUCH"), { message: /unknown command/ });
  });

  test("RedisClient refuses arguments that Redis would misunderstand", async () => {
    const wrong = (value: unknown): string => value as string;
    await assert.rejects(client.set("key", wrong(undefined)), {
      name: "TypeError",
      message:
        "Cannot send SET as argument 2 must be a string, a number, a bigint or bytes: current value is undefined",
    });
    await assert.rejects(client.set("key", wrong({ a: 1 })), /current value is/);
    await assert.rejects(client.get(wrong(null)), TypeError);
    await assert.rejects(client.incrby("key", Number.NaN), RangeError);
    await assert.rejects(client.execute("GET key"), /its name must be one word/);
  });

  for (const [name, hint] of [
    ["SUBSCRIBE", "use subscribe()"],
    ["multi", "use transaction()"],
    ["SELECT", "say which database when you connect"],
    ["QUIT", "use close()"],
    ["WAIT", "it would hold up everybody else's commands"],
  ]) {
    test(`RedisClient.execute() refuses ${name}, and says what to do`, async () => {
      await assert.rejects(client.execute(name!, "0", "0"), {
        name: "InvalidStateError",
        message: `Cannot execute ${name!.toUpperCase()} on a shared connection: ${hint}`,
      });
    });
  }

  test("RedisClient leaves the reply of a cancelled command in its place: the next ones get their own", async () => {
    server.signal("SIGSTOP");
    const tasks = Array.from({ length: 40 }, (_, n) => createTask(() => client.execute("ECHO", `reply ${n}`)));
    await waitAllTasksParked();
    assert.equal(tasks[0]!.waitsFor, "it waits for redis ECHO reply 0");
    for (const task of tasks.filter((_, n) => n % 3 === 0)) task.cancel();
    const cancelled = await Promise.allSettled(tasks.filter((_, n) => n % 3 === 0));
    assert.ok(cancelled.every((outcome) => outcome.status === "rejected" && isCancelled(outcome.reason)));
    server.signal("SIGCONT");
    for (const [n, task] of tasks.entries()) if (n % 3 !== 0) assert.equal(await task, `reply ${n}`);
    assert.equal(await client.execute("ECHO", "after"), "after");
    assert.equal(client.statistics().pending, 0);
  });

  test("RedisClient does not wait for a server that hangs longer than a timeout around it", async () => {
    server.signal("SIGSTOP");
    await assert.rejects(
      timeout(50, () => client.get("key")),
      { name: "TimeoutError" },
    );
    server.signal("SIGCONT");
    assert.equal(await client.ping(), "PONG");
  });

  test("RedisClient keeps no task alive that has used it", async () => {
    const [other, scopes] = await connectInTasks(server.url);
    await using _ = other;
    assert.equal(await other.ping(), "PONG");
    assert.deepEqual(await findUncollected(scopes), []);
  });

  test("RedisClient.close() waits for replies that are under way, and then refuses", async () => {
    const other = await connect(server.url);
    await taskGroup(async (group) => {
      const reply = group.createTask(() => other.execute("ECHO", "last"));
      await waitAllTasksParked();
      await other.close();
      assert.equal(await reply, "last");
    });
    await other.close();
    await assert.rejects(other.get("key"), {
      name: "InvalidStateError",
      message: "Cannot use GET as the client of Redis was closed",
    });
    assert.equal(other.statistics().connections, 0);
  });
});

// One task opens the shared connection, another one that for blocking commands, which go back to the pool.
async function connectInTasks(url: string): Promise<[client: RedisClient, scopes: WeakRef<Scope>[]]> {
  const scopes: WeakRef<Scope>[] = [];
  const client = await createTask(async () => {
    scopes.push(new WeakRef(currentScope()));
    return await connect(url);
  });
  await createTask(async () => {
    scopes.push(new WeakRef(currentScope()));
    await client.rpush("mine", "item");
    await client.blpop("mine");
  });
  return [client, scopes];
}
