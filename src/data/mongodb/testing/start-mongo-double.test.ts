import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as openSocket, type Socket } from "node:net";
import { after, before, beforeEach, describe, test } from "node:test";
import { Decimal128, Long } from "bson";
import fc from "fast-check";
import { createTask } from "../../../asyncio/index.ts";
import { checkLeaks, waitAllTasksParked } from "../../../asyncio/testing/index.ts";
import type { MongoClient } from "../client.ts";
import { connect } from "../connect.ts";
import type { Doc } from "../documents.ts";
import { loadEngine } from "./_engine.ts";
import { type MongoDouble, startMongoDouble } from "./start-mongo-double.ts";
import { readMessage, WireError, writeReply } from "./wire.ts";

describe("startMongoDouble()", { timeout: 15_000 }, () => {
  const errors: Error[] = [];
  let double: MongoDouble;
  let client: MongoClient;
  before(async () => {
    double = await startMongoDouble({ onError: (error) => errors.push(error) });
    client = await connect(`${double.url}/shop`);
  });
  after(async () => {
    await client?.close();
    await double?.stop();
  });
  beforeEach(() => {
    double.clear();
    errors.length = 0;
  });

  const refused: Record<string, Doc> = {
    "aggregate with $out": { aggregate: "a", pipeline: [{ $out: "b" }], cursor: {} },
    "aggregate with $merge": { aggregate: "a", pipeline: [{ $merge: "b" }], cursor: {} },
    "a change stream": { aggregate: "a", pipeline: [{ $changeStream: {} }], cursor: {} },
    "a pipeline without a collection": { aggregate: 1, pipeline: [{ $currentOp: {} }], cursor: {} },
    "an unknown stage": { aggregate: "a", pipeline: [{ $search: {} }], cursor: {} },
    "an explanation": { aggregate: "a", pipeline: [], cursor: {}, explain: true },
    "a collation": { find: "a", collation: { locale: "de" } },
    "a tailable cursor": { find: "a", tailable: true },
    "a script": { find: "a", filter: { $where: "true" } },
    "a search of texts": { find: "a", filter: { $text: { $search: "x" } } },
    "a transaction": { insert: "a", documents: [{}], txnNumber: Long.fromNumber(1), startTransaction: true },
    "an index of texts": { createIndexes: "a", indexes: [{ key: { a: "text" }, name: "a" }] },
    "an index that expires": { createIndexes: "a", indexes: [{ key: { a: 1 }, name: "a", expireAfterSeconds: 1 }] },
    "an index of some": { createIndexes: "a", indexes: [{ key: { a: 1 }, name: "a", partialFilterExpression: {} }] },
    "a unique index within": { createIndexes: "a", indexes: [{ key: { "a.b": 1 }, name: "a", unique: true }] },
    "a capped collection": { create: "a", capped: true, size: 1 },
    "an unknown update": { update: "a", updates: [{ q: {}, u: { $nonsense: { a: 1 } } }] },
    "a number that it cannot compare": { insert: "a", documents: [{ n: Decimal128.fromString("1.1") }] },
    "a number beyond JavaScript's": { find: "a", filter: { n: Long.fromString("9007199254740993") } },
    "a command that it has not": { findAndModify: "a", query: {}, remove: true },
    logging: { saslStart: 1, mechanism: "PLAIN" },
    "a replica set": { replSetGetStatus: 1 },
  };
  for (const [what, command] of Object.entries(refused)) {
    test(`MongoDouble refuses ${what}, and does nothing`, async () => {
      await client.collection("a").insertOne({ _id: 1, a: 1 });
      await assert.rejects(client.db().command(command), { name: "MongoReplyError" });
      assert.deepEqual(await client.db().collectionNames(), ["a"]);
      assert.deepEqual(await client.collection("a").find().toArray(), [{ _id: 1, a: 1 }]);
    });
  }

  test("MongoDouble says that it is one when it does not know a command", async () => {
    await assert.rejects(client.db().command({ mapReduce: "a" }), {
      code: 59,
      message: /no such command: 'mapReduce'\. This is a test double of MongoDB/,
    });
  });

  test("MongoDouble says that it is one when it does not know an operator", async () => {
    await assert.rejects(client.collection("a").findOne({ place: { $near: [1, 2] } }), {
      name: "MongoReplyError",
      message: /\$near\. This is a test double of MongoDB, which knows less than a real server$/,
    });
  });

  test("MongoDouble joins collections, and sorts by several fields", async () => {
    await client.collection("orders").insertMany([{ fruit: 1 }, { fruit: 2 }, { fruit: 1 }]);
    await client.collection("fruits").insertMany([
      { _id: 1, name: "apple" },
      { _id: 2, name: "pear" },
    ] as never[]);
    const joined = await client
      .collection("orders")
      .aggregate([
        { $lookup: { from: "fruits", localField: "fruit", foreignField: "_id", as: "fruits" } },
        { $unwind: "$fruits" },
        { $sortByCount: "$fruits.name" },
      ])
      .toArray();
    assert.deepEqual(joined, [
      { _id: "apple", count: 2 },
      { _id: "pear", count: 1 },
    ]);
  });

  test("MongoDouble keeps values unique, in several fields together, and in what was there before", async () => {
    const pairs = client.collection("pairs");
    await pairs.createIndex({ a: 1, b: 1 }, { unique: true });
    await pairs.insertMany([
      { a: 1, b: 1 },
      { a: 1, b: 2 },
    ]);
    await assert.rejects(pairs.insertOne({ a: 1, b: 2 }), { name: "DuplicateKeyError" });
    await pairs.deleteOne({ b: 2 });
    await pairs.insertOne({ a: 1, b: 2 });
    await assert.rejects(pairs.createIndex({ a: 1 }, { unique: true }), { name: "DuplicateKeyError" });
    await assert.rejects(pairs.insertOne({ a: [1], b: 3 }), { message: /no unique values in arrays/ });
  });

  test("MongoDouble.insert goes on behind a failure if the list has no order", async () => {
    const documents = [{ _id: 1 }, { _id: 1 }, { _id: 2 }];
    const run = (ordered: boolean, insert: string): Promise<Doc> => client.db().command({ insert, documents, ordered });
    await assert.rejects(run(true, "one"), { code: 11_000 }).catch(() => {});
    await run(false, "two").catch(() => {});
    assert.equal(await client.collection("one").countDocuments(), 1);
    assert.equal(await client.collection("two").countDocuments(), 2);
  });

  test("MongoDouble.delay() and hold() have commands wait, and the others not", async () => {
    double.delay("find", 30);
    const begun = performance.now();
    await client.collection("a").findOne();
    assert.ok(performance.now() - begun >= 29);
    double.delay("find", 0);
    const release = double.hold("insert");
    const inserts = double.calls.filter(({ name }) => name === "insert").length;
    const task = createTask(() => client.collection("a").insertOne({}));
    await double.received("insert", inserts + 1);
    assert.equal(double.statistics().waiting, 1);
    assert.equal(await client.collection("a").countDocuments(), 0);
    release();
    await task;
    assert.throws(() => double.delay("find", -1), RangeError);
  });

  test("MongoDouble.stop() leaves nothing open, also while commands wait", async () => {
    await checkLeaks(async () => {
      const other = await startMongoDouble();
      const user = await connect(other.url, { connectTimeout: 200 });
      other.delay("find", 60_000);
      const task = createTask(() => user.collection("a").findOne());
      await other.received("find");
      task.cancel();
      await task.catch(() => {});
      await user.close();
      await other.stop();
      await other.stop();
    });
  });

  for (const [how, wait] of [
    ["held", () => double.hold("insert")],
    ["delayed", () => (double.delay("insert", 50), () => double.delay("insert", 0))],
  ] as const) {
    test(`MongoDouble does not execute a ${how} command of a client that left`, async () => {
      const earlier = double.calls.filter(({ name }) => name === "insert").length;
      const connections = double.statistics().connections;
      const other = await connect(`${double.url}/shop`);
      const release = wait();
      const tasks = [other, client].map((from) => {
        return createTask(() => from.collection("things").insertOne({ mine: from === client }));
      });
      await double.received("insert", earlier + 2);
      assert.equal(double.statistics().waiting, 2);
      const leaving = assert.rejects(tasks[0]!);
      await other.close();
      await leaving;
      while (double.statistics().connections > connections + 1) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(double.statistics().waiting, 1);
      release();
      await tasks[1];
      assert.deepEqual(await client.collection("things").distinct("mine"), [true]);
    });
  }

  test("MongoDouble ends the cursors of a session that is killed, and no other", async () => {
    const things = client.collection("things");
    await things.insertMany([{}, {}, {}]);
    const [one, two] = [things.find().batchSize(1), things.find().batchSize(1)];
    await one.next();
    await two.next();
    assert.equal(double.statistics().cursors, 2);
    const [first] = double.calls.filter(({ name }) => name === "find").slice(-2);
    await client.db("admin").command({ killSessions: [first!.command["lsid"]] });
    assert.equal(double.statistics().cursors, 1);
    assert.equal((await two.toArray()).length, 2);
    await assert.rejects(one.toArray(), { name: "MongoReplyError", code: 43 });
  });

  test("startMongoDouble() refuses an option that does not exist", async () => {
    await assert.rejects(startMongoDouble({ prot: 1 } as never), {
      name: "TypeError",
      message: "Cannot start a double of MongoDB as 'prot' is not an option: there are port, onError",
    });
  });

  test("startMongoDouble() says that a port is taken", async () => {
    const port = Number(new URL(double.url).port);
    await assert.rejects(startMongoDouble({ port }), { code: "EADDRINUSE" });
  });

  for (const [what, bytes] of Object.entries({
    "a length below that of a header": Buffer.from("0400000001000000000000000000dd07", "hex"),
    "a length beyond all bounds": Buffer.from("ffffff7f01000000000000000000dd07", "hex"),
    "another protocol": Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "an unknown opcode": message(1, Buffer.from("x")),
    "a message without a document": message(2013, Buffer.alloc(4)),
    "a document that ends too early": message(2013, Buffer.from("0000000000ff00000000", "hex")),
    "a document that is none": message(2013, Buffer.from("00000000000b000000ff6100aabbcc00", "hex")),
  })) {
    test(`MongoDouble closes the connection of a client that sends ${what}, reports it, and serves the others`, async () => {
      const socket = openSocket(Number(new URL(double.url).port), "127.0.0.1");
      await once(socket, "connect");
      socket.on("error", () => {}).resume();
      socket.write(bytes);
      await once(socket, "close");
      assert.equal(errors.length, 1);
      assert.ok(errors[0] instanceof WireError, String(errors[0]));
      assert.equal((await client.db().command({ ping: 1 }))["ok"], 1);
    });
  }

  test("MongoDouble survives whatever bytes it is sent", async () => {
    const hello = message(2013, Buffer.concat([Buffer.alloc(5), (await loadEngine()).encode({ ping: 1, $db: "a" })]));
    const port = Number(new URL(double.url).port);
    const damaged = fc
      .tuple(fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 4 }), fc.uint8Array())
      .map(([changes, tail]) => {
        const bytes = Buffer.concat([hello, tail]);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(damaged, async (bytes) => {
        await sendAndLeave(port, bytes);
      }),
      { numRuns: 300 },
    );
    assert.ok(
      errors.every((error) => error instanceof WireError),
      String(errors.find((e) => !(e instanceof WireError))),
    );
    assert.equal((await client.db().command({ ping: 1 }))["ok"], 1);
    await waitAllTasksParked();
  });
});

test("readMessage() reads what comes in pieces, and lists beside a document", async () => {
  const engine = await loadEngine();
  const body = Buffer.from(engine.encode({ insert: "a", $db: "shop" }));
  const docs = [engine.encode({ n: 1 }), engine.encode({ n: 2 })];
  const list = Buffer.concat([Buffer.from("documents\0"), ...docs]);
  const size = Buffer.alloc(4);
  size.writeInt32LE(list.length + 4);
  const flags = Buffer.from([2, 0, 0, 0]);
  const whole = message(2013, Buffer.concat([flags, Buffer.from([0]), body, Buffer.from([1]), size, list]));
  for (let length = 0; length < whole.length; length++) {
    assert.equal(readMessage(engine, whole.subarray(0, length)), undefined);
  }
  const { request, rest } = readMessage(engine, Buffer.concat([whole, Buffer.from("next")]))!;
  assert.deepEqual(request, {
    id: 7,
    isLegacy: false,
    wantsReply: false,
    body: { insert: "a", $db: "shop", documents: [{ n: 1 }, { n: 2 }] },
    oversize: undefined,
  });
  assert.equal(rest.toString(), "next");
  const reply = writeReply(engine, request, { ok: 1 });
  assert.deepEqual([reply.readInt32LE(0), reply.readInt32LE(8), reply.readInt32LE(12)], [reply.length, 7, 2013]);
});

function message(opcode: number, rest: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32LE(16 + rest.length, 0);
  header.writeInt32LE(7, 4);
  header.writeInt32LE(opcode, 12);
  return Buffer.concat([header, rest]);
}

async function sendAndLeave(port: number, bytes: Buffer): Promise<void> {
  const socket: Socket = openSocket(port, "127.0.0.1");
  socket.on("error", () => {}).resume();
  socket.end(bytes);
  await once(socket, "close");
}
