import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { createTask, isCancelled } from "../../asyncio/index.ts";
import { checkLeaks, waitAllTasksParked } from "../../asyncio/testing/index.ts";
import { Lifespan } from "../../http/index.ts";
import { OperationAbort } from "./abort.ts";
import { connect, mongodb } from "./connect.ts";
import { readSettings } from "./settings.ts";
import { startMongoDouble } from "./testing/start-mongo-double.ts";

test("readSettings() finds the servers in a URL, and nothing secret", () => {
  const table = [
    ["mongodb://127.0.0.1", "127.0.0.1"],
    ["mongodb://user:secret@a:1,b:2/shop?replicaSet=r", "a:1,b:2"],
    ["mongodb+srv://cluster.example.org/shop", "cluster.example.org"],
  ] as const;
  for (const [url, address] of table) assert.equal(readSettings(url).address, address);
  const must = /^Cannot connect to MongoDB as the URL must be mongodb:\/\/host:port\/database/;
  for (const url of ["", "127.0.0.1:27017", "mongo://user:secret@host", 7 as never]) {
    assert.throws(
      () => readSettings(url),
      (error: unknown) => {
        return error instanceof TypeError && must.test(error.message) && !error.message.includes("secret");
      },
    );
  }
  assert.throws(() => readSettings("mongodb://h", { connectTimeout: 0 }), RangeError);
  assert.throws(() => readSettings("mongodb://h", { maxPoolSize: 0.5 }), RangeError);
  assert.throws(() => readSettings("mongodb://h", { socketTimeout: 0 }), RangeError);
  assert.throws(() => readSettings("mongodb://h", { pingInterval: 499 }), RangeError);
});

test("readSettings() leaves to the driver what the URL says, unless an option says otherwise", () => {
  const table: [url: string, options: object, driverOptions: object][] = [
    ["mongodb://h", {}, { serverSelectionTimeoutMS: 5_000, connectTimeoutMS: 5_000, maxPoolSize: 100 }],
    ["mongodb://h/?maxPoolSize=7", {}, { serverSelectionTimeoutMS: 5_000, connectTimeoutMS: 5_000 }],
    ["mongodb://h/db?MAXPOOLSIZE=7&connecttimeoutms=1", {}, { serverSelectionTimeoutMS: 5_000 }],
    [
      "mongodb://h/?maxPoolSize=7",
      { maxPoolSize: 3 },
      { serverSelectionTimeoutMS: 5_000, connectTimeoutMS: 5_000, maxPoolSize: 3 },
    ],
    [
      "mongodb://h/?socketTimeoutMS=9",
      { socketTimeout: Infinity, pingInterval: 700 },
      {
        serverSelectionTimeoutMS: 5_000,
        connectTimeoutMS: 5_000,
        socketTimeoutMS: 0,
        heartbeatFrequencyMS: 700,
        maxPoolSize: 100,
      },
    ],
    ["mongodb://h", { connectTimeout: 0.5 }, { serverSelectionTimeoutMS: 1, connectTimeoutMS: 1, maxPoolSize: 100 }],
  ];
  for (const [url, options, driverOptions] of table) {
    assert.deepEqual(readSettings(url, options).driverOptions, driverOptions);
  }
});

test("readSettings() refuses an option that does not exist, without showing its value", () => {
  const message =
    "Cannot connect to MongoDB as 'poolSize' is not an option: there are connectTimeout, socketTimeout, pingInterval, maxPoolSize";
  assert.throws(() => readSettings("mongodb://h", { poolSize: "secret" } as never), { name: "TypeError", message });
  assert.throws(() => mongodb(new Lifespan(), { database: "shop" } as never), TypeError);
  assert.throws(() => readSettings("mongodb://h", "secret" as never), {
    name: "TypeError",
    message: /must be an object/,
  });
});

describe("MongoClient", { timeout: 15_000 }, () => {
  test("connect() refuses an option of the URL that does not exist, without showing a password", async () => {
    await assert.rejects(connect("mongodb://user:secret@h/?foo=1"), (error: unknown) => {
      assert.match(String(error), /^TypeError: Cannot connect to MongoDB as its URL is refused: .*foo/);
      return !inspect(error).includes("secret");
    });
  });

  test("connect() says that nobody is there, and leaves nothing open", async () => {
    await checkLeaks(async () => {
      const url = "mongodb://user:secret@127.0.0.1:1/shop";
      await assert.rejects(connect(url, { connectTimeout: 500 }), (error: unknown) => {
        const message =
          "Cannot connect to MongoDB at 127.0.0.1:1 as nothing listens there (ECONNREFUSED): is the server running?";
        assert.equal((error as Error).message, message);
        return (error as Error).name === "MongoConnectError" && !inspect(error).includes("secret");
      });
    });
  });

  for (const [what, answer] of [
    ["sends garbage", "HTTP/1.1 400 Bad Request\r\n\r\n"],
    ["hangs up", undefined],
    ["says nothing", ""],
  ] as const) {
    test(`connect() does not wait for a server that ${what}`, async () => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket.on("error", () => {}));
        socket.resume();
        if (answer === undefined) socket.destroy();
        else if (answer !== "") socket.write(answer);
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const connecting = connect(`mongodb://127.0.0.1:${port}`, { connectTimeout: 200 });
      await assert.rejects(connecting, { name: "MongoConnectError" });
      const task = createTask(() => connect(`mongodb://127.0.0.1:${port}`, { connectTimeout: 60_000 }));
      await waitAllTasksParked();
      task.cancel();
      await assert.rejects(task, isCancelled);
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    });
  }

  test("connect() uses as many connections as the URL allows", async () => {
    await using double = await startMongoDouble();
    await using client = await connect(`${double.url}/shop?maxPoolSize=2`);
    const release = double.hold("find");
    const tasks = Array.from({ length: 5 }, () => createTask(() => client.collection("things").findOne()));
    await double.received("find", 2);
    await waitAllTasksParked();
    assert.equal(client.statistics().connections, 2);
    release();
    await Promise.all(tasks);
  });

  test("Collection refuses options that do not exist", async () => {
    await using double = await startMongoDouble();
    await using client = await connect(`${double.url}/shop`);
    const things = client.collection("things");
    const unknown = { name: "TypeError", message: /'\w+' is not an option: there are / };
    await assert.rejects(things.findOne({}, { limit: 1 } as never), unknown);
    await assert.rejects(things.updateOne({}, { $set: { a: 1 } }, { multi: true } as never), unknown);
    await assert.rejects(things.replaceOne({}, { a: 1 }, { upsrt: true } as never), unknown);
    await assert.rejects(things.createIndex({ a: 1 }, { uniq: true } as never), unknown);
    assert.throws(() => client.collection("things", { shema: {} } as never), unknown);
    assert.deepEqual(
      double.calls.map(({ name }) => name),
      ["ping"],
    );
  });

  test("MongoClient leaves no listener on the signal of an operation", async (context) => {
    const { mock } = context.mock.method(OperationAbort.prototype, "addEventListener");
    await using double = await startMongoDouble();
    await using client = await connect(`${double.url}/shop`);
    const things = client.collection("things");
    await things.insertMany([{ a: 1 }, { a: 2 }, { a: 3 }]);
    await things.find().batchSize(1).toArray();
    for await (const _ of things.find().batchSize(1)) break;
    await things.findOne();
    await things.updateOne({}, { $set: { a: 1 } });
    await things.countDocuments();
    await assert.rejects(things.updateOne({}, { $nonsense: 1 }), { name: "MongoReplyError" });
    const aborts = new Set(mock.calls.map((call) => call.this as OperationAbort));
    assert.ok(aborts.size > 5);
    for (const { size } of aborts) assert.equal(size, 0);
  });

  test("connect() says that the server refuses the user", async () => {
    await using double = await startMongoDouble();
    const url = double.url.replace("//", "//user:secret@");
    await assert.rejects(connect(url, { connectTimeout: 200 }), (error: unknown) => {
      assert.match((error as Error).name, /^Mongo(Connect|Reply)Error$/);
      return !(error as Error).message.includes("secret");
    });
  });

  test("MongoClient fails a write whose connection was cut, and goes on over another", async () => {
    await using double = await startMongoDouble();
    await using client = await connect(`${double.url}/shop`);
    const things = client.collection("things");
    const release = double.hold("insert");
    const task = createTask(() => things.insertOne({ n: 1 }));
    await double.received("insert");
    double.dropConnections();
    await assert.rejects(task, {
      name: "MongoConnectionLost",
      message: "Cannot finish insertOne shop.things as the connection to MongoDB was lost",
    });
    release();
    await things.insertOne({ n: 2 });
    assert.equal(await things.countDocuments({ n: 2 }), 1);
  });

  test("MongoClient fails within its limit when the server has gone", async () => {
    const double = await startMongoDouble();
    await using client = await connect(`${double.url}/shop`, { connectTimeout: 300 });
    await double.stop();
    await assert.rejects(client.collection("things").findOne(), /^Mongo(ConnectError|ConnectionLost): /);
    await assert.rejects(client.collection("things").findOne(), { name: "MongoConnectError" });
  });

  test("MongoClient.close() leaves nothing open, and what comes after it is refused", async () => {
    await checkLeaks(async () => {
      await using double = await startMongoDouble();
      const client = await connect(`${double.url}/shop`);
      const things = client.collection("things");
      await things.insertOne({});
      const cursor = things.find();
      double.hold("find");
      const task = createTask(() => things.findOne());
      await double.received("find");
      const outcome = assert.rejects(task, { name: "InvalidStateError" });
      await client.close();
      await outcome;
      const message = "Cannot use MongoDB as its client was closed";
      await assert.rejects(things.findOne(), { name: "InvalidStateError", message });
      await assert.rejects(cursor.next(), { name: "InvalidStateError" });
      await client.close();
    });
  });

  test("mongodb() opens and closes with the application", async () => {
    await using double = await startMongoDouble();
    const app = new Lifespan();
    const client = mongodb(app, { url: `${double.url}/shop` });
    assert.throws(() => client.db(), {
      name: "InvalidStateError",
      message: "Cannot use MongoDB as its client was not opened",
    });
    const things = client.db("shop").collection("things");
    for (let round = 1; round <= 2; round++) {
      await app.start();
      await things.insertOne({});
      assert.equal(await things.countDocuments(), round);
      await app.stop();
      await assert.rejects(things.findOne(), { name: "InvalidStateError" });
    }
  });
});
