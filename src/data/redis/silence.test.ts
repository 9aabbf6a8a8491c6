import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createTask, isCancelled, moveOnAfter, sleep } from "../../asyncio/index.ts";
import { checkLeaks, waitAllTasksParked } from "../../asyncio/testing/index.ts";
import { SwallowingProxy } from "../shared/swallowing-proxy.fixture.ts";
import type { RedisClient } from "./client.ts";
import { connect } from "./connect.ts";
import { nextSlice } from "./blocking-slices.ts";
import { RedisServer, skip } from "./redis-server.fixture.ts";

test("nextSlice() cuts a wait into pieces, and leaves what has no time limit or begins now", () => {
  const table: [name: string, args: string[], waited: number, args: string[], wait: number, isLast: boolean][] = [
    ["BLPOP", ["q", "0"], 0, ["q", "15"], 15_000, false],
    ["BLPOP", ["q", "0"], 15_000, ["q", "15"], 15_000, false],
    ["BRPOP", ["q", "20"], 0, ["q", "15"], 15_000, false],
    ["BRPOP", ["q", "20"], 15_000, ["q", "5"], 5_000, true],
    ["BZPOPMIN", ["z", "0.5"], 0, ["z", "0.5"], 500, true],
    ["BLMOVE", ["a", "b", "LEFT", "LEFT", "0"], 0, ["a", "b", "LEFT", "LEFT", "15"], 15_000, false],
    ["BLMPOP", ["0", "1", "q", "LEFT"], 0, ["15", "1", "q", "LEFT"], 15_000, false],
    ["XREAD", ["block", "0", "STREAMS", "s", "7-0"], 0, ["block", "15000", "STREAMS", "s", "7-0"], 15_000, false],
    ["XREADGROUP", ["GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s", ">"], 0, [], 15_000, false],
    ["XREAD", ["BLOCK", "0", "STREAMS", "s", "$"], 0, ["BLOCK", "0", "STREAMS", "s", "$"], Infinity, true],
    ["BLPOP", ["q", "soon"], 0, ["q", "soon"], 0, true],
    ["BLPOP", ["q", "-1"], 0, ["q", "-1"], 0, true],
    ["BLPOP", [], 0, [], 0, true],
  ];
  for (const [name, args, waited, sent, wait, isLast] of table) {
    const slice = nextSlice({ name, args }, waited, 15_000);
    assert.deepEqual([slice.wait, slice.isLast], [wait, isLast], `${name} ${args.join(" ")}`);
    if (sent.length > 0) assert.deepEqual(slice.args, sent);
  }
  assert.equal(nextSlice({ name: "BLPOP", args: ["q", "0"] }, 0, 10).wait, 1_000);
  assert.deepEqual(nextSlice({ name: "BLPOP", args: ["q", "0"] }, 0, Infinity).args, ["q", "0"]);
});

describe("RedisClient", { skip, timeout: 30_000 }, () => {
  let server: RedisServer;
  let direct: RedisClient;
  before(async () => {
    server = await RedisServer.start();
    direct = await connect(server.url);
  });
  after(async () => {
    await direct?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const socketTimeout = 600; // a server on a busy machine needs some of it to answer
  const silent = new RegExp(
    `^RedisConnectionLost: Cannot finish .* as the connection to Redis at .* was lost: the server was silent for ${socketTimeout} ms$`,
  );
  const start = (): Promise<SwallowingProxy> => SwallowingProxy.start({ path: server.url });
  const reach = (proxy: SwallowingProxy, options = {}): Promise<RedisClient> =>
    connect(`redis://127.0.0.1:${proxy.port}`, { socketTimeout, ...options });

  // A script that keeps the server busy for a number of milliseconds.
  const busy = `local function now() local t = redis.call("TIME") return t[1] * 1000 + t[2] / 1000 end
    local begun = now() while now() - begun < tonumber(ARGV[1]) do end return 1`;

  async function timed(fn: () => Promise<unknown>): Promise<number> {
    const begun = performance.now();
    await fn();
    return performance.now() - begun;
  }

  test("RedisClient leaves a connection that fell silent within socketTimeout, and goes on over another", async () => {
    await using proxy = await start();
    await using client = await reach(proxy);
    assert.equal(await client.ping(), "PONG");
    proxy.swallow();
    const took = await timed(async () => {
      const calls = Array.from({ length: 31 }, () => assert.rejects(client.get("key"), silent));
      await Promise.all(calls);
    });
    assert.ok(took >= socketTimeout && took < socketTimeout + 2_000, `it took ${took} ms`);
    assert.equal(await client.ping(), "PONG");
    assert.equal(proxy.connections, 1);
  });

  test("RedisClient leaves a silent connection although each call gives up before", async () => {
    await using proxy = await start();
    await using client = await reach(proxy);
    proxy.swallow();
    let calls = 0;
    while ((await moveOnAfter(50, () => client.ping().catch(() => "lost"))) !== "PONG") assert.ok(++calls < 100);
  });

  for (const [what, send] of [
    ["a pipeline", (client: RedisClient) => client.pipeline((redis) => [redis.get("a"), redis.get("b")])],
    ["a transaction", (client: RedisClient) => client.transaction((redis) => [redis.get("a"), redis.get("b")])],
    ["a scan", async (client: RedisClient) => client.scan().next()],
  ] as const) {
    test(`RedisClient leaves a connection that falls silent during ${what}`, async () => {
      await using proxy = await start();
      await using client = await reach(proxy);
      proxy.swallow();
      await assert.rejects(async () => send(client), silent);
      assert.equal(await client.ping(), "PONG");
    });
  }

  test("RedisClient leaves a connection that fell silent while nothing was asked", async () => {
    await using proxy = await start();
    await using client = await reach(proxy, { pingInterval: 100 });
    assert.equal(client.statistics().connections, 1);
    proxy.swallow();
    while (client.statistics().connections > 0) await sleep(10);
    assert.equal(await client.ping(), "PONG");
    for (let round = 0; round < 5; round++) {
      await sleep(100);
      assert.equal(client.statistics().connections, 1, "the new one is asked, answers and stays");
    }
  });

  test("RedisClient does not leave a connection over which a long reply is on its way, or whose server is slow", async () => {
    await using proxy = await start();
    await using client = await reach(proxy, { pingInterval: 50 });
    const id = await client.execute("CLIENT", "ID");
    for (let round = 0; round < 3; round++) await client.execute("EVAL", busy, 0, 400);
    assert.equal(await client.execute("CLIENT", "ID"), id);
    await using patient = await reach(proxy, { socketTimeout: Infinity });
    await patient.execute("EVAL", busy, 0, 900);
  });

  test("RedisClient does not take its own busy process for a silent server", async () => {
    await using client = await connect(server.url, { socketTimeout: 1_000, pingInterval: 500 });
    const id = await client.execute("CLIENT", "ID");
    const reply = createTask(() => client.execute("CLIENT", "ID"), { eagerStart: true });
    await new Promise((resolve) => setImmediate(resolve));
    const begun = performance.now();
    while (performance.now() - begun < 1_600);
    assert.equal(await reply, id);
    assert.equal(await client.execute("CLIENT", "ID"), id);
  });

  test("RedisClient.blpop() fails when its connection falls silent, and the next one has another", async () => {
    await using proxy = await start();
    await using client = await reach(proxy, { pingInterval: 1_000 });
    const task = createTask(() => client.blpop("jobs"));
    await server.untilBlocked(1);
    proxy.swallow();
    const took = await timed(() => assert.rejects(task, silent));
    assert.ok(took >= socketTimeout && took < 1_000 + socketTimeout + 2_000, `it took ${took} ms`);
    await direct.execute("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"); // the connections that the proxy has left behind
    await direct.rpush("jobs", "one");
    assert.deepEqual(await client.blpop("jobs"), ["jobs", "one"]);
  });

  // Uses a counter of the server, because the moment between two slices is too short to be observed.
  async function untilSliceEnds(): Promise<void> {
    const earlier = await countSlices();
    while ((await countSlices()) === earlier);
  }

  async function countSlices(): Promise<number> {
    const info = (await direct.execute("INFO", "commandstats")) as string;
    return Number(/cmdstat_blpop:calls=(\d+)/.exec(info)?.[1] ?? 0);
  }

  test("RedisClient.blpop() waits on, slice after slice, and is cancelled in any of them", async () => {
    await using client = await connect(server.url, { pingInterval: 1, socketTimeout: 5_000 });
    const task = createTask(() => client.blpop("late"));
    await server.untilBlocked(1);
    await untilSliceEnds();
    await server.untilBlocked(1);
    await direct.rpush("late", "one");
    assert.deepEqual(await task, ["late", "one"]);
    const cancelled = createTask(() => client.blpop("late"));
    await server.untilBlocked(1);
    await untilSliceEnds();
    cancelled.cancel();
    await assert.rejects(cancelled, isCancelled);
    await server.untilBlocked(0);
    await direct.rpush("late", "two");
    assert.equal(await direct.lpop("late"), "two");
    assert.equal(await client.execute("BLPOP", "late", 2), null);
  });

  test("RedisClient.blpop() on a silent connection is cancelled within two seconds", async () => {
    await using proxy = await start();
    await using client = await reach(proxy, { socketTimeout: 60_000 });
    const task = createTask(() => client.blpop("jobs"));
    await server.untilBlocked(1);
    proxy.swallow();
    task.cancel();
    const took = await timed(() => assert.rejects(task, isCancelled));
    assert.ok(took < 4_000, `it took ${took} ms`);
  });

  test("RedisClient.subscribe() throws when its connection fell silent: there may be a gap", async () => {
    await using proxy = await start();
    await using client = await reach(proxy, { pingInterval: 100 });
    await using subscription = client.subscribe("news");
    await subscription.ready();
    const reading = createTask(() => subscription.next());
    await sleep(2 * socketTimeout); // it is asked meanwhile, and answers
    await direct.publish("news", "heard");
    assert.equal((await reading).value?.message, "heard");
    proxy.swallow();
    const took = await timed(() =>
      assert.rejects(subscription.next(), {
        name: "RedisConnectionLost",
        message: /SUBSCRIBE news .*: the server was silent/,
      }),
    );
    assert.ok(took >= socketTimeout && took < 100 + socketTimeout + 2_000, `it took ${took} ms`);
  });

  test("RedisClient.subscribe() is not taken for silent while its reader is slow", async () => {
    await using client = await connect(server.url, { socketTimeout: 1_500, pingInterval: 100 });
    await using subscription = client.subscribe("flood");
    await subscription.ready();
    await direct.pipeline((redis) => Array.from({ length: 1_500 }, (_, n) => redis.publish("flood", `${n}`)));
    await sleep(2_000);
    for (let n = 0; n < 1_500; n++) assert.equal((await subscription.next()).value?.message, `${n}`);
    await sleep(200);
    await direct.publish("flood", "after");
    assert.equal((await subscription.next()).value?.message, "after");
  });

  for (const [state, trigger, options] of [
    ["it is greeted", "info", {}],
    ["it is told the user", "auth", { password: "none" }],
    ["it is told the database", "select", { db: 1 }],
  ] as const) {
    test(`connect() leaves a server that falls silent when ${state}, and nothing open`, async () => {
      await using proxy = await start();
      proxy.swallowFrom(trigger);
      await checkLeaks(async () => {
        const took = await timed(() =>
          assert.rejects(reach(proxy, { ...options, connectTimeout: 300, socketTimeout: 60_000 }), {
            name: "RedisConnectError",
            message: /the server did not answer within 300 ms$/,
          }),
        );
        assert.ok(took >= 300 && took < 2_300, `it took ${took} ms`);
        while (proxy.connections > 0) await sleep(5);
      });
    });
  }

  for (const [what, trigger, use] of [
    ["a subscription begins", "subscribe", (client: RedisClient) => client.subscribe("news").ready()],
    ["a blocking connection is named", "\r\nid\r\n", (client: RedisClient) => client.blpop("jobs")],
  ] as const) {
    test(`RedisClient leaves a connection that falls silent when ${what}`, async () => {
      await using proxy = await start();
      await using client = await reach(proxy);
      proxy.swallowFrom(trigger);
      await assert.rejects(use(client), silent);
      assert.equal(await client.ping(), "PONG");
    });
  }

  test("RedisClient.close() does not wait for a silent server", async () => {
    await using proxy = await start();
    const client = await reach(proxy, { socketTimeout: 60_000 });
    proxy.swallow();
    const call = assert.rejects(client.get("key"));
    await waitAllTasksParked();
    const took = await timed(() => client.close());
    assert.ok(took < 3_000, `it took ${took} ms`);
    await call;
  });
});
