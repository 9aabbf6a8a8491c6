import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { MongoClient } from "./client.ts";
import type { Collection } from "./collection.ts";
import { connect } from "./connect.ts";
import type { Doc } from "./documents.ts";
import { type MongoDouble, startMongoDouble } from "./testing/start-mongo-double.ts";

describe("Collection", { timeout: 15_000 }, () => {
  let double: MongoDouble;
  let client: MongoClient;
  let things: Collection;
  before(async () => {
    double = await startMongoDouble();
    client = await connect(`${double.url}/shop`);
    things = client.collection("things");
  });
  after(async () => {
    await client?.close();
    await double?.stop();
  });
  beforeEach(async () => {
    double.clear();
    await things.insertMany([{ name: "ownerless" }, { name: "taken", owner: "ada" }]);
  });

  const operations: Record<string, (filter: Doc) => unknown> = {
    find: (filter) => things.find(filter).toArray(),
    findOne: (filter) => things.findOne(filter),
    updateOne: (filter) => things.updateOne(filter, { $set: { a: 1 } }),
    updateMany: (filter) => things.updateMany(filter, { $set: { a: 1 } }),
    replaceOne: (filter) => things.replaceOne(filter, { a: 1 }),
    deleteOne: (filter) => things.deleteOne(filter),
    deleteMany: (filter) => things.deleteMany(filter),
    countDocuments: (filter) => things.countDocuments(filter),
    distinct: (filter) => things.distinct("name", filter),
    aggregate: (filter) => things.aggregate([{ $match: filter }]).toArray(),
    command: (filter) => client.db().command({ find: "things", filter }),
  };

  const bad: [filter: () => Doc, message: RegExp][] = [
    [() => ({ owner: undefined }), /'(\$match\.|0\.\$match\.|filter\.)?owner' .*: current value is undefined$/],
    [() => ({ name: "taken", owner: { $ne: undefined } }), /owner\.\$ne' .*undefined$/],
    [() => ({ $or: [{ name: "x" }, { owner: undefined }] }), /\$or\.1\.owner' .*undefined$/],
    [() => ({ owner: { $in: [undefined] } }), /owner\.\$in\.0' .*undefined$/],
    [() => ({ owner: () => "ada" }), /owner' .*: current value is function owner$/],
    [() => ({ owner: Symbol("ada") }), /owner' .*: current value is Symbol\(ada\)$/],
    [() => ({ owner: Promise.resolve("ada") }), /owner' .*: current value is a Promise$/],
    [() => ({ owner: { $in: new Set(["ada"]) } }), /owner\.\$in' .*: current value is a Set$/],
    [() => ({ owner: new Map([["$ne", "ada"]]) }), /owner' .*: current value is a Map$/],
    [() => ({ since: { $lt: new Date(Number.NaN) } }), /since\.\$lt' .*: current value is Invalid Date$/],
    [() => ({ n: 2n ** 64n }), /n' .*: current value is 18446744073709551616n$/],
  ];

  for (const [name, run] of Object.entries(operations)) {
    test(`Collection.${name}() refuses a filter whose values MongoDB would not get, and sends nothing`, async () => {
      const sent = double.calls.length;
      for (const [filter, message] of bad) {
        await assert.rejects(async () => run(filter()), { name: /^(TypeError|RangeError)$/, message });
      }
      assert.equal(double.calls.length, sent);
      assert.equal(await things.countDocuments({ a: { $exists: false } }), 2);
    });
  }

  const updates: [update: Doc | Doc[], path: string][] = [
    [{ $set: { owner: undefined } }, "$set.owner"],
    [{ $set: { owner: { name: undefined } } }, "$set.owner.name"],
    [{ $push: { tags: { $each: ["a", undefined] } } }, "$push.tags.$each.1"],
    [{ $unset: undefined }, "$unset"],
    [[{ $set: { owner: undefined } }], "0.$set.owner"],
  ];
  for (const method of ["updateOne", "updateMany"] as const) {
    test(`Collection.${method}() refuses undefined in an update, and in array filters`, async () => {
      const refused = (path: string, what: string): { name: string; message: string } => ({
        name: "TypeError",
        message: `Cannot update in shop.things as '${path}' of ${what} must have a value, such as null: current value is undefined`,
      });
      for (const [update, path] of updates) {
        await assert.rejects(things[method]({}, update), refused(path, "the update"));
      }
      const arrayFilters = [{ "tag.name": undefined }];
      const running = things[method]({}, { $set: { "tags.$[tag]": 1 } }, { arrayFilters });
      await assert.rejects(running, refused("0.tag.name", "'arrayFilters'"));
      await assert.rejects(things[method]({}, undefined as never), TypeError);
      assert.equal(await things.countDocuments({ owner: "ada" }), 1);
    });
  }

  test("Collection.find() refuses undefined in its order and fields", async () => {
    await assert.rejects(things.findOne({}, { sort: { name: undefined as never } }), TypeError);
    await assert.rejects(things.findOne({}, { projection: { name: undefined } }), TypeError);
    assert.throws(() => things.find().sort({ name: undefined as never }), TypeError);
    assert.throws(() => things.find().project({ name: undefined }), TypeError);
    assert.throws(() => things.aggregate(undefined as never), TypeError);
    await assert.rejects(things.createIndex({ name: undefined as never }), TypeError);
    await assert.rejects(things.distinct(undefined as never), TypeError);
  });

  test("Collection.insertOne() leaves out a field that is undefined, and refuses it in an array", async () => {
    const { insertedId } = await things.insertOne({ name: "new", owner: undefined, at: { land: undefined } });
    assert.deepEqual(await things.findOne({ _id: insertedId }), { _id: insertedId, name: "new", at: {} });
    await things.replaceOne({ name: "new" }, { name: "newer", owner: undefined });
    assert.deepEqual(await things.findOne({ _id: insertedId }), { _id: insertedId, name: "newer" });
    await assert.rejects(things.insertOne({ tags: ["a", undefined] }), {
      name: "TypeError",
      message:
        "Cannot insert into shop.things as 'tags.1' of the document must have a value, such as null: current value is undefined",
    });
  });

  class Secret {
    readonly #hidden = 7;
    get hidden(): number {
      return this.#hidden;
    }
  }
  const unstorable: [what: string, value: () => unknown][] = [
    ["a Set", () => new Set([1])],
    ["a Map", () => new Map([["a", 1]])],
    ["a function", () => () => 1],
    ["a symbol", () => Symbol("a")],
    ["a promise", () => Promise.resolve(1)],
    ["an error", () => Object.assign(new Error("bad"), { code: 1 })],
    ["an object without fields of its own", () => new Secret()],
    ["a boxed number", () => Object(7) as unknown],
    ["a URL", () => new URL("http://localhost")],
    ["other numbers than bytes", () => new Float64Array([1])],
    ["a date that there is not", () => new Date(Number.NaN)],
    ["an integer beyond 64 bits", () => 2n ** 63n],
  ];
  for (const [what, value] of unstorable) {
    test(`Collection.insertOne() refuses ${what}, which BSON would drop or change`, async () => {
      const refused = { name: /^(TypeError|RangeError)$/, message: /^Cannot \w+ \w+ shop\.things as '[a.0]+' of the / };
      await assert.rejects(things.insertOne({ a: value() }), refused);
      await assert.rejects(things.insertMany([{}, { a: [{ a: value() }] }]), refused);
      await assert.rejects(things.replaceOne({}, { a: value() }), refused);
      await assert.rejects(things.updateOne({}, { $set: { a: value() } }), { name: refused.name });
      assert.equal(await things.countDocuments(), 2);
    });
  }

  test("Collection refuses a document that is no plain object at all", async () => {
    for (const doc of [new Set([1]), new Map([["a", 1]]), Promise.resolve({ a: 1 }), new Date(), /a/, Buffer.of(1)]) {
      await assert.rejects(things.insertOne(doc as never), TypeError);
      await assert.rejects(things.deleteMany(doc as never), TypeError);
      await assert.rejects(things.insertMany([{ a: 1 }, doc as never]), TypeError);
    }
    await assert.rejects(things.insertMany(new Set([{}]) as never), TypeError);
    assert.equal(await things.countDocuments(), 2);
  });

  test("Collection refuses a document that contains itself, and one that is too deep", async () => {
    const self: Doc = { name: "self" };
    self["children"] = [{ parent: self }];
    await assert.rejects(things.insertOne(self), {
      name: "TypeError",
      message: "Cannot insert into shop.things as 'children.0.parent' of the document contains itself",
    });
    await assert.rejects(things.deleteMany(self), { name: "TypeError", message: /contains itself$/ });
    let deep: Doc = {};
    for (let n = 0; n < 200; n++) deep = { deep };
    await assert.rejects(things.insertOne(deep), { name: "RangeError", message: /more than 100 levels/ });
    const shared = { a: 1 };
    await things.insertOne({ one: shared, two: shared });
  });

  test("Collection stores what BSON has a type for", async () => {
    class Point {
      x = 1;
      y = { z: null };
    }
    const when = new Date(5);
    const custom = { toBSON: () => ({ made: 1 }) };
    const doc = { bytes: Buffer.of(1), when, pattern: /a/i, point: new Point(), id: client.objectId(), custom };
    const { insertedId } = await things.insertOne(doc);
    const { point, when: found, custom: made } = (await things.findOne({ _id: insertedId })) as Doc;
    assert.deepEqual({ ...(point as object) }, { x: 1, y: { z: null } });
    assert.deepEqual([found, made], [when, { made: 1 }]);
    await assert.rejects(things.insertOne({ custom: { toBSON: () => ({ made: new Set() }) } }), TypeError);
  });

  for (const megabytes of [16.5, 17, 20]) {
    test(`Collection says that a document of ${megabytes} MB is larger than 16 MB`, async () => {
      const text = "x".repeat(megabytes * 2 ** 20);
      const larger = {
        name: "RangeError",
        message: /^Cannot \w+ shop\.things as a document is larger than 16 MB$/,
      };
      await assert.rejects(things.insertOne({ text }), larger);
      await assert.rejects(things.insertMany([{ a: 1 }, { text }]), larger);
      await assert.rejects(things.replaceOne({}, { text }), larger);
      await assert.rejects(things.updateOne({}, { $set: { text } }), larger);
      await assert.rejects(things.findOne({ text }), larger);
      await assert.rejects(things.deleteMany({ text }), larger);
      assert.equal(await things.countDocuments({ text: { $exists: true } }), 0);
    });
  }

  test("Collection.insertMany() that fails says which documents were inserted", async () => {
    const docs = [{ _id: 1 }, { _id: 2 }, { _id: 1, second: true }, { _id: 3 }];
    const message = "Cannot insertMany shop.things as MongoDB refuses it: E11000 duplicate key error";
    await assert.rejects(things.insertMany(docs), (error: unknown) => {
      const { name, insertedIds, message: said } = error as Error & { insertedIds: unknown };
      assert.deepEqual([name, insertedIds], ["DuplicateKeyError", [1, 2]]);
      assert.ok(said.startsWith(message) && said.endsWith(": 2 of 4 documents were inserted"), said);
      return true;
    });
    await assert.rejects(things.insertOne({ _id: 1 }), { name: "DuplicateKeyError", insertedIds: [] });
  });

  test("Collection.insertMany() whose connection is lost says which batches were inserted", async () => {
    const big = "x".repeat(9 * 2 ** 20); // the driver sends at most 16 MB at a time
    const docs = [0, 1, 2].map((_id) => ({ _id, big }));
    const inserts = double.calls.filter(({ name }) => name === "insert").length;
    const release = double.hold("insert");
    const outcome = assert.rejects(things.insertMany(docs), {
      name: "MongoConnectionLost",
      message: /^Cannot finish insertMany shop\.things as .* was lost: at least 1 of 3 documents were inserted$/,
      insertedIds: [0],
    });
    await double.received("insert", inserts + 1);
    release();
    const releaseAgain = double.hold("insert");
    await double.received("insert", inserts + 2);
    double.dropConnections();
    await outcome;
    releaseAgain();
  });
});
