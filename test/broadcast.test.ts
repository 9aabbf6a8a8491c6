import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  allTasks,
  createTask,
  Event,
  InvalidStateError,
  isCancelled,
  run,
  sleep,
  taskGroup,
} from "../src/asyncio/index.ts";
import { connect } from "../src/data/redis/index.ts";
import { RedisServer, skip } from "../src/data/redis/redis-server.fixture.ts";
import { reportsOf } from "../src/web/app/_reports.fixture.ts";
import {
  Broadcast,
  type BroadcastOptions,
  type BroadcastRedis,
  type BroadcastSubscription,
  Pottle,
  type RelaySource,
  SlowSubscriberError,
  sse,
} from "../src/web/index.ts";

/** Makes broadcasts that are joined: with Redis, those of several processes. */
interface Scene {
  readonly make: (options?: BroadcastOptions) => Broadcast;
}

/** Plays a scene, and closes what it has made. */
type Play = (scene: (scene: Scene) => Promise<void>) => Promise<void>;

async function inMemory(scene: (scene: Scene) => Promise<void>): Promise<void> {
  const made: Broadcast[] = [];
  const make = (options?: BroadcastOptions): Broadcast => {
    const broadcast = new Broadcast(options);
    made.push(broadcast);
    return broadcast;
  };
  await scene({ make });
  for (const broadcast of made) await broadcast.close();
}

let server: RedisServer | undefined;

async function overRedis(scene: (scene: Scene) => Promise<void>): Promise<void> {
  await using client = await connect(server?.url);
  await inMemory(({ make }) => scene({ make: (options) => make({ redis: client, ...options }) }));
}

async function readAll<T>(subscription: BroadcastSubscription<T>): Promise<T[]> {
  return Array.fromAsync(subscription);
}

/** Waits until `count` messages wait for the subscriber. */
async function untilSize(subscription: BroadcastSubscription<unknown>, count: number): Promise<void> {
  while (subscription.size < count) await pause(1);
}

function contract(play: Play): void {
  test("Broadcast.publish() reaches all subscribers of a topic, in order, and no others", () =>
    play(async ({ make }) => {
      const chat = make();
      const [one, two, other] = [chat.subscribe("a"), chat.subscribe("a"), chat.subscribe("__proto__")];
      await Promise.all([one, two, other].map((it) => it.ready()));
      const messages: unknown[] = [1, "two", { three: [3] }, null, { __proto__: null, constructor: "x" }];
      for (const message of messages) await chat.publish("a", message);
      await chat.publish("__proto__", "other");
      await chat.publish("nobody", "lost");
      await untilSize(one, messages.length);
      await untilSize(two, messages.length);
      await untilSize(other, 1);
      assert.deepEqual(await other.next(), { done: false, value: "other" });
      await chat.close();
      const expected = JSON.stringify(messages);
      assert.equal(JSON.stringify(await readAll(one)), expected);
      assert.equal(JSON.stringify(await readAll(two)), expected);
      assert.deepEqual(await readAll(other), []);
      const { topics, subscribers, published, dropped } = chat.statistics();
      assert.deepEqual(
        { topics, subscribers, published, dropped },
        { topics: 0, subscribers: 0, published: 7, dropped: 0 },
      );
    }));

  test("Broadcast drops the oldest or the newest message of a slow subscriber, or closes it", () =>
    play(async ({ make }) => {
      const chat = make({ queue: 3 });
      const last = chat.subscribe("a", { queue: 100 });
      const oldest = chat.subscribe("a");
      const newest = chat.subscribe("a", { slow: "drop-newest" });
      const closed = chat.subscribe("a", { slow: "close", queue: 4 });
      await Promise.all([last, oldest, newest, closed].map((it) => it.ready()));
      for (let n = 1; n <= 6; n++) await chat.publish("a", n);
      await untilSize(last, 6);
      assert.equal(closed.closed, true);
      assert.equal(chat.statistics().subscribers, 3);
      assert.equal(chat.statistics().dropped, 7);
      const read: unknown[] = [];
      await assert.rejects(async () => {
        for await (const n of closed) read.push(n);
      }, SlowSubscriberError);
      assert.deepEqual(read, [1, 2, 3, 4]);
      assert.deepEqual([oldest.dropped, newest.dropped, closed.dropped], [3, 3, 1]);
      await chat.close();
      assert.deepEqual(await readAll(oldest), [4, 5, 6]);
      assert.deepEqual(await readAll(newest), [1, 2, 3]);
      assert.equal(chat.statistics().dropped, 7);
    }));

  test("BroadcastSubscription is closed when its loop is left, by its scope, and by a cancellation of the loop", () =>
    play(async ({ make }) => {
      const chat = make();
      const kept = chat.subscribe("a");
      await kept.ready();
      await taskGroup(async (group) => {
        chat.subscribe("a");
        const waiting = group.createTask(async () => {
          for await (const _ of chat.subscribe("a"));
        });
        await sleep(1);
        assert.equal(chat.statistics().subscribers, 3);
        waiting.cancel();
        await assert.rejects(waiting, isCancelled);
        assert.equal(chat.statistics().subscribers, 2);
      });
      assert.equal(chat.statistics().subscribers, 1);
      await chat.publish("a", 1);
      for await (const message of kept) {
        assert.equal(message, 1);
        break;
      }
      assert.deepEqual([chat.statistics().subscribers, chat.statistics().topics], [0, 0]);
    }));

  test("Broadcast refuses what it cannot do, and everything once it is closed", () =>
    play(async ({ make }) => {
      const chat = make();
      for (const queue of [0, 1.5, Infinity]) assert.throws(() => chat.subscribe("a", { queue }), RangeError);
      assert.throws(() => chat.subscribe("a", { slow: "wait" as never }), RangeError);
      assert.throws(() => chat.subscribe("a", { onGap: 1 as never }), TypeError);
      assert.throws(() => chat.subscribe(1 as never), TypeError);
      await assert.rejects(chat.publish(1 as never, 1), TypeError);
      assert.throws(() => make({ queue: 0 }), RangeError);
      assert.throws(() => make({ redis: {} as never }), TypeError);
      assert.throws(() => make({ channel: 1 as never }), TypeError);
      await chat.close();
      await chat.close();
      assert.throws(() => chat.subscribe("a"), InvalidStateError);
      await assert.rejects(chat.publish("a", 1), InvalidStateError);
    }));

  test("Broadcast leaves no task behind when it is closed", () =>
    play(async ({ make }) => {
      const chat = make();
      await chat.subscribe("a").ready();
      await chat.close();
      await sleep(1);
      assert.equal([...allTasks()].filter(({ name }) => name.startsWith("broadcast")).length, 0);
    }));
}

describe("in memory", () => contract(inMemory));

describe("over Redis", { skip }, () => {
  before(async () => {
    server = await RedisServer.start();
  });
  after(async () => server?.[Symbol.asyncDispose]());
  contract(overRedis);

  test("Broadcast joins several processes, each with a client of its own", async () => {
    await using one = await connect(server?.url);
    await using other = await connect(server?.url);
    await using left = new Broadcast<string>({ redis: one });
    await using right = new Broadcast<string>({ redis: other });
    await using stranger = new Broadcast<string>({ redis: other, channel: "other" });
    const [heard, unheard] = [right.subscribe("a"), stranger.subscribe("a")];
    await Promise.all([heard.ready(), unheard.ready()]);
    await left.publish("a", "hello");
    assert.deepEqual(await heard.next(), { done: false, value: "hello" });
    assert.equal(unheard.size, 0);
  });

  test("Broadcast refuses what JSON does not have, and reports what is not its own", async () => {
    await using client = await connect(server?.url);
    await using chat = new Broadcast({ redis: client });
    const heard = chat.subscribe("a");
    await heard.ready();
    for (const message of [undefined, () => 1]) await assert.rejects(chat.publish("a", message), TypeError);
    const reports = await reportsOf(async () => {
      for (const text of ["{", "1", "[1,2]", "null", "{}"]) await client.publish("pottle:broadcast", text);
      await chat.publish("a", "good");
      assert.deepEqual(await heard.next(), { done: false, value: "good" });
    });
    assert.equal(reports.length, 5);
  });

  test("Broadcast connects anew when Redis was away, and tells that messages may have been missed", async () => {
    await using own = await RedisServer.start();
    await using client = await connect(own.url);
    await using chat = new Broadcast<string>({ redis: client });
    const back = new Event();
    const heard = chat.subscribe("a", { onGap: () => back.set() });
    await heard.ready();
    const reports = await reportsOf(async () => {
      await own.kill();
      while (chat.statistics().connected) await pause(1);
      await own.restart();
      await back.wait();
    });
    assert.match(reports.join("\n"), /^Broadcast 'pottle:broadcast' lost its connection to Redis[^\n]*$/);
    assert.deepEqual([heard.gaps, chat.statistics().gaps, chat.statistics().connected], [1, 1, true]);
    await client.publish("pottle:broadcast", '["a","again"]');
    assert.deepEqual(await heard.next(), { done: false, value: "again" });
  });

  test("Broadcast ends its subscriptions when the client of Redis is closed", async () => {
    const client = await connect(server?.url);
    await using chat = new Broadcast<string>({ redis: client });
    const heard = chat.subscribe("a");
    await heard.ready();
    await client.close();
    assert.deepEqual(await heard.next(), { done: true, value: undefined });
    await assert.rejects(chat.publish("a", "x"), InvalidStateError);
  });
});

test("Broadcast takes linear time for many subscribers, and constant time to leave", { timeout: 30_000 }, async () => {
  const chat = new Broadcast<number>({ queue: 2 });
  await run(async () => {
    const all = Array.from({ length: 100_000 }, () => chat.subscribe("a"));
    await chat.publish("a", 1);
    assert.equal(all.at(-1)?.size, 1);
    for (const subscription of all) subscription.close();
    assert.equal(chat.statistics().subscribers, 0);
    for (let n = 0; n < 10_000; n++) chat.subscribe(`topic ${n}`);
    assert.equal(chat.statistics().topics, 10_000);
  });
  assert.equal(chat.statistics().subscribers, 0);
});

test("Broadcast wakes 10,000 waiting subscribers", { timeout: 30_000 }, async () => {
  const chat = new Broadcast<number>();
  let sum = 0;
  await taskGroup(async (group) => {
    for (let n = 0; n < 10_000; n++) {
      group.createTask(async () => {
        for await (const value of chat.subscribe("a")) sum += value;
      });
    }
    await sleep(1);
    for (const n of [1, 2, 3]) await chat.publish("a", n);
    await sleep(1);
    await chat.close();
  });
  assert.equal(sum, 60_000);
});

test("Broadcast joins WebSockets and streams of events, and a client that leaves is unsubscribed", async () => {
  const chat = new Broadcast<string>();
  const app = new Pottle();
  app.websocket("/rooms/<room>", async ({ room }, socket) => {
    await taskGroup(async (group) => {
      group.createTask(async () => {
        for await (const message of chat.subscribe(room)) await socket.send(message);
      });
      for (;;) await chat.publish(room, String(await socket.receive()));
    });
  });
  app.get("/rooms/<room>", ({ room }) => sse(chat.subscribe(room)));
  const client = app.testClient();
  const [ada, ben] = [client.websocket("/rooms/x"), client.websocket("/rooms/x")];
  const watcher = client.open("GET", "/rooms/x");
  const events = watcher.events();
  const first = events.next();
  while (chat.statistics().subscribers < 2) await pause(1);
  await ada.send("hello");
  await ben.send("hi");
  assert.equal((await first).value?.data, "hello");
  assert.equal((await events.next()).value?.data, "hi");
  ben.disconnect();
  await ben.over();
  await events.return();
  await watcher.over();
  assert.equal(chat.statistics().subscribers, 1);
  await ada.close();
  assert.equal((await ada.over()).outcome.kind, "served");
  assert.equal(chat.statistics().subscribers, 0);
});

test("Broadcast tries again until Redis answers, and then tells of a gap", async () => {
  let attempts = 0;
  const messages: string[] = [];
  const done = new Event();
  const source: RelaySource = {
    async ready() {
      if (++attempts < 4) throw new Error("no Redis");
    },
    async next() {
      const message = messages.shift();
      if (message === undefined) await done.wait();
      return message === undefined ? { done: true, value: undefined } : { done: false, value: { message } };
    },
    close: async () => undefined,
  };
  const redis: BroadcastRedis = { publish: async (_, message) => messages.push(message), subscribe: () => source };
  const chat = new Broadcast({ redis });
  await chat.publish("a", 1);
  const reports = await reportsOf(async () => {
    const heard = chat.subscribe("a", {
      onGap() {
        throw new Error("my own");
      },
    });
    await createTask(() => heard.ready());
    assert.deepEqual(await heard.next(), { done: false, value: 1 });
    assert.equal(heard.gaps, 1);
  });
  assert.equal(reports.length, 2);
  await chat.close();
});
