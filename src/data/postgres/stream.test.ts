import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, isCancelled, sleep, take, taskGroup } from "../../asyncio/index.ts";
import { connect } from "./client.ts";
import { ConnectionBusyError, PostgresError, QueryArgumentError } from "./errors.ts";
import { createPool } from "./pool.ts";
import { countRunning, testServer, untilRunning } from "./server.fixture.ts";
import { sql } from "./sql.ts";

const server = await testServer();
const watcher = await connect(server.url);
test.after(() => watcher.close());

const numbers = "select n from generate_series(1, $1::int) as n";

for (const count of [0, 1, 9, 10, 11, 25]) {
  test(`stream() gives all of ${count} rows in order, by batches of 10`, async () => {
    await using pool = createPool(server.url, { max: 1 });
    const found: unknown[] = [];
    for await (const { n } of pool.stream(numbers, [count], { batchSize: 10 })) found.push(n);
    assert.deepEqual(
      found,
      Array.from({ length: count }, (_, i) => i + 1),
    );
    assert.equal(pool.statistics().idle, 1);
  });
}

test("stream() takes what sql`…` makes", async () => {
  await using pool = createPool(server.url);
  const rows = await Array.fromAsync(pool.stream<{ n: number }>(sql`select ${7}::int as n`));
  assert.deepEqual(rows, [{ n: 7 }]);
});

test("stream() that is left by break gives its connection back, usable", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const pid = await pool.query("select pg_backend_pid()");
  for await (const { n } of pool.stream(numbers, [1_000_000])) if (n === 1_500) break;
  assert.deepEqual(await pool.query("select pg_backend_pid()"), pid);
  assert.equal(pool.statistics().size, 1);
});

test("stream() whose reader throws gives its connection back, usable", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const pid = await pool.query("select pg_backend_pid()");
  await assert.rejects(async () => {
    for await (const _ of pool.stream(numbers, [1_000_000])) throw new Error("seen enough");
  }, /seen enough/);
  assert.deepEqual(await pool.query("select pg_backend_pid()"), pid);
});

test("stream() that is cancelled while it fetches is cancelled on the server", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const pid = await pool.query("select pg_backend_pid()");
  const task = createTask(() => Array.fromAsync(pool.stream("select pg_sleep(60) as slow_row")));
  await untilRunning(watcher, "fetch 1000");
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.equal(await countRunning(watcher, "fetch 1000"), 0);
  assert.deepEqual(await pool.query("select pg_backend_pid()"), pid);
});

test("stream() whose reader is cancelled gives its connection back", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const task = createTask(async () => {
    for await (const _ of pool.stream(numbers, [10])) await sleep(60_000);
  });
  while (pool.statistics().size === 0) await sleep(1);
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.deepEqual(await pool.query("select 1 as a"), [{ a: 1 }]);
});

test("stream() that was left by hand, without an end, costs its connection when its scope ends", async () => {
  await using pool = createPool(server.url, { max: 1 });
  await taskGroup(async () => {
    await pool.stream(numbers, [10]).next();
    assert.equal(pool.statistics().size, 1);
  });
  assert.equal(pool.statistics().size, 0);
  assert.deepEqual(await pool.query("select 1 as a"), [{ a: 1 }]);
});

test("stream() that is refused throws PostgresError when it is iterated, and gives its connection back", async () => {
  await using pool = createPool(server.url, { max: 1 });
  await assert.rejects(pool.stream("nonsense").next(), PostgresError);
  await assert.rejects(
    Array.fromAsync(pool.stream("select 1 / (500 - n) from generate_series(1, 1000) as n", [], { batchSize: 100 })),
    { sqlState: "22012" },
  );
  assert.deepEqual(await pool.query("select 1 as a"), [{ a: 1 }]);
});

test("stream() refuses what cannot be sent, and batches of no size", async () => {
  await using pool = createPool(server.url);
  assert.throws(() => pool.stream(7 as never), QueryArgumentError);
  assert.throws(() => pool.stream("select 1", [], { batchSize: 0 }), /'batchSize' must be a whole number >= 1/);
});

test("RowStream.next() that is called several times at once gives the rows in order", async () => {
  await using pool = createPool(server.url, { max: 1 });
  await using stream = pool.stream<{ n: number }>(numbers, [5], { batchSize: 2 });
  const results = await Promise.all(Array.from({ length: 7 }, () => stream.next()));
  assert.deepEqual(
    results.map(({ value }) => value?.n),
    [1, 2, 3, 4, 5, undefined, undefined],
  );
});

test("Connection.query() within a stream of the same task is refused instead of waiting for itself", async () => {
  await using connection = await connect(server.url);
  const task = createTask(async () => {
    for await (const _ of connection.stream(numbers, [1])) await connection.query("select 1");
  });
  await assert.rejects(task, ConnectionBusyError);
  assert.deepEqual(await connection.query("select 1 as a"), [{ a: 1 }]);
});

test("Transaction.stream() lets other queries and streams of the transaction run between its batches", async () => {
  await using connection = await connect(server.url);
  const seen = await connection.transaction(async (transaction) => {
    await transaction.execute("create temp table copy (n int)");
    for await (const { n } of transaction.stream(numbers, [30], { batchSize: 10 })) {
      await transaction.execute("insert into copy values ($1)", [n]);
      await Array.fromAsync(take(transaction.stream(numbers, [30], { batchSize: 10 }), 3));
    }
    return transaction.query("select count(*)::int as count from copy");
  });
  assert.deepEqual(seen, [{ count: 30 }]);
});

test("stream() of a million rows to a slow reader keeps the memory of one batch", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const query = "select n, repeat('x', 200) as filling from generate_series(1, $1::int) as n";
  let [count, sum, highest] = [0, 0, 0];
  const before = process.memoryUsage().rss;
  for await (const { n } of pool.stream<{ n: number }>(query, [1_000_000])) {
    sum += n;
    if (++count % 50_000 !== 0) continue;
    await sleep(5);
    highest = Math.max(highest, process.memoryUsage().rss - before);
  }
  assert.deepEqual([count, sum], [1_000_000, 500_000_500_000]);
  assert.ok(highest < 150_000_000, `${highest} bytes more than before, for 200 MB of rows`);
});
