// The server ends a connection in order, and the client uses it in the last moment: when its socket is destroyed and has
// not said so yet. The call is answered over another connection, or fails; it does not wait for ever.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { connect as connectMongo } from "../../src/data/mongodb/connect.ts";
import { startMongoDouble } from "../../src/data/mongodb/testing/start-mongo-double.ts";
import { createPool } from "../../src/data/postgres/index.ts";
import { testServer } from "../../src/data/postgres/server.fixture.ts";
import { connect as connectRedis } from "../../src/data/redis/connect.ts";
import { RedisServer, skip } from "../../src/data/redis/redis-server.fixture.ts";
import { EndingRelay } from "../../src/data/shared/ending-relay.fixture.ts";

interface Scene {
  readonly skip?: string | false;
  /** Starts a server, and gives its URL. */
  readonly start: (context: TestContext) => Promise<string>;
  /** Connects, and gives a call and what ends the client. */
  readonly connect: (url: string) => Promise<{ ask(): Promise<unknown>; close(): Promise<void> }>;
  /** The errors that the call may fail with. */
  readonly errors: readonly string[];
}

const postgres = await testServer();

const scenes: Readonly<Record<string, Scene>> = {
  PostgreSQL: {
    start: async () => postgres.url,
    connect: async (url) => {
      const pool = createPool(url, { max: 1 });
      return { ask: () => pool.query("select 1"), close: () => pool.close() };
    },
    errors: ["ConnectionLostError"],
  },
  Redis: {
    skip,
    start: async (context) => {
      const server = await RedisServer.start("port");
      context.after(() => server[Symbol.asyncDispose]());
      return server.url;
    },
    connect: async (url) => {
      const client = await connectRedis(url);
      return { ask: () => client.execute("PING"), close: () => client.close() };
    },
    errors: ["RedisConnectionLost"],
  },
  MongoDB: {
    start: async (context) => {
      const double = await startMongoDouble();
      context.after(() => double.stop());
      return double.url;
    },
    connect: async (url) => {
      const client = await connectMongo(url);
      return { ask: () => client.collection("things").insertOne({}), close: () => client.close() };
    },
    errors: ["MongoConnectionLost"],
  },
};

for (const [name, scene] of Object.entries(scenes)) {
  const title = `${name}: a call over a connection that the server has just ended is answered or fails`;
  test(title, { skip: scene.skip ?? false, timeout: 30_000 }, async (context) => {
    const url = new URL(await scene.start(context));
    await using relay = await EndingRelay.start(url.href);
    url.port = String(relay.port);
    const client = await scene.connect(url.href);
    try {
      await client.ask();
      const call = relay.inLastMoment(relay.newest, () => client.ask());
      await relay.end(relay.newest);
      await call.catch((error: unknown) => assert.ok(scene.errors.includes((error as Error).name), String(error)));
      await client.ask();
    } finally {
      await client.close();
    }
  });
}
