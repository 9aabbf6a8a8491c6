import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import {
  allTasks,
  createTask,
  formatCallGraph,
  gather,
  isCancelled,
  sleep,
  timeout,
  TimeoutError,
} from "../../asyncio/index.ts";
import { checkLeaks, waitAllTasksParked } from "../../asyncio/testing/index.ts";
import { connect, type Connection } from "./client.ts";
import { ConnectionClosedError, PostgresError, QueryArgumentError } from "./errors.ts";
import { findUncollected } from "../../base/garbage.fixture.ts";
import { countCancelled, countRunning, testServer, untilRunning } from "./server.fixture.ts";
import { sql } from "./sql.ts";

const server = await testServer();

async function pidOf(connection: Connection): Promise<unknown> {
  return (await connection.query("select pg_backend_pid() as pid"))[0]?.["pid"];
}

// Queries.

test("Connection.query() gives rows", async () => {
  await using connection = await connect(server.url);
  assert.deepEqual(await connection.query("select 1 as a, 'x' as b union all select 2, null"), [
    { a: 1, b: "x" },
    { a: 2, b: null },
  ]);
});

test("Connection.query() sends values beside the text", async () => {
  await using connection = await connect(server.url);
  const hostile = "'; drop table users; --";
  assert.deepEqual(await connection.query("select $1::text as a, $2::int[] as b", [hostile, [1, 2]]), [
    { a: hostile, b: [1, 2] },
  ]);
});

test("Connection.query() takes what sql`…` makes, with fragments and identifiers", async () => {
  await using connection = await connect(server.url);
  const query = sql`select ${sql.identifier("n")} from generate_series(1, ${10}::int) as n where ${sql`n > ${8}`}`;
  assert.deepEqual(await connection.query(query), [{ n: 9 }, { n: 10 }]);
});

test("Connection.sql`…` runs the template", async () => {
  await using connection = await connect(server.url);
  assert.deepEqual(await connection.sql`select ${1}::int + ${2}::int as sum`, [{ sum: 3 }]);
});

test("Connection.query() gives the rows of the last of several statements", async () => {
  await using connection = await connect(server.url);
  assert.deepEqual(await connection.query("select 1 as a; select 2 as a"), [{ a: 2 }]);
});

test("Connection.query() of nothing gives nothing", async () => {
  await using connection = await connect(server.url);
  assert.deepEqual(await connection.query(""), []);
});

test("Connection.execute() counts the rows", async () => {
  await using connection = await connect(server.url);
  assert.equal(await connection.execute("create temp table t (n int)"), 0);
  assert.equal(await connection.execute("insert into t select generate_series(1, 5)"), 5);
  assert.equal(await connection.execute(sql`update t set n = n + 1 where n > ${3}`), 2);
  assert.equal(await connection.execute("delete from t where n = 99"), 0);
});

test("Connection.query() runs one at a time, and has the others wait in line", async () => {
  await using connection = await connect(server.url);
  const order: number[] = [];
  await gather(
    [3, 2, 1].map((n) => async () => {
      await connection.query("select pg_sleep($1)", [n / 100]);
      order.push(n);
    }),
  );
  assert.deepEqual(order, [3, 2, 1]);
});

test("Connection.query() that waits is seen in the tree of tasks, by its text, or with who has the connection", async () => {
  await using connection = await connect(server.url);
  const tasks = [
    createTask(() => connection.query("select   pg_sleep(10)"), { name: "first" }),
    createTask(() => connection.query("select 2"), { name: "second" }),
  ];
  await waitAllTasksParked();
  const tree = tasks.map((task) => formatCallGraph(task)).join("\n");
  const statistics = connection.statistics();
  for (const task of tasks) task.cancel();
  await gather(tasks, { returnExceptions: true });
  assert.match(tree, /first.*\n.*waits for postgres query select pg_sleep\(10\)/);
  assert.match(tree, /second.*\n.*waits for postgres connection.*first/);
  assert.deepEqual(statistics, { busy: true, waiting: 1, closed: false });
});

// Errors.

test("Connection.query() throws PostgresError with what the server says, and goes on working", async () => {
  await using connection = await connect(server.url);
  await connection.execute("create temp table u (id int constraint u_pk primary key)");
  await connection.execute("insert into u values (1)");
  const error = await connection.execute("insert into u values ($1)", [1]).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof PostgresError);
  const { sqlState, constraint, table, detail, query } = error;
  assert.deepEqual(
    { sqlState, constraint, table, query },
    {
      sqlState: "23505",
      constraint: "u_pk",
      table: "u",
      query: "insert into u values ($1)",
    },
  );
  assert.match(detail ?? "", /\(id\)=\(1\) already exists/);
  assert.match(error.message, /^Cannot run insert into u values \(\$1\) as the server refused it: duplicate key/);
  assert.deepEqual(await connection.query("select id from u"), [{ id: 1 }]);
});

test("Connection.query() throws an error whose stack leads to the caller", async () => {
  await using connection = await connect(server.url);
  async function callerOfTheQuery(): Promise<unknown> {
    return await connection.query("selec 1");
  }
  const error = await callerOfTheQuery().catch((thrown: unknown) => thrown as PostgresError);
  assert.match((error as Error).stack ?? "", /callerOfTheQuery/);
  assert.equal((error as PostgresError).position, 1);
});

const circular: { self?: unknown } = {};
circular.self = circular;

for (const [what, text, values] of [
  ["an object in circles", "select $1::json", [circular]],
  ["a missing value", "select $1::int", [undefined]],
] as const) {
  test(`Connection.query() refuses ${what}, and goes on working`, async () => {
    await using connection = await connect(server.url);
    const pid = await pidOf(connection);
    for (let i = 0; i < 3; i++) await assert.rejects(connection.query(text, values), QueryArgumentError);
    assert.equal(await pidOf(connection), pid);
  });
}

for (const [what, text, values, sqlState] of [
  ["too few values", "select $1::int + $2::int as n", [1], "08P01"],
  ["too many values", "select $1::int", [1, 2], "08P01"],
  ["a value of another type", "select $1::int", ["x"], "22P02"],
  ["a zero byte in a text", "select $1::text", ["a\0b"], "22021"],
  ["several statements with values", "select $1::int; select 2", [1], "42601"],
] as const) {
  test(`Connection.query() throws PostgresError ${sqlState} for ${what}, and goes on working`, async () => {
    await using connection = await connect(server.url);
    await assert.rejects(connection.query(text, values), { name: "PostgresError", sqlState });
    assert.deepEqual(await connection.query("select 1 as a"), [{ a: 1 }]);
  });
}

// Cancellation.

test("Connection.query() that is cancelled is cancelled on the server, and the connection goes on working", async () => {
  await using connection = await connect(server.url);
  await using watcher = await connect(server.url);
  const [pid, before] = [await pidOf(connection), countCancelled(server)];
  const task = createTask(() => connection.query("select pg_sleep(60)"));
  await untilRunning(watcher, "pg_sleep(60)");
  task.cancel("enough");
  await assert.rejects(task, { name: "CancelledError", reason: "enough" });
  assert.equal(await countRunning(watcher, "pg_sleep(60)"), 0);
  assert.equal(await pidOf(connection), pid);
  assert.equal(countCancelled(server), before + 1);
});

test("Connection.query() under a timeout throws TimeoutError", async () => {
  await using connection = await connect(server.url);
  await assert.rejects(
    timeout(30, () => connection.query("select pg_sleep(60)")),
    TimeoutError,
  );
  assert.deepEqual(await connection.query("select 1 as a"), [{ a: 1 }]);
});

test("Connection.query() that is cancelled in the turn in which it is sent is cancelled on the server", async () => {
  await using connection = await connect(server.url);
  await using watcher = await connect(server.url);
  for (let i = 0; i < 30; i++) {
    const task = createTask(() => connection.query("select pg_sleep(60) as early"), { eagerStart: true });
    task.cancel();
    await assert.rejects(task, isCancelled);
    assert.equal(await countRunning(watcher, "as early"), 0);
  }
});

test("Connection.query() that ends while it is being cancelled throws the cancellation all the same", async () => {
  await using connection = await connect(server.url);
  for (let i = 0; i < 40; i++) {
    const task = createTask(() => connection.query("select pg_sleep($1)", [i / 10_000]), { eagerStart: true });
    await sleep(i / 10);
    if (!task.cancel()) continue;
    await assert.rejects(task, isCancelled);
    assert.deepEqual(await connection.query("select $1::int as i", [i]), [{ i }]);
  }
});

test("Connection.query() that waits in line leaves it when it is cancelled, and never reaches the server", async () => {
  await using connection = await connect(server.url);
  const first = createTask(() => connection.query("select pg_sleep(0.05), 1 as a"));
  const second = createTask(() => connection.query("create table never ()"));
  const third = createTask(() => connection.query("select to_regclass('never') as never"));
  await waitAllTasksParked();
  second.cancel();
  await assert.rejects(second, isCancelled);
  assert.equal((await first)[0]?.["a"], 1);
  assert.deepEqual(await third, [{ never: null }]);
});

test("Connection.query() in a task that was cancelled before sends nothing", async () => {
  await using connection = await connect(server.url);
  const task = createTask(
    async () => {
      task.cancel();
      await connection.query("create table never ()");
    },
    { eagerStart: false },
  );
  await assert.rejects(task, isCancelled);
  assert.deepEqual(await connection.query("select to_regclass('never') as never"), [{ never: null }]);
});

test("Connection.query() in a Promise.all that fails is over on the server before its group is", async () => {
  await using connection = await connect(server.url);
  await using watcher = await connect(server.url);
  const task = createTask(() =>
    Promise.all([
      connection.query("select pg_sleep(60) as left_behind"),
      untilRunning(watcher, "left_behind").then(() => Promise.reject(new Error("the other failed"))),
    ]),
  );
  await assert.rejects(task, /the other failed/);
  assert.equal(await countRunning(watcher, "left_behind"), 0);
  assert.deepEqual(await connection.query("select 1 as a"), [{ a: 1 }]);
});

// Ownership.

async function openInTask(): Promise<[Connection, WeakRef<object>]> {
  const task = createTask(() => connect(server.url));
  return [await task, new WeakRef(task)];
}

test("connect() keeps nothing of the task that called it", async () => {
  const [connection, task] = await openInTask();
  await using _ = connection;
  const storage = new AsyncLocalStorage<string>();
  const client = storage.run("the opener's", () => connect(server.url));
  await using other = await client;
  await storage.run("the asker's", async () => {
    await other.query("select pg_sleep(0.005)");
    assert.equal(storage.getStore(), "the asker's");
  });
  assert.deepEqual(await connection.query("select 1 as a"), [{ a: 1 }]);
  assert.deepEqual(await findUncollected({ task }), []);
});

// Closing.

test("Connection.close() has whoever waits refused, and whoever comes", async () => {
  const connection = await connect(server.url);
  const running = assert.rejects(
    createTask(() => connection.query("select pg_sleep(60)")),
    { name: "ConnectionLostError" },
  );
  const waiting = assert.rejects(
    createTask(() => connection.query("select 1")),
    ConnectionClosedError,
  );
  await waitAllTasksParked();
  await connection.close();
  await connection.close();
  await Promise.all([running, waiting]);
  await assert.rejects(connection.query("select 1"), ConnectionClosedError);
  assert.equal(connection.statistics().closed, true);
});

test("Connection leaves nothing behind, after queries, errors and cancellations", () =>
  checkLeaks(async () => {
    await using connection = await connect(server.url);
    await connection.query("select 1");
    await assert.rejects(connection.query("nonsense"));
    await assert.rejects(timeout(10, () => connection.query("select pg_sleep(60)")));
    assert.equal(allTasks().size, 0);
  }));

// Invalid queries.

for (const text of ["listen news", "copy note to stdout", "copy (select 1) to stdout", "copy note from stdin"]) {
  test(`Connection.query() refuses ${text}, and goes on`, async () => {
    await using connection = await connect(server.url);
    await connection.query("create temp table note (text text)");
    const refusal = {
      name: "QueryArgumentError",
      message: new RegExp(`^Cannot run .* as (LISTEN|COPY) .*not supported`),
    };
    await assert.rejects(connection.query(text), refusal);
    await connection.transaction(async (transaction) => {
      await assert.rejects(transaction.execute(`select 1; ${text}`), refusal);
      await transaction.query("insert into note values ('a')");
    });
    assert.deepEqual(await connection.query("select text from note"), [{ text: "a" }]);
  });
}

test("Connection.query() refuses a text with a NUL in it", async () => {
  await using connection = await connect(server.url);
  await assert.rejects(connection.query("select 1\0; select 2"), { name: "QueryArgumentError" });
  assert.deepEqual(await connection.query("select 1 as a"), [{ a: 1 }]);
});

test("Connection.run() gives rows, their number and the columns", async () => {
  await using connection = await connect(server.url);
  assert.deepEqual(await connection.run("select 1 as a, 'x'::text as b where $1", [true]), {
    rows: [{ a: 1, b: "x" }],
    count: 1,
    fields: [
      { name: "a", typeId: 23 },
      { name: "b", typeId: 25 },
    ],
  });
  const { rows, count, fields } = await connection.run("select 1 as a where false");
  assert.deepEqual([rows, count, fields.length], [[], 0, 1]);
  await connection.query("create temp table note (text text)");
  assert.deepEqual(await connection.run("insert into note values ('a'), ('b')"), { rows: [], count: 2, fields: [] });
  const inserted = await connection.run("insert into note values ('c') returning text");
  assert.deepEqual([inserted.rows, inserted.count], [[{ text: "c" }], 1]);
  assert.deepEqual(await connection.run(""), { rows: [], count: 0, fields: [] });
});
