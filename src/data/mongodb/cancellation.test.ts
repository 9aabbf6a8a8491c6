import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  cancellationOf,
  createTask,
  currentScope,
  currentTask,
  isCancelled,
  type Scope,
  timeout,
} from "../../asyncio/index.ts";
import { randomOf, waitAllTasksParked } from "../../asyncio/testing/index.ts";
import { findUncollected } from "../../base/garbage.fixture.ts";
import type { MongoClient } from "./client.ts";
import type { Collection } from "./collection.ts";
import { connect } from "./connect.ts";
import { type MongoDouble, startMongoDouble } from "./testing/start-mongo-double.ts";

type Numbered = { _id: number };

async function onItsOwn(body: (double: MongoDouble, numbers: Collection<Numbered>) => Promise<void>): Promise<void> {
  await using double = await startMongoDouble();
  await using client = await connect(`${double.url}/shop`, { maxPoolSize: 2 });
  const numbers = client.collection<Numbered>("things");
  await numbers.insertMany(Array.from({ length: 10 }, (_, _id) => ({ _id })));
  await body(double, numbers);
}

describe("MongoClient", { timeout: 15_000 }, () => {
  let double: MongoDouble;
  let client: MongoClient;
  let things: Collection<Numbered>;
  before(async () => {
    double = await startMongoDouble();
    client = await connect(`${double.url}/shop`, { maxPoolSize: 2 });
    things = client.collection<Numbered>("things");
    await things.insertMany(Array.from({ length: 10 }, (_, _id) => ({ _id })));
  });
  after(async () => {
    await client?.close();
    await double?.stop();
  });

  /** Operations by their names, with the command that each sends. */
  const operations: Record<string, [command: string, run: () => Promise<unknown>]> = {
    find: ["find", () => things.find().toArray()],
    findOne: ["find", () => things.findOne()],
    aggregate: ["aggregate", () => things.aggregate([]).toArray()],
    insertOne: ["insert", () => things.insertOne({ _id: 100 })],
    insertMany: ["insert", () => things.insertMany([{ _id: 101 }])],
    updateOne: ["update", () => things.updateOne({}, { $set: {} })],
    updateMany: ["update", () => things.updateMany({}, { $unset: { a: 1 } })],
    replaceOne: ["update", () => things.replaceOne({ _id: 1 }, { _id: 1 })],
    deleteOne: ["delete", () => things.deleteOne({ _id: -1 })],
    deleteMany: ["delete", () => things.deleteMany({ _id: -1 })],
    countDocuments: ["aggregate", () => things.countDocuments()],
    distinct: ["distinct", () => things.distinct("_id")],
    createIndex: ["createIndexes", () => things.createIndex({ a: 1 })],
  };

  for (const [name, [command, run]] of Object.entries(operations)) {
    test(`Collection.${name}() that is cancelled throws the cancellation at once, and leaves nothing running`, async () => {
      const release = double.hold(command);
      const earlier = double.calls.filter((call) => call.name === command).length;
      const task = createTask(run);
      await double.received(command, earlier + 1);
      assert.equal(task.waitsFor, `it waits for mongodb ${name} shop.things`);
      assert.equal(client.statistics().running, 1);
      task.cancel("the client left");
      await assert.rejects(task, (error: unknown) => cancellationOf(error)?.reason === "the client left");
      release();
      assert.equal(client.statistics().running, 0);
      assert.equal((await client.db().command({ ping: 1 }))["ok"], 1);
    });
  }

  test("MongoClient ends an operation with the time limit around it", async () => {
    const release = double.hold("find");
    await assert.rejects(
      timeout(20, () => things.findOne()),
      { name: "TimeoutError" },
    );
    release();
  });

  test("MongoClient lets go of a task that is cancelled while it waits for a free connection", async () => {
    const release = double.hold("find");
    const earlier = double.calls.filter((call) => call.name === "find").length;
    const busy = [1, 2].map(() => createTask(() => things.findOne()));
    await double.received("find", earlier + 2);
    const third = createTask(() => things.findOne());
    await waitAllTasksParked();
    third.cancel();
    await assert.rejects(third, isCancelled);
    release();
    for (const task of busy) assert.deepEqual(await task, { _id: 0 });
  });

  test("MongoCursor that is cancelled between two batches is closed on the server", async () => {
    const release = double.hold("getMore");
    const killed = double.calls.filter((call) => call.name === "killCursors").length;
    const task = createTask(async () => {
      for await (const { _id } of things.find().batchSize(2)) assert.ok(_id < 2);
    });
    await double.received("getMore");
    assert.equal(double.statistics().cursors, 1);
    task.cancel();
    await assert.rejects(task, isCancelled);
    await double.received("killCursors", killed + 1);
    release();
    assert.equal(double.statistics().cursors, 0);
  });

  test("MongoCursor is closed on the server although a cancellation waits where the loop is left", async () => {
    const killed = double.calls.filter((call) => call.name === "killCursors").length;
    const task = createTask(async () => {
      for await (const thing of things.find().batchSize(2)) {
        assert.ok(thing);
        currentTask()?.cancel();
        break;
      }
    });
    await assert.rejects(task, isCancelled);
    await double.received("killCursors", killed + 1);
    assert.equal(double.statistics().cursors, 0);
  });

  test("MongoCursor whose first read is cancelled at any moment leaves no cursor open on the server", async () => {
    await using other = await connect(`${double.url}/shop`);
    const many = other.collection<Numbered>("things");
    const random = randomOf(11);
    let cancelled = 0;
    double.delay("find", 1);
    double.delay("aggregate", 1);
    for (let round = 0; round < 20; round++) {
      const tasks = Array.from({ length: 10 }, (_, n) => {
        const cursor = n % 2 === 0 ? many.find().batchSize(2) : many.aggregate([{ $match: {} }]).batchSize(2);
        return createTask(() => cursor.toArray());
      });
      const wait = random() * 6;
      const begun = performance.now();
      while (performance.now() - begun < wait) await new Promise((resolve) => setImmediate(resolve));
      for (const task of tasks) task.cancel();
      const outcomes = await Promise.allSettled(tasks);
      cancelled += outcomes.filter(({ status }) => status === "rejected").length;
    }
    double.delay("find", 0);
    double.delay("aggregate", 0);
    assert.ok(cancelled > 50, `only ${cancelled} were cancelled`);
    await other.close();
    assert.equal(double.statistics().cursors, 0);
  });

  // On a double of their own: sessions of earlier tests may still be ended on the other.
  test("MongoCursor whose first reply was under way when it was cancelled has its cursor ended", () =>
    onItsOwn(async (own, numbers) => {
      const release = own.hold("find");
      const task = createTask(() => numbers.find().batchSize(2).toArray());
      await own.received("find");
      release(); // the reply, with a cursor, is on its way
      assert.equal(own.statistics().cursors, 1);
      task.cancel();
      await assert.rejects(task, isCancelled);
      await own.received("killSessions");
      assert.equal(own.statistics().cursors, 0);
      assert.equal((await numbers.find().toArray()).length, 10);
    }));

  test("MongoClient sends nothing about sessions when finds end by themselves, or fail", () =>
    onItsOwn(async (own, numbers) => {
      await numbers.find().batchSize(2).toArray();
      for await (const { _id: id } of numbers.find().batchSize(2)) if (id > 0) break;
      await assert.rejects(numbers.find({ $nonsense: 1 } as never).toArray(), { name: "MongoReplyError" });
      assert.deepEqual(
        own.calls.filter(({ name }) => name === "killSessions"),
        [],
      );
    }));

  test("connect() that is cancelled leaves nothing open", async () => {
    const release = double.hold("ping");
    const earlier = double.statistics().connections;
    const pings = double.calls.filter((call) => call.name === "ping").length;
    const task = createTask(() => connect(double.url));
    await double.received("ping", pings + 1);
    task.cancel();
    await assert.rejects(task, isCancelled);
    release();
    while (double.statistics().connections > earlier) await new Promise((resolve) => setImmediate(resolve));
  });

  test("MongoClient keeps no task alive that has used it", async () => {
    await using other = await connect(double.url);
    const scopes: WeakRef<Scope>[] = [];
    await createTask(async () => {
      scopes.push(new WeakRef(currentScope()));
      // Several at once, so that connections are opened here.
      await Promise.all(Array.from({ length: 4 }, () => other.collection("a").insertOne({})));
      await other.collection("a").find().batchSize(1).toArray();
    });
    assert.deepEqual(await findUncollected(scopes), []);
  });
});
