// A server of MongoDB that is stopped, or killed, while operations of all kinds are under way. Each call ends: with an
// answer, an error of the driver's, or the cancellation that it was sent; when the server is back, so is the client; and
// when the client is closed, nothing of it is left.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTask, gather, isCancelled, sleep, type Task, timeout } from "../../src/asyncio/index.ts";
import { checkLeaks } from "../../src/asyncio/testing/index.ts";
import type { MongoClient } from "../../src/data/mongodb/client.ts";
import type { Collection } from "../../src/data/mongodb/collection.ts";
import { connect } from "../../src/data/mongodb/connect.ts";
import { MongoServer } from "./_mongo-server.ts";

type Things = Collection<{ _id: number }>;

/** A server that is silent may cost a cancelled call 200 ms; on a busy machine timers are late. */
const longest = 500;

/** Longer than any wait of the driver for a server that is gone. */
const patience = 20_000;

const lost = /^Mongo(ConnectionLost|ConnectError): Cannot /;

/**
 * Operations by their names, with the command at which the server is stopped or killed. Those that send another one before
 * come first.
 */
const works: Readonly<Record<string, readonly [command: string, run: (things: Things) => Promise<unknown>]>> = {
  "find(), between two batches,": ["getMore", (things) => readThrough(things)],
  "loop that is left": ["killCursors", (things) => leaveLoop(things)],
  findOne: ["find", (things) => things.findOne()],
  "find().toArray": ["find", (things) => things.find().batchSize(2).toArray()],
  aggregate: ["aggregate", (things) => things.aggregate([{ $match: {} }]).toArray()],
  countDocuments: ["aggregate", (things) => things.countDocuments()],
  insertOne: ["insert", (things) => things.insertOne({ _id: 1_000 })],
  insertMany: ["insert", (things) => things.insertMany([{ _id: 1_001 }, { _id: 1_002 }])],
  updateOne: ["update", (things) => things.updateOne({ _id: 1 }, { $set: {} })],
  deleteOne: ["delete", (things) => things.deleteOne({ _id: 1 })],
};

async function readThrough(things: Things): Promise<void> {
  for await (const { _id: id } of things.find().batchSize(2)) assert.ok(id >= 0);
}

async function leaveLoop(things: Things): Promise<void> {
  for await (const { _id: id } of things.find().batchSize(2)) if (id === 0) break;
}

async function fill(client: MongoClient): Promise<Things> {
  const things = client.collection<{ _id: number }>("things");
  await things.insertMany(Array.from({ length: 20 }, (_, _id) => ({ _id })));
  return things;
}

/** Starts all works, and waits until the server holds the command of each. */
async function startAll(server: MongoServer, things: Things): Promise<[name: string, task: Task<unknown>][]> {
  const tasks: [string, Task<unknown>][] = [];
  for (const [name, [command, run]] of Object.entries(works)) {
    const earlier = await server.count(command);
    server.hold(command);
    tasks.push([name, createTask(() => run(things), { name })]);
    await server.received(command, earlier + 1);
  }
  return tasks;
}

/** What is inserted a second time may be there already. */
async function runAgain(name: string, run: () => Promise<unknown>): Promise<void> {
  await run().catch((error: unknown) => assert.match(String(error), /^DuplicateKeyError/, name));
}

async function timed(fn: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await fn();
  return performance.now() - begun;
}

describe("MongoClient", { timeout: 120_000 }, () => {
  test("MongoClient whose server is stopped lets go of what is cancelled or limited, and goes on after SIGCONT", async () => {
    await using server = await MongoServer.start();
    await checkLeaks(async () => {
      await using client = await connect(`${server.url}/shop`);
      const things = await fill(client);
      const tasks = await startAll(server, things);
      server.signal("SIGSTOP");
      for (const [name, task] of tasks) {
        const took = await timed(async () => {
          task.cancel();
          await assert.rejects(task, isCancelled, name);
        });
        assert.ok(took < longest, `${name} took ${took} ms`);
      }
      const limit = 100;
      await gather(
        Object.entries(works).map(([name, [, run]]) => async () => {
          const took = await timed(() =>
            assert.rejects(
              timeout(limit, () => run(things)),
              { name: "TimeoutError" },
              name,
            ),
          );
          assert.ok(took < limit + longest, `${name} took ${took} ms`);
        }),
      );
      server.signal("SIGCONT");
      for (const [command] of Object.values(works)) server.release(command);
      assert.ok((await things.find().toArray()).length >= 19);
      for (const [name, [, run]] of Object.entries(works)) await runAgain(name, () => run(things));
      while (client.statistics().running > 0) await sleep(5);
    });
  });

  test("MongoClient whose server is killed fails what is under way, and goes on when it is back", async () => {
    await using server = await MongoServer.start();
    await checkLeaks(async () => {
      await using client = await connect(`${server.url}/shop`, { connectTimeout: 1_000 });
      const things = await fill(client);
      const tasks = await startAll(server, things);
      await server.kill();
      for (const [name, task] of tasks) {
        // The end of a loop that is left needs no reply: the cursor is gone with the server.
        if (name === "loop that is left") await task;
        else await assert.rejects(task, lost, name);
      }
      await assert.rejects(things.findOne(), lost);
      assert.equal(client.statistics().running, 0);
      await server.restart();
      await recover(client);
      await fill(client);
      for (const [name, [, run]] of Object.entries(works)) await runAgain(name, () => run(things));
      assert.equal(client.statistics().running, 0);
    });
  });

  test("MongoClient.close() does not wait for a stopped server, whatever is under way", async () => {
    await using server = await MongoServer.start();
    await checkLeaks(async () => {
      const client = await connect(`${server.url}/shop`, { connectTimeout: 1_500 });
      const things = await fill(client);
      const open = things.find().batchSize(2);
      await open.next();
      const ended = Promise.allSettled((await startAll(server, things)).map(([, task]) => task));
      server.signal("SIGSTOP");
      const took = await timed(() => client.close());
      assert.ok(took < 3 * longest, `it took ${took} ms`);
      // A connection that was being opened ends by its own time limit.
      while (process.getActiveResourcesInfo().includes("TCPSocketWrap")) await sleep(10);
      const outcomes = await ended;
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") assert.match(String(outcome.reason), /^(InvalidStateError|MongoConn)/);
      }
    });
  });

  test("MongoClient.close() does not wait for a server that was killed", async () => {
    await using server = await MongoServer.start();
    await checkLeaks(async () => {
      const client = await connect(`${server.url}/shop`);
      const things = await fill(client);
      const open = things.find().batchSize(2);
      await open.next();
      await server.kill();
      const took = await timed(() => client.close());
      assert.ok(took < 3 * longest, `it took ${took} ms`);
    });
  });

  test("MongoClient whose server is killed and restarted again and again ends each of its calls, and finds back", async () => {
    await using server = await MongoServer.start();
    await checkLeaks(async () => {
      await using client = await connect(`${server.url}/shop`, { connectTimeout: 2_000, maxPoolSize: 4 });
      const things = await fill(client);
      const seen = { answered: 0, failed: 0 };
      const state = { isOver: false };
      const worker =
        ([, [, run]]: (typeof list)[number]) =>
        async (): Promise<void> => {
          while (!state.isOver) {
            try {
              await timeout(patience, () => run(things));
              seen.answered++;
            } catch (error) {
              if (lost.test(String(error))) seen.failed++;
              else assert.match(String(error), /^(DuplicateKeyError|MongoReplyError: .*cursor id)/);
            }
          }
        };
      const list = Object.entries(works).filter(([name]) => name !== "find(), between two batches,");
      await gather([
        ...list.map((work) => worker(work)),
        async () => {
          for (let round = 0; round < 3; round++) {
            const { answered } = seen;
            while (seen.answered < answered + 50) await sleep(5);
            await server.kill();
            const { failed } = seen;
            while (seen.failed === failed) await sleep(5);
            await server.restart();
            await recover(client);
          }
          state.isOver = true;
        },
      ]);
      assert.ok(seen.answered >= 150 && seen.failed >= 3, JSON.stringify(seen));
      assert.equal(client.statistics().running, 0);
    });
  });
});

/** Asks until the client has found the server again. */
async function recover(client: MongoClient): Promise<void> {
  const end = performance.now() + patience;
  for (;;) {
    try {
      await client.db().command({ ping: 1 });
      return;
    } catch (error) {
      if (!lost.test(String(error)) || performance.now() > end) throw error;
    }
  }
}
