import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connect, type Connection } from "../../src/data/postgres/index.ts";
import { testServer } from "../../src/data/postgres/server.fixture.ts";
import { PostgresSessionStore } from "../../src/web/sessions/postgres-store.ts";
import { testSessionStore } from "../../src/web/sessions/session-store.contract.fixture.ts";

const server = await testServer();

describe("PostgresSessionStore", { timeout: 60_000 }, () => {
  let connection: Connection;
  let store: PostgresSessionStore;
  before(async () => {
    connection = await connect(server.url);
    store = new PostgresSessionStore(connection);
    await store.createTable();
  });
  after(() => connection.close());

  testSessionStore("PostgresSessionStore", () => ({
    store,
    pass: async (ms) => void (await connection.execute("select pg_sleep($1)", [ms / 1_000])),
  }));

  test("PostgresSessionStore.createTable() may be called again, and takes a schema", async () => {
    await store.createTable();
    await connection.execute("create schema app");
    const other = new PostgresSessionStore(connection, { table: "app.web_sessions" });
    await other.createTable();
    await other.create("1", "{}", 60_000);
    assert.equal(await other.load("1"), "{}");
  });

  test("PostgresSessionStore.deleteExpired() removes what is over, and nothing else", async () => {
    const other = new PostgresSessionStore(connection, { table: "expiring" });
    await other.createTable();
    await other.create("old", "{}", 1);
    await other.create("new", "{}", 60_000);
    await connection.execute("select pg_sleep(0.01)");
    assert.equal(await other.deleteExpired(), 1);
    assert.equal(await other.load("new"), "{}");
  });

  test("PostgresSessionStore refuses a table whose name would be SQL", () => {
    for (const table of ["a b", "a;drop", "", 'a"b', "a.b.c", 1] as never[]) {
      assert.throws(() => new PostgresSessionStore(connection, { table }), TypeError);
    }
  });
});
