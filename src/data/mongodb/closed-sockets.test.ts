import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { outside } from "../../asyncio/index.ts";
import { EndingRelay } from "../shared/ending-relay.fixture.ts";
import { makeDriver } from "./_driver.ts";
import { connect } from "./connect.ts";
import { readSettings } from "./settings.ts";
import { startMongoDouble } from "./testing/start-mongo-double.ts";

describe("A socket of the driver that closes", { timeout: 30_000 }, () => {
  test(
    "Collection.findOne() is answered if it begins when the server has ended the connection that it takes",
    { timeout: 8_000 },
    async () => {
      await using double = await startMongoDouble();
      await using relay = await EndingRelay.start(double.url);
      await using client = await connect(`mongodb://127.0.0.1:${relay.port}/shop`);
      const things = client.collection("things");
      await things.insertOne({ _id: 1 });
      const [found] = await Promise.all([
        relay.inLastMoment(relay.newest, () => things.findOne()),
        relay.end(relay.newest),
      ]);
      assert.deepEqual(found, { _id: 1 });
    },
  );

  test(
    "makeDriver() makes a client that finds its server after the server ended the connection of a check",
    { timeout: 8_000 },
    async () => {
      await using double = await startMongoDouble();
      await using relay = await EndingRelay.start(double.url);
      const { client } = await outside(makeDriver, readSettings(`mongodb://127.0.0.1:${relay.port}`));
      try {
        const ping = (): Promise<unknown> => client.db("admin").command({ ping: 1 }, {});
        await ping();
        const [{ monitor }] = [...client.topology!.s!.servers!.values()] as unknown as [DriverInternals];
        const check = async (): Promise<void> => {
          monitor.monitorId.lastExecutionEnded = -Infinity;
          monitor.requestCheck();
        };
        const failed = once(client as never, "serverHeartbeatFailed");
        await Promise.all([relay.inLastMoment(relay.oldest, check), relay.end(relay.oldest)]);
        await failed;
        await ping();
      } finally {
        await client.close();
      }
    },
  );

  test(
    "Collection.insertOne() fails if the time limit of the socket runs out while it is written",
    { timeout: 8_000 },
    async () => {
      await using double = await startMongoDouble();
      await using relay = await EndingRelay.start(double.url);
      await using client = await connect(`mongodb://127.0.0.1:${relay.port}/shop`, { socketTimeout: 100 });
      relay.stall();
      const filler = "x".repeat(15_000_000);
      await assert.rejects(client.collection("things").insertOne({ filler }), { name: "MongoConnectionLost" });
    },
  );
});

/** What checks a server: at most twice a second, counted from the end of the last check. */
interface DriverInternals {
  readonly monitor: { readonly monitorId: { lastExecutionEnded: number }; requestCheck(): void };
}
