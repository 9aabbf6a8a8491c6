// Changes of one caller to a connection must not affect the next caller.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Queryable } from "./client.ts";
import { createPool, type Pool } from "./pool.ts";
import { testServer } from "./server.fixture.ts";

const server = await testServer({ settings: { log_statement: "all" } });

/** Shows what a borrower could have changed. */
const state = `select current_user as role, session_user as session, current_setting('statement_timeout') as timeout,
  nullif(current_setting('app.tenant', true), '') as tenant, current_setting('search_path') as path,
  to_regclass('pg_temp.mine')::text as temp, (select count(*)::int from pg_locks where locktype = 'advisory') as locks,
  (select count(*)::int from pg_listening_channels()) as channels,
  (select count(*)::int from pg_prepared_statements where name <> '') as prepared,
  (select count(*)::int from pg_cursors where is_holdable) as cursors`;

const changes: readonly [what: string, text: string, values?: readonly unknown[]][] = [
  ["a setting", "set app.tenant = 'a'"],
  ["a setting by a function", "select set_config('app.tenant', $1, false)", ["a"]],
  ["a setting in several statements", "select 1; set app.tenant = 'a'; select 2"],
  ["a setting by code", "do $$ begin perform set_config('app.tenant', 'a', false); end $$"],
  ["the search path", "set search_path to pg_catalog"],
  ["a time limit", "set statement_timeout = '7s'"],
  ["the role", "set role plain"],
  ["the user", "set session authorization plain"],
  ["a temporary table", "create temp table mine (a int)"],
  ["a temporary table made of rows", "select 1 as a into temporary mine"],
  ["a lock", "select pg_advisory_lock(1)"],
  ["a prepared statement", "prepare mine as select 1"],
  ["a cursor", "declare mine cursor with hold for select 1"],
];

const ways: readonly [
  way: string,
  change: (pool: Pool, text: string, values?: readonly unknown[]) => Promise<unknown>,
][] = [
  ["a query", (pool, text, values) => pool.query(text, values)],
  ["a transaction", (pool, text, values) => pool.transaction((transaction) => transaction.query(text, values))],
  ["acquire()", (pool, text, values) => onConnection(pool, (connection) => connection.query(text, values))],
];

async function onConnection(pool: Pool, use: (connection: Queryable) => Promise<unknown>): Promise<void> {
  await using connection = await pool.acquire();
  await use(connection);
}

async function openPool(): Promise<Pool> {
  const pool = createPool(server.url, { max: 1 });
  await pool.query("do $$ begin if to_regrole('plain') is null then create role plain; end if; end $$");
  return pool;
}

for (const [what, text, values] of changes) {
  for (const [way, change] of ways) {
    test(`Pool keeps ${what} that was changed in ${way} from the next caller`, async () => {
      await using pool = await openPool();
      const [before, pid] = [await pool.query(state), await pool.query("select pg_backend_pid()")];
      await change(pool, text, values);
      assert.deepEqual(await pool.query(state), before);
      assert.deepEqual(await pool.query("select pg_backend_pid()"), pid);
    });
  }
}

test("Pool keeps what a function changed on an acquired connection from the next caller", async () => {
  await using pool = await openPool();
  await pool.query(
    "create or replace function enter(text) returns void language plpgsql as $$ begin perform set_config('app.tenant', $1, false); end $$",
  );
  const before = await pool.query(state);
  await onConnection(pool, (connection) => connection.query("select enter('a')"));
  assert.deepEqual(await pool.query(state), before);
});

test("Pool keeps what a failed text of several statements changed from the next caller", async () => {
  await using pool = await openPool();
  const before = await pool.query(state);
  await assert.rejects(pool.query("prepare mine as select 1; select 1 / 0"));
  assert.deepEqual(await pool.query(state), before);
});

function countCleanings(): number {
  return readFileSync(server.logFile, "utf8").split("discard all").length - 1;
}

test("Pool cleans no connection that was not changed", async () => {
  await using pool = await openPool();
  await pool.query("create table if not exists note (text text)");
  const before = countCleanings();
  await pool.query("insert into note values ($1)", ["set app.tenant"]);
  await pool.execute("update note set text = 'b'");
  await pool.query("select current_setting('app.tenant', true), case when true then 1 end; select 2");
  await assert.rejects(pool.query("select 1 / 0"));
  await pool.transaction(async (transaction) => {
    await transaction.query("set local app.tenant = 'a'");
    await transaction.query("select set_config('app.tenant', $1, true)", ["a"]);
    await transaction.transaction(() => transaction.statistics());
  });
  for await (const _ of pool.stream("select generate_series(1, 10)")) break;
  await onConnection(pool, () => Promise.resolve());
  await pool.query("select 1");
  assert.equal(countCleanings(), before);
});
