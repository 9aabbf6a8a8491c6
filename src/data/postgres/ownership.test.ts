import assert from "node:assert/strict";
import { test } from "node:test";
import { currentScope, gather, run } from "../../asyncio/index.ts";
import { connect } from "./client.ts";
import { createPool, type Pool } from "./pool.ts";
import { testServer } from "./server.fixture.ts";

const server = await testServer();

test("createPool() and connect() make what is closed with the run that it was made in", async () => {
  const [pool, connection] = await run(async () => {
    const both = await gather(
      () => createPool(server.url, { max: 2 }),
      () => connect(server.url),
    );
    await gather(...both.map((queryable) => () => queryable.query("select 1")));
    return both;
  });
  assert.deepEqual([pool.statistics().size, connection.statistics().closed], [0, true]);
  await assert.rejects(pool.query("select 1"), { name: "ConnectionClosedError" });
});

test("Pool.acquire() gives a connection that goes back to the pool with the scope that it was acquired in", async () => {
  await using pool: Pool = createPool(server.url, { max: 1 });
  const connection = await run(async () => {
    const acquired = await pool.acquire();
    await acquired.query("select 1");
    return acquired;
  });
  assert.deepEqual([connection.statistics().closed, pool.statistics().idle], [true, 1]);
});

test("Connection.close() leaves nothing in the scope that the connection was opened in", async () => {
  await using pool: Pool = createPool(server.url, { max: 1 });
  await run(async () => {
    for (let n = 0; n < 100; n++) await (await pool.acquire()).close();
    assert.equal(currentScope().owner.rare?.closers?.size, 0);
  });
});
