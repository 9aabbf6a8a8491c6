// These run on the double, and on a real server when MONGODB_URL names one.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InvalidStateError, taskGroup } from "../../asyncio/index.ts";
import type { MongoClient } from "./client.ts";
import type { Collection } from "./collection.ts";
import { connect } from "./connect.ts";
import type { Database } from "./database.ts";
import type { Stored } from "./documents.ts";
import { DocumentInvalidError, DuplicateKeyError, MongoReplyError } from "./errors.ts";
import { type MongoDouble, startMongoDouble } from "./testing/start-mongo-double.ts";

interface Fruit {
  name: string;
  kilos?: number;
  tags?: string[];
  origin?: { land: string };
}

/** A schema as any library of the standard makes one: of two fields, the second with a default. */
const fruitSchema: StandardSchemaV1<{ name: string; kilos?: number }, { name: string; kilos: number }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate(value) {
      const { name, kilos = 1 } = value as { name: unknown; kilos?: unknown };
      const issues: StandardSchemaV1.Issue[] = [];
      if (typeof name !== "string") issues.push({ message: "must be a text", path: ["name"] });
      if (typeof kilos !== "number") issues.push({ message: "must be a number", path: [{ key: "kilos" }] });
      return issues.length > 0 ? { issues } : { value: { name: name as string, kilos: kilos as number } };
    },
  },
};

describe("MongoClient", { timeout: 15_000 }, () => {
  let double: MongoDouble | undefined;
  let client: MongoClient;
  let database: Database;
  let fruits: Collection<Fruit>;

  before(async () => {
    const real = process.env["MONGODB_URL"];
    if (real === undefined) double = await startMongoDouble();
    client = await connect(real ?? double!.url);
    database = client.db(`pottle_${randomUUID().slice(0, 8)}`);
    fruits = database.collection<Fruit>("fruits");
  });
  after(async () => {
    await database?.drop();
    await client?.close();
    await double?.stop();
  });
  beforeEach(async () => {
    await database.drop();
    await fruits.insertMany([
      { name: "apple", kilos: 3, tags: ["red", "sweet"], origin: { land: "at" } },
      { name: "pear", kilos: 5, tags: ["sweet"] },
      { name: "quince", tags: [] },
    ]);
  });

  async function names(filter: Parameters<typeof fruits.find>[0]): Promise<string> {
    return (await fruits.find(filter).sort({ name: 1 }).toArray()).map(({ name }) => name).join(" ");
  }

  test("Collection.find() gives what a filter fits", async () => {
    assert.equal(await names({}), "apple pear quince");
    assert.equal(await names({ name: "pear" }), "pear");
    assert.equal(await names({ kilos: { $gte: 3, $lt: 5 } }), "apple");
    assert.equal(await names({ tags: "sweet" }), "apple pear");
    assert.equal(await names({ "origin.land": "at" }), "apple");
    assert.equal(await names({ kilos: { $exists: false } }), "quince");
    assert.equal(await names({ $or: [{ name: "quince" }, { kilos: { $gt: 4 } }] }), "pear quince");
    assert.equal(await names({ name: { $regex: /^[ap]/ } }), "apple pear");
    assert.equal(await names({ name: { $in: ["apple", "fig"] } }), "apple");
  });

  test("MongoCursor has an order, a limit, a start, fields and batches", async () => {
    const cursor = fruits.find().sort({ name: -1 }).skip(1).limit(1).project<{ name: string }>({ name: 1, _id: 0 });
    assert.deepEqual(await cursor.toArray(), [{ name: "pear" }]);
    assert.throws(() => cursor.limit(2), InvalidStateError);
    assert.throws(() => fruits.find().limit(-1), RangeError);
    assert.throws(() => fruits.find().skip(1.5), RangeError);
    assert.equal((await fruits.find().batchSize(1).toArray()).length, 3);
  });

  test("MongoCursor.next() gives one after the other, and then undefined", async () => {
    const cursor = fruits.find().sort({ name: 1 }).batchSize(2);
    const found: (string | undefined)[] = [];
    for (let n = 0; n < 5; n++) found.push((await cursor.next())?.name);
    assert.deepEqual(found, ["apple", "pear", "quince", undefined, undefined]);
  });

  test("MongoCursor is closed when a loop is left, and gives no more", async () => {
    const cursor = fruits.find().batchSize(1);
    for await (const fruit of cursor) {
      assert.ok(fruit.name);
      break;
    }
    assert.equal(await cursor.next(), undefined);
    await cursor.close();
    if (double !== undefined) assert.equal(double.statistics().cursors, 0);
  });

  test("MongoCursor is closed with the group that it was read in, also if nobody reads it to its end", async () => {
    const killed = double?.calls.filter(({ name }) => name === "killCursors").length ?? 0;
    await taskGroup(async () => {
      await fruits.find().batchSize(1).next();
      if (double !== undefined) assert.equal(double.statistics().cursors, 1);
    });
    if (double === undefined) return;
    await double.received("killCursors", killed + 1);
    assert.equal(double.statistics().cursors, 0);
  });

  test("Collection.findOne() gives one document, or null", async () => {
    const apple = await fruits.findOne({ name: "apple" });
    assert.ok(apple !== null);
    const { _id: id } = apple;
    assert.match(id.toHexString(), /^[0-9a-f]{24}$/);
    assert.equal((await fruits.findOne({ _id: id }))?.name, "apple");
    assert.equal((await fruits.findOne({ _id: client.objectId(id.toHexString()) }))?.name, "apple");
    assert.equal(await fruits.findOne({ name: "fig" }), null);
    assert.equal((await fruits.findOne({}, { sort: { name: -1 } }))?.name, "quince");
    assert.deepEqual(await fruits.findOne({}, { sort: { name: 1 }, projection: { kilos: 1, _id: 0 } }), { kilos: 3 });
  });

  test("Collection.insertOne() gives the identity, and leaves the document as it is", async () => {
    const fig: Fruit = { name: "fig" };
    const { insertedId } = await fruits.insertOne(fig);
    assert.deepEqual(fig, { name: "fig" });
    assert.equal((await fruits.findOne({ _id: insertedId }))?.name, "fig");
    const numbered = database.collection<{ _id: number }>("numbered");
    const result: { readonly insertedId: number } = await numbered.insertOne({ _id: 7 });
    assert.deepEqual(result, { insertedId: 7 });
    assert.deepEqual(await numbered.insertMany([{ _id: 8 }, { _id: 9 }]), { insertedIds: [8, 9] });
    assert.deepEqual(await numbered.insertMany([]), { insertedIds: [] });
  });

  test("Collection.updateOne(), updateMany() and replaceOne() change documents, and say how many", async () => {
    assert.deepEqual(await fruits.updateOne({ name: "apple" }, { $inc: { kilos: 2 }, $push: { tags: "big" } }), {
      matchedCount: 1,
      modifiedCount: 1,
      upsertedId: null,
    });
    assert.partialDeepStrictEqual(await fruits.findOne({ name: "apple" }), { kilos: 5, tags: ["red", "sweet", "big"] });
    const same = await fruits.updateMany({ kilos: 5 }, { $set: { kilos: 5 } });
    assert.deepEqual([same.matchedCount, same.modifiedCount], [2, 0]);
    assert.equal((await fruits.updateMany({}, { $set: { "origin.land": "de" } })).modifiedCount, 3);
    await fruits.replaceOne({ name: "quince" }, { name: "medlar" });
    const medlar = await fruits.findOne({ name: "medlar" });
    assert.deepEqual(Object.keys(medlar ?? {}).toSorted(), ["_id", "name"]);
    assert.equal((await fruits.updateOne({ name: "fig" }, { $set: { kilos: 1 } })).matchedCount, 0);
  });

  test("Collection.updateOne() makes a document with upsert, and sets on insertion only what is said to be", async () => {
    const update = { $set: { kilos: 1 }, $setOnInsert: { tags: ["new"] } };
    const first = await fruits.updateOne({ name: "fig" }, update, { upsert: true });
    assert.notEqual(first.upsertedId, null);
    assert.partialDeepStrictEqual(await fruits.findOne({ name: "fig" }), { kilos: 1, tags: ["new"] });
    const again = await fruits.updateOne(
      { name: "fig" },
      { $set: { kilos: 2 }, $setOnInsert: { tags: [] } },
      { upsert: true },
    );
    assert.deepEqual([again.matchedCount, again.upsertedId], [1, null]);
    assert.partialDeepStrictEqual(await fruits.findOne({ name: "fig" }), { kilos: 2, tags: ["new"] });
  });

  test("Collection.deleteOne() and deleteMany() remove documents, and say how many", async () => {
    assert.deepEqual(await fruits.deleteOne({ tags: "sweet" }), { deletedCount: 1 });
    assert.deepEqual(await fruits.deleteMany({}), { deletedCount: 2 });
    assert.equal(await fruits.countDocuments(), 0);
    assert.deepEqual(await fruits.deleteMany({}), { deletedCount: 0 });
  });

  test("Collection.countDocuments(), distinct() and aggregate() sum up", async () => {
    assert.equal(await fruits.countDocuments({ kilos: { $exists: true } }), 2);
    assert.deepEqual((await fruits.distinct("tags")).map(String).toSorted(), ["red", "sweet"]);
    const pipeline = [
      { $unwind: "$tags" },
      { $group: { _id: "$tags", kilos: { $sum: "$kilos" } } },
      { $sort: { _id: 1 } },
    ];
    const sums = await fruits.aggregate<{ _id: string; kilos: number }>(pipeline).toArray();
    assert.deepEqual(sums, [
      { _id: "red", kilos: 3 },
      { _id: "sweet", kilos: 8 },
    ]);
  });

  test("Collection.insertOne() throws DuplicateKeyError with the value that is there already", async () => {
    await fruits.createIndex({ name: 1 }, { unique: true });
    const writes: [keyValue: object, write: () => Promise<unknown>][] = [
      [{ name: "apple" }, () => fruits.insertOne({ name: "apple" })],
      [{}, () => fruits.insertMany([{ name: "fig" }, { name: "apple" }, { name: "date" }])],
      [{ name: "apple" }, () => fruits.updateOne({ name: "pear" }, { $set: { name: "apple" } })],
    ];
    for (const [keyValue, write] of writes) {
      await assert.rejects(write, (error: unknown) => {
        assert.ok(error instanceof DuplicateKeyError && error instanceof MongoReplyError);
        assert.deepEqual([error.code, error.keyValue], [11_000, keyValue]);
        return /^Cannot \w+ pottle_\w+\.fruits as MongoDB refuses it: E11000 duplicate key/.test(error.message);
      });
    }
    assert.equal(await names({}), "apple fig pear quince");
  });

  test("Collection throws what the server refuses, with the operation and its code", async () => {
    await assert.rejects(fruits.find({ name: { $nonsense: 1 } }).toArray(), (error: unknown) => {
      assert.ok(error instanceof MongoReplyError);
      return error.operation.startsWith("find pottle_") && typeof error.code === "number";
    });
    await assert.rejects(fruits.updateOne({}, { $inc: { name: 1 } }), { name: "MongoReplyError", code: 14 });
    await assert.rejects(fruits.updateOne({}, { $set: { "name.first": 1 } }), { name: "MongoReplyError", code: 28 });
    await assert.rejects(fruits.updateOne({}, { $push: { name: 1 } }), { name: "MongoReplyError", code: 2 });
    await assert.rejects(fruits.updateOne({}, { $set: { _id: 1 } as never }), { name: "MongoReplyError", code: 66 });
    await assert.rejects(client.db().command({ noSuchCommand: 1 }), { name: "MongoReplyError", code: 59 });
  });

  test("Collection refuses what is no document, and no collection", async () => {
    const message = /^Cannot insert into .*\.fruits as an object is needed: current value is null$/;
    await assert.rejects(fruits.insertOne(null as never), { name: "TypeError", message });
    assert.throws(() => fruits.find("name" as never), TypeError);
    await assert.rejects(fruits.deleteMany(null as never), TypeError);
    assert.throws(() => client.collection(""), TypeError);
    await assert.rejects(client.collection("fruits").updateOne({}, { name: "fig" } as never), {
      name: "TypeError",
      message: /^Cannot updateOne .*fruits as /,
    });
    assert.throws(() => client.objectId("no hex"), {
      name: "TypeError",
      message: 'Cannot make an ObjectId as it must be 24 hexadecimal digits: current value is "no hex"',
    });
  });

  test("Collection with a schema stores what the schema makes of a document, and names the field it refuses", async () => {
    const checked = database.collection("checked", { schema: fruitSchema });
    await checked.insertOne({ name: "apple" });
    const found: Stored<{ name: string; kilos: number }> | null = await checked.findOne({ name: "apple" });
    assert.equal(found?.kilos, 1);
    await assert.rejects(checked.insertOne({ name: 7 as never, kilos: "x" as never }), (error: unknown) => {
      assert.ok(error instanceof DocumentInvalidError);
      assert.equal(error.issues.length, 2);
      const expected = "as field 'name' is invalid: must be a text; field 'kilos' is invalid: must be a number";
      return error.message.endsWith(expected) && error.message.startsWith("Cannot insert into pottle_");
    });
    const many = checked.insertMany([{ name: "fig" }, { name: 1 as never }]);
    await assert.rejects(many, DocumentInvalidError);
    await assert.rejects(checked.replaceOne({}, { name: null as never }), DocumentInvalidError);
    assert.equal(await checked.countDocuments(), 1);
    const id = client.objectId();
    await checked.insertOne({ _id: id, name: "kept" } as never);
    assert.equal((await checked.findOne({ _id: id }))?.name, "kept");
  });

  test("Collection with validateReads checks what is found as well", async () => {
    await database.collection("mixed").insertMany([{ name: "apple" }, { name: 7 }]);
    const unread = database.collection("mixed", { schema: fruitSchema });
    assert.equal((await unread.find().toArray()).length, 2);
    const mixed = database.collection("mixed", { schema: fruitSchema, validateReads: true });
    assert.equal((await mixed.findOne({ name: "apple" }))?.kilos, 1);
    await assert.rejects(mixed.find().toArray(), {
      name: "DocumentInvalidError",
      message: `Cannot read from ${mixed.namespace} as field 'name' is invalid: must be a text`,
    });
  });

  test("Database names its collections, executes commands, and can be dropped", async () => {
    await database.collection("others").insertOne({});
    assert.deepEqual((await database.collectionNames()).toSorted(), ["fruits", "others"]);
    await fruits.drop();
    assert.deepEqual(await database.collectionNames(), ["others"]);
    assert.equal((await database.command({ ping: 1 }))["ok"], 1);
  });

  test("MongoClient fetches ten thousand documents batch by batch", async () => {
    const many = database.collection<{ _id: number }>("many");
    await many.insertMany(Array.from({ length: 10_000 }, (_, _id) => ({ _id })));
    let sum = 0;
    for await (const { _id } of many.find().batchSize(500)) sum += _id;
    assert.equal(sum, (9_999 * 10_000) / 2);
  });
});
