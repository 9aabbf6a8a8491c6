// Two thousand operations that are cancelled at random moments, among innocents of the same client: those get their own
// answers, all of them, and nothing is left of the others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, gather, isCancelled, sleep } from "../../src/asyncio/index.ts";
import { checkLeaks, randomOf } from "../../src/asyncio/testing/index.ts";
import type { Collection } from "../../src/data/mongodb/collection.ts";
import { connect } from "../../src/data/mongodb/connect.ts";
import { startMongoDouble } from "../../src/data/mongodb/testing/start-mongo-double.ts";

type Things = Collection<{ _id: number }>;

const wanted = 2_000;
const innocentsAtLeast = 200;
const stored = 100;

type Work = (things: Things, n: number) => Promise<unknown>;

const works: readonly Work[] = [
  async (things, n) => assert.deepEqual(await things.findOne({ _id: n % stored }), { _id: n % stored }),
  async (things, n) => assert.deepEqual(await things.find({ _id: n % stored }).toArray(), [{ _id: n % stored }]),
  async (things, n) => {
    const ids: number[] = [];
    for await (const { _id: id } of things.find({ _id: { $lt: n % stored } }).batchSize(20)) ids.push(id);
    assert.equal(ids.length, n % stored);
  },
  async (things, n) => assert.equal(await things.countDocuments({ _id: { $lt: n % stored } }), n % stored),
  async (things, n) => assert.deepEqual(await things.insertOne({ _id: 1_000 + n }), { insertedId: 1_000 + n }),
];

test(
  "MongoClient answers the innocents rightly while 2,000 other operations are cancelled",
  { timeout: 120_000 },
  async () => {
    const random = randomOf(5);
    await using double = await startMongoDouble();
    await checkLeaks(async () => {
      await using client = await connect(`${double.url}/shop`, { maxPoolSize: 20 });
      const things = client.collection<{ _id: number }>("things");
      await things.insertMany(Array.from({ length: stored }, (_, _id) => ({ _id })));
      let last = 0;
      const seen = { cancelled: 0, innocent: 0 };
      const victims = async (): Promise<void> => {
        while (seen.cancelled < wanted || seen.innocent < innocentsAtLeast) {
          const n = last++;
          const task = createTask(() => works[n % works.length]!(things, n));
          await sleep(random() * 3);
          task.cancel();
          await task.catch((error: unknown) => {
            if (!isCancelled(error)) throw error;
            seen.cancelled++;
          });
        }
      };
      const innocents = async (): Promise<void> => {
        while (seen.cancelled < wanted || seen.innocent < innocentsAtLeast) {
          const n = last++;
          await works[n % works.length]!(things, n);
          seen.innocent++;
        }
      };
      await gather([...Array.from({ length: 16 }, () => victims), ...Array.from({ length: 4 }, () => innocents)]);
      assert.equal(client.statistics().running, 0);
      assert.equal((await things.find({ _id: { $lt: stored } }).toArray()).length, stored);
    });
    assert.equal(double.statistics().cursors, 0);
  },
);
