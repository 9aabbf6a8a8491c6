// Connections to each database are cut at random bytes, while tasks are cancelled at random moments, among innocents on
// connections of their own. Each answer belongs to its question, or there is an error of the driver's; none waits for ever;
// and when the network is well again, so is the client.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createTask, gather, isCancelled, sleep, timeout } from "../../src/asyncio/index.ts";
import { checkLeaks, randomOf } from "../../src/asyncio/testing/index.ts";
import { connect as connectMongo } from "../../src/data/mongodb/connect.ts";
import { startMongoDouble } from "../../src/data/mongodb/testing/start-mongo-double.ts";
import { createPool } from "../../src/data/postgres/index.ts";
import { testServer } from "../../src/data/postgres/server.fixture.ts";
import { connect as connectRedis } from "../../src/data/redis/connect.ts";
import { RedisServer, skip } from "../../src/data/redis/redis-server.fixture.ts";
import { CuttingProxy } from "./_cutting-proxy.ts";

/** A client of some database. */
interface Client {
  /** Asks the server for `n`, and gives what it said. */
  ask(n: number): Promise<unknown>;
  close(): Promise<void>;
}

/** A database, and what its driver may throw when a connection is cut. */
interface Scene {
  readonly name: string;
  readonly skip?: string | false;
  readonly port: (context: TestContext) => Promise<number>;
  readonly connect: (port: number) => Promise<Client>;
  readonly errors: readonly string[];
  /** How many questions are asked, and how many bytes a connection may pass at most before it is cut. */
  readonly questions: number;
  readonly mostBytes: number;
}

const innocents = 400;

/** Longer than any wait of a driver for a peer that is gone. */
const patience = 20_000;

const postgres = await testServer();

const scenes: readonly Scene[] = [
  {
    name: "PostgreSQL",
    port: async () => Number(new URL(postgres.url).port),
    connect: async (port) => {
      const url = new URL(postgres.url);
      url.port = String(port);
      const pool = createPool(url.href, { max: 4 });
      const text = "select $1::int as n, repeat('x', 300) as filler";
      return { ask: async (n) => (await pool.query<{ n: number }>(text, [n]))[0]?.n, close: () => pool.close() };
    },
    errors: ["ConnectError", "ConnectionLostError"],
    questions: 600,
    mostBytes: 4_000,
  },
  {
    name: "Redis",
    skip,
    port: async (context) => {
      const server = await RedisServer.start("port");
      context.after(() => server[Symbol.asyncDispose]());
      return Number(new URL(server.url).port);
    },
    connect: async (port) => {
      const client = await connectRedis(`redis://127.0.0.1:${port}`);
      return { ask: async (n) => Number(await client.execute("ECHO", String(n))), close: () => client.close() };
    },
    errors: ["RedisConnectError", "RedisConnectionLost"],
    questions: 300,
    mostBytes: 100_000,
  },
  {
    name: "MongoDB",
    port: async (context) => {
      const double = await startMongoDouble();
      context.after(() => double.stop());
      await using client = await connectMongo(`${double.url}/shop`);
      await client.collection("things").insertMany(Array.from({ length: 100 }, (_, n) => ({ _id: n as never })));
      return Number(new URL(double.url).port);
    },
    connect: async (port) => {
      const client = await connectMongo(`mongodb://127.0.0.1:${port}/shop`, { connectTimeout: 2_000 });
      const things = client.collection<{ _id: number }>("things");
      return {
        ask: async (n) => {
          const [found] = await things.find({ _id: n % 100 }).toArray();
          return found === undefined ? undefined : n - (n % 100) + Object.values(found)[0]!;
        },
        close: () => client.close(),
      };
    },
    errors: ["MongoConnectError", "MongoConnectionLost"],
    // After each cut the driver looks for the server anew, at most twice a second.
    questions: 300,
    mostBytes: 100_000,
  },
];

for (const scene of scenes) {
  for (const seed of [1, 2]) {
    const name = `${scene.name}: answers belong to their questions while connections are cut at random bytes (seed ${seed})`;
    test(name, { skip: scene.skip ?? false, timeout: 120_000 }, async (context) => {
      const random = randomOf(seed);
      const port = await scene.port(context);
      await checkLeaks(async () => {
        await using proxy = await CuttingProxy.start(port, random);
        const [victim, innocent] = [await scene.connect(proxy.port), await scene.connect(port)];
        try {
          proxy.cutFrom(scene.mostBytes);
          const seen: Seen = { answered: 0, cancelled: 0, failed: 0 };
          // When a connection is cut depends on how its bytes arrive, so that a round may see few cuts.
          while (proxy.cuts < 5) await play(scene, victim, innocent, random, seen);
          proxy.cutFrom(Infinity);
          await recover(scene, victim);
          for (const [outcome, count] of Object.entries(seen)) assert.ok(count > 0, `none was ${outcome}`);
        } finally {
          await gather([() => victim.close(), () => innocent.close()]);
        }
      });
    });
  }
}

interface Seen {
  answered: number;
  cancelled: number;
  failed: number;
}

async function play(scene: Scene, victim: Client, innocent: Client, random: () => number, seen: Seen): Promise<void> {
  const victims = Array.from({ length: 10 }, (_, worker) => async () => {
    for (let i = 0; i < scene.questions / 10; i++) await askOnce(scene, victim, worker * 10_000 + i, random, seen);
  });
  const others = Array.from({ length: 5 }, (_, worker) => async () => {
    for (let i = 0; i < innocents / 5; i++) {
      const n = 500_000 + worker * 10_000 + i;
      assert.equal(await timeout(patience, () => innocent.ask(n)), n);
    }
  });
  await gather([...victims, ...others]);
}

async function askOnce(scene: Scene, client: Client, n: number, random: () => number, seen: Seen): Promise<void> {
  const task = createTask(() => timeout(patience, () => client.ask(n)));
  if (random() < 0.2) {
    await sleep(random() * 4);
    task.cancel();
  }
  try {
    assert.equal(await task, n);
    seen.answered++;
  } catch (error) {
    if (isCancelled(error)) seen.cancelled++;
    else if (error instanceof Error && scene.errors.includes(error.name)) seen.failed++;
    else throw error;
  }
}

/** Asks until the client has found back: a connection that was opened before may be cut yet. */
async function recover(scene: Scene, client: Client): Promise<void> {
  const end = performance.now() + patience;
  for (let inARow = 0, n = 0; inARow < 30; n++) {
    try {
      assert.equal(await timeout(patience, () => client.ask(n)), n);
      inARow++;
    } catch (error) {
      if (!(error instanceof Error && scene.errors.includes(error.name)) || performance.now() > end) throw error;
      inARow = 0;
      await sleep(20);
    }
  }
}
