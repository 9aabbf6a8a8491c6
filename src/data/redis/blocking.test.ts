import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTask, isCancelled, moveOnAfter, sleep, type Task, taskGroup } from "../../asyncio/index.ts";
import { randomOf, waitAllTasksParked } from "../../asyncio/testing/index.ts";
import type { RedisClient } from "./client.ts";
import { connect } from "./connect.ts";
import { undoBlockingPop } from "./undo-blocking-pop.ts";
import { RedisServer, skip, useRedis } from "./redis-server.fixture.ts";

test("undoBlockingPop() puts back what was taken, to the end it was taken from", () => {
  const table: [name: string, args: string[], reply: unknown, expected: string | undefined][] = [
    ["BLPOP", ["q", "0"], ["q", "a"], "LPUSH q a"],
    ["BRPOP", ["q", "0"], ["q", "a"], "RPUSH q a"],
    ["BZPOPMIN", ["z", "0"], ["z", "m", "1.5"], "ZADD z NX 1.5 m"],
    ["BZPOPMAX", ["z", "0"], ["z", "m", "1.5"], "ZADD z NX 1.5 m"],
    ["BLMPOP", ["0", "2", "p", "q", "left", "COUNT", "2"], ["q", ["a", "b"]], "LPUSH q b a"],
    ["BLMPOP", ["0", "1", "q", "RIGHT"], ["q", ["b", "a"]], "RPUSH q a b"],
    [
      "BZMPOP",
      ["0", "1", "z", "MIN"],
      [
        "z",
        [
          ["m", "1"],
          ["n", "2"],
        ],
      ],
      "ZADD z NX 1 m 2 n",
    ],
    ["BLMOVE", ["q", "r", "LEFT", "RIGHT", "0"], "a", undefined],
    ["XREAD", ["BLOCK", "0", "STREAMS", "s", "$"], [["s", []]], undefined],
    ["BLPOP", ["q", "1"], null, undefined],
  ];
  for (const [name, args, reply, expected] of table) {
    const command = undoBlockingPop({ name, args, binary: true }, reply);
    assert.equal(command && [command.name, ...command.args].join(" "), expected);
  }
});

describe("RedisClient", { skip, timeout: 15_000 }, () => {
  let server: RedisServer;
  let client: RedisClient;
  useRedis((started) => ({ server, client } = started));

  test("RedisClient.blpop() waits on a connection of its own, and holds nobody up", async () => {
    const task = createTask(() => client.blpop("jobs", "other jobs"));
    await server.untilBlocked(1);
    assert.equal(task.waitsFor, "it waits for redis BLPOP jobs");
    assert.equal(await client.ping(), "PONG");
    await client.rpush("jobs", "one");
    assert.deepEqual(await task, ["jobs", "one"]);
    assert.deepEqual(client.statistics(), { connections: 2, pending: 0, blocking: 1, idle: 1, subscriptions: 0 });
  });

  test("RedisClient.blpop() leaves no connection open to a user who may not ask for its number", async () => {
    await client.execute("ACL", "SETUSER", "guest", "on", ">guest", "~*", "+@all", "-client|id");
    await using guest = await connect(server.url, { username: "guest", password: "guest" });
    for (let i = 0; i < 3; i++)
      await assert.rejects(guest.blpop("jobs"), { name: "RedisReplyError", message: /NOPERM/ });
    while (guest.statistics().connections > 1) await sleep(1);
    await client.execute("ACL", "DELUSER", "guest");
  });

  test("RedisClient.statistics() counts no idle connection that was lost", async () => {
    await using own = await RedisServer.start();
    await using other = await connect(own.url);
    await other.rpush("jobs", "one");
    await other.blpop("jobs");
    assert.equal(other.statistics().idle, 1);
    await own.kill();
    while (other.statistics().connections > 0) await sleep(1);
    assert.equal(other.statistics().idle, 0);
  });

  test("RedisClient.blpop() that is cancelled is over on the server, and its connection serves the next", async () => {
    const { connections } = client.statistics();
    for (let round = 0; round < 20; round++) {
      const task = createTask(() => client.blpop("nothing"));
      await server.untilBlocked(1);
      task.cancel("no longer wanted");
      await assert.rejects(task, isCancelled);
      await server.untilBlocked(0);
    }
    assert.equal(client.statistics().connections, connections);
    await client.rpush("nothing", "kept");
    assert.equal(await client.llen("nothing"), 1);
  });

  test("RedisClient.blpop() takes nothing when it is cancelled at once, before the server has seen it", async () => {
    for (let turns = 0; turns < 12; turns++) {
      const task = createTask(() => client.blpop("early"));
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      task.cancel();
      await assert.rejects(task, isCancelled);
      await client.rpush("early", "item");
      assert.equal(await client.lpop("early"), "item");
    }
  });

  test("RedisClient.blpop() puts back, in its place, what came just before it was cancelled", async () => {
    await client.rpush("line", "second");
    const task = createTask(() => client.blpop("queue"));
    await server.untilBlocked(1);
    // The server is stopped. When it continues, it receives the value first and CLIENT UNBLOCK after it, so it answers
    // with the value.
    server.signal("SIGSTOP");
    const push = createTask(() => client.rpush("queue", "first", "second"));
    await waitAllTasksParked();
    task.cancel();
    await waitAllTasksParked();
    server.signal("SIGCONT");
    await assert.rejects(task, isCancelled);
    assert.equal(await push, 2);
    assert.deepEqual(await client.lrange("queue", 0, -1), ["first", "second"]);
  });

  test("RedisClient puts back bytes as they were", async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00]);
    const task = createTask(() => client.brpop("binary"));
    await server.untilBlocked(1);
    server.signal("SIGSTOP");
    const push = createTask(() => client.rpush("binary", bytes));
    await waitAllTasksParked();
    task.cancel();
    server.signal("SIGCONT");
    await assert.rejects(task, isCancelled);
    await push;
    assert.deepEqual(await client.executeBuffer("LRANGE", "binary", 0, -1), [bytes]);
  });

  test("RedisClient.blpop() within a time limit ends with it", async () => {
    assert.equal(await moveOnAfter(20, () => client.blpop("never")), undefined);
    await server.untilBlocked(0);
  });

  test("RedisClient loses no item and gives none twice when consumers are cancelled at random", async () => {
    const random = randomOf(7);
    const total = 400;
    const taken: string[] = [];
    let cancelled = 0;
    const consume = async (): Promise<void> => {
      const [, item] = await client.blpop("storm");
      taken.push(item);
    };
    await taskGroup(async (group) => {
      const producer = group.createTask(async () => {
        for (let n = 0; n < total; n++) {
          await client.rpush("storm", `item ${n}`);
          if (random() < 0.5) await sleep(random() * 2);
        }
      });
      const consumer = group.createTask(async () => {
        while (taken.length < total) {
          const tasks: Task<void>[] = Array.from({ length: 4 }, () => createTask(consume));
          await sleep(random() * 3);
          for (const task of tasks) if (random() < 0.7) task.cancel();
          // No more values arrive once the producer is done.
          producer.addDoneCallback(() => tasks.forEach((task) => task.cancel()));
          const outcomes = await Promise.allSettled(tasks);
          cancelled += outcomes.filter(({ status }) => status === "rejected").length;
          if (producer.done() && (await client.llen("storm")) > 0) await consume();
        }
      });
      await consumer;
    });
    assert.equal(taken.length, total);
    assert.equal(new Set(taken).size, total);
    assert.ok(cancelled > 50, `only ${cancelled} cancelled`);
    assert.equal(await client.llen("storm"), 0);
    assert.ok(client.statistics().blocking <= 8);
  });

  test("RedisClient.execute() knows an XREAD that blocks from one that does not", async () => {
    await client.execute("XADD", "stream", "*", "field", "value");
    const [[name]] = (await client.execute("XREAD", "STREAMS", "stream", "0")) as [[string, unknown]];
    assert.equal(name, "stream");
    const task = createTask(() => client.execute("XREAD", "block", 0, "STREAMS", "stream", "$"));
    await server.untilBlocked(1);
    assert.equal(await client.ping(), "PONG");
    task.cancel();
    await assert.rejects(task, isCancelled);
    await server.untilBlocked(0);
  });

  test("RedisClient.close() ends what waits on the server", async () => {
    const other = await connect(server.url);
    const task = createTask(() => other.blpop("closing"));
    await server.untilBlocked(1);
    const outcome = assert.rejects(task, {
      name: "InvalidStateError",
      message: "Cannot finish a command as the client was closed",
    });
    await other.close();
    await outcome;
    await server.untilBlocked(0);
  });
});
