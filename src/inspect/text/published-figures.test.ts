// Pools and clients publish their figures while they are open.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readFigures, Semaphore } from "../../asyncio/index.ts";
import { ClientSession } from "../../client/index.ts";
import { connect } from "../../data/mongodb/index.ts";
import { startMongoDouble } from "../../data/mongodb/testing/index.ts";
import { createPool } from "../../data/postgres/index.ts";
import { takeSnapshot } from "../record/snapshot.ts";

/** The names of the published sources. */
function names(): string[] {
  return readFigures().map(({ name }) => name);
}

test("a ClientSession publishes its figures until it is closed", async () => {
  const session = new ClientSession({ baseUrl: "http://127.0.0.1:8080/" });
  assert.deepEqual(readFigures(), [
    { name: "HTTP client 127.0.0.1:8080", counts: { open: 0, inUse: 0, idle: 0, waiting: 0 } },
  ]);
  await session.close();
  assert.deepEqual(names(), []);
});

test("a pool of PostgreSQL publishes its figures until it is closed, without its password", async () => {
  const pool = createPool("postgres://ann:secret@127.0.0.1:5432/shop", { max: 4 });
  assert.deepEqual(readFigures(), [
    { name: "postgres 127.0.0.1:5432/shop", counts: { size: 0, idle: 0, opening: 0, waiting: 0, max: 4 } },
  ]);
  await pool.close();
  assert.deepEqual(names(), []);
});

test("a client of MongoDB publishes its figures until it is closed", async () => {
  await using double = await startMongoDouble();
  const client = await connect(`${double.url}/shop`);
  assert.match(names().join(), /^mongodb 127\.0\.0\.1:\d+$/);
  await client.close();
  assert.deepEqual(names(), []);
});

test("takeSnapshot() tells the figures of what is published, and nothing else does", () => {
  assert.deepEqual(new Semaphore(2).statistics().waiting, 0);
  assert.deepEqual(takeSnapshot().figures, []);
});
