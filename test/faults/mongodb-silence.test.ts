// A connection to MongoDB that falls silent: something on the way swallows what is sent, in one direction or in both, and
// nothing closes it. What is cancelled or limited ends in time; what is not ends when the driver hears nothing from the
// server as a whole, or with `socketTimeout` where one connection alone is silent.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTask, isCancelled, moveOnAfter, timeout } from "../../src/asyncio/index.ts";
import { checkLeaks, waitAllTasksParked } from "../../src/asyncio/testing/index.ts";
import type { Collection } from "../../src/data/mongodb/collection.ts";
import { connect } from "../../src/data/mongodb/connect.ts";
import type { MongoOptions } from "../../src/data/mongodb/settings.ts";
import { type MongoDouble, startMongoDouble } from "../../src/data/mongodb/testing/start-mongo-double.ts";
import { type Swallowed, SwallowingProxy } from "../../src/data/shared/swallowing-proxy.fixture.ts";

type Things = Collection<{ _id: number }>;

interface Scene {
  readonly double: MongoDouble;
  readonly proxy: SwallowingProxy;
  readonly things: Things;
}

/** A busy machine is late. */
const slack = 2_500;

/** How long a cancelled wait may take. */
const longest = 500;

const lost = /^MongoConnectionLost: Cannot finish /;
const times = { connectTimeout: 700, pingInterval: 500 };

const works: Readonly<Record<string, (things: Things) => Promise<unknown>>> = {
  findOne: (things) => things.findOne(),
  find: (things) => things.find().toArray(),
  insertOne: (things) => things.insertOne({ _id: 1_000 }),
  insertMany: (things) => things.insertMany([{ _id: 1_001 }, { _id: 1_002 }]),
  updateOne: (things) => things.updateOne({ _id: 1 }, { $set: {} }),
  countDocuments: (things) => things.countDocuments(),
};

async function withProxy(options: MongoOptions, body: (scene: Scene) => Promise<void>): Promise<void> {
  await using double = await startMongoDouble();
  await using proxy = await SwallowingProxy.start({ port: Number(new URL(double.url).port), host: "127.0.0.1" });
  await checkLeaks(async () => {
    await using client = await connect(`mongodb://127.0.0.1:${proxy.port}/shop`, options);
    const things = client.collection<{ _id: number }>("things");
    await things.insertMany(Array.from({ length: 10 }, (_, _id) => ({ _id })));
    await body({ double, proxy, things });
  });
}

/** Asks until a connection is found that is not silent: each that is silent is left with the call that met it. */
async function recover(things: Things): Promise<void> {
  for (let calls = 0; ; calls++) {
    const found = await moveOnAfter(200, () => things.findOne({ _id: 2 }));
    if (found !== undefined && found !== null) return;
    assert.ok(calls < 20, "all connections stay silent");
  }
}

async function timed(fn: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await fn();
  return performance.now() - begun;
}

describe("MongoClient", { timeout: 60_000 }, () => {
  for (const what of ["requests", "replies", "both"] as const satisfies readonly Swallowed[]) {
    test(`MongoClient hears that its server is silent when ${what} are swallowed, and goes on over other connections`, () =>
      withProxy(times, async ({ proxy, things }) => {
        const limit = times.pingInterval + times.connectTimeout + slack;
        proxy.swallow(what);
        const took = await timed(() => assert.rejects(things.insertOne({ _id: 1_000 }), lost));
        assert.ok(took < limit, `it took ${took} ms`);
        assert.deepEqual(await things.findOne({ _id: 3 }), { _id: 3 });
        proxy.swallow(what);
        // What only reads is asked for once more, over another connection.
        const tookToRead = await timed(async () => assert.deepEqual(await things.findOne({ _id: 3 }), { _id: 3 }));
        assert.ok(tookToRead < limit, `it took ${tookToRead} ms`);
        assert.ok((await things.find().toArray()).length >= 10);
      }));

    test(`MongoClient lets go of what is cancelled or limited when ${what} are swallowed`, () =>
      withProxy({ connectTimeout: 10_000 }, async ({ proxy, things }) => {
        for (const [name, run] of Object.entries(works)) {
          proxy.swallow(what);
          const task = createTask(() => run(things));
          await waitAllTasksParked();
          const took = await timed(async () => {
            task.cancel();
            await assert.rejects(task, isCancelled, name);
          });
          assert.ok(took < longest, `${name} took ${took} ms`);
          await recover(things);
          proxy.swallow(what);
          const limited = await timed(() =>
            assert.rejects(
              timeout(50, () => run(things)),
              { name: "TimeoutError" },
            ),
          );
          assert.ok(limited < 50 + longest, `${name} took ${limited} ms`);
          await recover(things);
        }
        assert.ok((await things.find().toArray()).length >= 10);
      }));
  }

  test("MongoClient leaves a connection that alone fell silent after socketTimeout", () =>
    withProxy({ socketTimeout: 400 }, async ({ double, proxy, things }) => {
      proxy.swallowFrom("insert");
      const took = await timed(() => assert.rejects(things.insertOne({ _id: 1_000 }), lost));
      assert.ok(took >= 400 && took < 400 + slack, `it took ${took} ms`);
      proxy.swallowFrom(undefined);
      await things.insertOne({ _id: 1_000 });
      double.delay("find", 200); // the server may take its time
      assert.equal((await things.find().toArray()).length, 11);
    }));

  test("MongoClient waits on for a slow server without socketTimeout, as long as it gives signs of life", () =>
    withProxy(times, async ({ double, things }) => {
      double.delay("find", 2 * (times.pingInterval + times.connectTimeout));
      assert.equal((await things.find().toArray()).length, 10);
      assert.equal(double.calls.filter(({ name }) => name === "find").length, 1);
    }));
});
