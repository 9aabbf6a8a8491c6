import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { createTask, isCancelled, sleep, type Task, taskGroup, timeout } from "../../asyncio/index.ts";
import { waitAllTasksParked } from "../../asyncio/testing/index.ts";
import { connect, type Queryable, type Transaction } from "./client.ts";
import {
  ConnectionBusyError,
  ConnectionClosedError,
  ConnectionLostError,
  PostgresError,
  TransactionAbortedError,
} from "./errors.ts";
import { createPool } from "./pool.ts";
import { countRunning, testServer, untilRunning } from "./server.fixture.ts";

const server = await testServer();
const watcher = await connect(server.url);

beforeEach(() => watcher.query("drop table if exists note; create table note (text text)"));

async function notes(queryable: Queryable = watcher): Promise<unknown[]> {
  return (await queryable.query("select text from note order by text")).map(({ text }) => text);
}

function write(queryable: Queryable, text: string): Promise<number> {
  return queryable.execute("insert into note values ($1)", [text]);
}

test("transaction() commits what its body did, and gives what that returns", async () => {
  await using connection = await connect(server.url);
  const value = await connection.transaction(async (transaction) => {
    await write(transaction, "a");
    assert.deepEqual(await notes(), []);
    await write(transaction, "b");
    return 7;
  });
  assert.equal(value, 7);
  assert.deepEqual(await notes(), ["a", "b"]);
});

test("transaction() rolls back if its body throws, and throws that error", async () => {
  await using connection = await connect(server.url);
  const failure = new Error("changed my mind");
  const outcome = connection.transaction(async (transaction) => {
    await write(transaction, "a");
    throw failure;
  });
  await assert.rejects(outcome, failure);
  assert.deepEqual(await notes(connection), []);
});

test("transaction() rolls back if a query in it is refused", async () => {
  await using connection = await connect(server.url);
  const outcome = connection.transaction(async (transaction) => {
    await write(transaction, "a");
    await transaction.query("nonsense");
  });
  await assert.rejects(outcome, PostgresError);
  assert.deepEqual(await notes(connection), []);
});

test("transaction() that is cancelled in a query rolls back, and the connection goes on working", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const task = createTask(() =>
    pool.transaction(async (transaction) => {
      await write(transaction, "a");
      await transaction.query("select pg_sleep(60) as in_transaction");
    }),
  );
  await untilRunning(watcher, "in_transaction");
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.equal(await countRunning(watcher, "in_transaction"), 0);
  assert.deepEqual(await notes(pool), []);
  assert.equal(pool.statistics().size, 1);
});

test("transaction() that is cancelled between two queries rolls back", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const task = timeout(20, () =>
    pool.transaction(async (transaction) => {
      await write(transaction, "a");
      await sleep(60_000);
    }),
  );
  await assert.rejects(task, { name: "TimeoutError" });
  assert.deepEqual(await notes(pool), []);
});

test("transaction() that is cancelled at any moment commits all or nothing, and leaves the connection usable", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const pid = await pool.query("select pg_backend_pid()");
  for (let i = 0; i < 60; i++) {
    const task = createTask(() =>
      pool.transaction(async (transaction) => {
        await write(transaction, `${i}`);
        await write(transaction, `${i}`);
      }),
    );
    await sleep((i % 20) / 10);
    task.cancel();
    await task.catch((error: unknown) => assert.ok(isCancelled(error)));
    assert.ok([0, 2].includes((await pool.query("select from note where text = $1", [`${i}`])).length));
  }
  assert.deepEqual(await pool.query("select pg_backend_pid()"), pid);
});

test("transaction() rolls back to its end, however often it is cancelled", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const pid = await pool.query("select pg_backend_pid()");
  const body = async (transaction: Transaction): Promise<void> => {
    await write(transaction, "a");
    await transaction.query("select pg_sleep(60) as insisted");
  };
  const task = createTask(() => pool.transaction(body), { redeliverAfter: 0 });
  await untilRunning(watcher, "insisted");
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.deepEqual(await pool.query("select pg_backend_pid()"), pid);
  assert.deepEqual(await notes(), []);
});

test("transaction() that is cancelled while it commits throws that once the commit is over", async () => {
  await using pool = createPool(server.url, { max: 1 });
  await pool.query(`
    create or replace function slow() returns trigger language plpgsql as $$
    begin perform pg_sleep(0.2); return null; end $$;
    create constraint trigger slow after insert on note deferrable initially deferred
    for each row execute function slow()`);
  const pid = await pool.query("select pg_backend_pid()");
  const task = createTask(() => pool.transaction((transaction) => write(transaction, "a")));
  await untilRunning(watcher, "commit");
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.deepEqual(await notes(), ["a"]);
  assert.deepEqual(await pool.query("select pg_backend_pid()"), pid);
});

test("transaction() refuses to commit after a query in it had failed, and nothing is committed", async () => {
  await using connection = await connect(server.url);
  const outcome = connection.transaction(async (transaction) => {
    await write(transaction, "a");
    await transaction.query("nonsense").catch(() => {});
  });
  await assert.rejects(outcome, TransactionAbortedError);
  assert.deepEqual(await notes(connection), []);
});

test("transaction() cancels what its body left running, and waits for it", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const pid = await pool.query("select pg_backend_pid()");
  const outcome = pool.transaction((transaction) =>
    Promise.all([
      transaction.query("select pg_sleep(60) as left_running"),
      untilRunning(watcher, "left_running").then(() => Promise.reject(new Error("the other failed"))),
    ]),
  );
  await assert.rejects(outcome, /the other failed/);
  assert.equal(await countRunning(watcher, "left_running"), 0);
  assert.deepEqual(await pool.query("select pg_backend_pid()"), pid);
});

test("transaction() has its options", async () => {
  await using connection = await connect(server.url);
  const level = await connection.transaction(
    async (transaction) => {
      await assert.rejects(
        transaction.transaction((inner) => write(inner, "a")),
        { sqlState: "25006" },
      );
      return transaction.query("show transaction_isolation");
    },
    { isolation: "serializable", readOnly: true },
  );
  assert.deepEqual(level, [{ transaction_isolation: "serializable" }]);
});

test("transaction() refuses an isolation that there is not", async () => {
  await using connection = await connect(server.url);
  await assert.rejects(
    connection.transaction(() => {}, { isolation: "none; drop table note" as never }),
    /'isolation' must be one of/,
  );
});

test("Transaction.transaction() undoes only what it did itself", async () => {
  await using connection = await connect(server.url);
  await connection.transaction(async (outer) => {
    await write(outer, "a");
    await assert.rejects(
      outer.transaction(async (inner) => {
        await write(inner, "b");
        await inner.query("nonsense");
      }),
      PostgresError,
    );
    await outer.transaction(async (inner) => {
      await write(inner, "c");
      await assert.rejects(
        inner.transaction((innermost) => write(innermost, "d").then(() => Promise.reject(new Error("no")))),
        /no/,
      );
    });
  });
  assert.deepEqual(await notes(), ["a", "c"]);
});

test("Transaction.transaction() that is cancelled undoes what it did, and the outer one goes on", async () => {
  await using connection = await connect(server.url);
  await connection.transaction(async (outer) => {
    await write(outer, "a");
    const limited = timeout(30, () =>
      outer.transaction(async (inner) => {
        await write(inner, "b");
        await inner.query("select pg_sleep(60)");
      }),
    );
    await assert.rejects(limited, { name: "TimeoutError" });
  });
  assert.deepEqual(await notes(), ["a"]);
});

test("Transaction.transaction() after a query in it had failed is undone alone", async () => {
  await using connection = await connect(server.url);
  await connection.transaction(async (transaction) => {
    await write(transaction, "a");
    const inner = transaction.transaction(async (savepoint) => {
      await write(savepoint, "b");
      await assert.rejects(savepoint.query("nonsense"), PostgresError);
    });
    await assert.rejects(inner, TransactionAbortedError);
    await write(transaction, "c");
  });
  assert.deepEqual(await notes(), ["a", "c"]);
});

/** Cancels `task` while the server delays its answer to the last query. */
async function cancelUnanswered(task: Task<unknown>, pid: number): Promise<void> {
  await waitAllTasksParked();
  task.cancel();
  await sleep(5);
  process.kill(pid, "SIGCONT");
  await assert.rejects(task, isCancelled);
}

async function processOf(queryable: Queryable): Promise<number> {
  const [row] = await queryable.query<{ pid: number }>("select pg_backend_pid() as pid");
  return row!.pid;
}

test("Transaction.transaction() that is cancelled as it begins leaves those around it to undo what is theirs", async () => {
  await using connection = await connect(server.url);
  const pid = await processOf(connection);
  await connection.transaction(async (transaction) => {
    await write(transaction, "a");
    const middle = transaction.transaction(async (savepoint) => {
      await write(savepoint, "b");
      process.kill(pid, "SIGSTOP");
      await cancelUnanswered(
        createTask(() => savepoint.transaction(() => {})),
        pid,
      );
      await write(savepoint, "c");
      throw new RangeError("changed my mind");
    });
    await assert.rejects(middle, RangeError);
  });
  assert.deepEqual(await notes(), ["a"]);
});

test("Transaction.transaction() that is cancelled as it ends is done, and those around it undo what is theirs", async () => {
  await using connection = await connect(server.url);
  const pid = await processOf(connection);
  await connection.transaction(async (transaction) => {
    await write(transaction, "a");
    const middle = transaction.transaction(async (savepoint) => {
      const innermost = createTask(() =>
        savepoint.transaction(async (inner) => {
          await write(inner, "b");
          process.kill(pid, "SIGSTOP");
        }),
      );
      while (!isStopped(pid)) await sleep(1);
      await cancelUnanswered(innermost, pid);
      assert.deepEqual(await notes(savepoint), ["a", "b"]);
      throw new RangeError("changed my mind");
    });
    await assert.rejects(middle, RangeError);
  });
  assert.deepEqual(await notes(), ["a"]);
});

function isStopped(pid: number): boolean {
  return / T /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

test("transaction() commits after a query in it of a task that is not its own", async () => {
  await using connection = await connect(server.url);
  await taskGroup(async (group) => {
    let stranger: Task<unknown> | undefined;
    await connection.transaction(async (transaction) => {
      stranger = group.createTask(() => transaction.query("select pg_sleep(0.05), 7 as seven"));
      await write(transaction, "a");
    });
    assert.deepEqual(await notes(), ["a"]);
    assert.deepEqual(await stranger, [{ pg_sleep: "", seven: 7 }]);
  });
});

test("transaction() that fails breaks off a query in it of a task that is not its own", async () => {
  await using pool = createPool(server.url, { max: 1 });
  await taskGroup(async (group) => {
    let lost: Promise<void> | undefined;
    const stranger = async (transaction: Transaction): Promise<void> => {
      lost = assert.rejects(transaction.query("select pg_sleep(60)"), ConnectionLostError);
      await lost;
    };
    const outcome = pool.transaction(async (transaction) => {
      await write(transaction, "a");
      group.createTask(() => stranger(transaction));
      await waitAllTasksParked();
      throw new RangeError("changed my mind");
    });
    await assert.rejects(outcome, RangeError);
    await lost;
  });
  assert.deepEqual(await notes(pool), []);
});

test("Connection.query() within its own transaction is refused instead of waiting for itself", async () => {
  await using connection = await connect(server.url);
  await connection.transaction(async (transaction) => {
    await assert.rejects(connection.query("select 1"), ConnectionBusyError);
    await transaction.transaction(async (inner) => {
      await assert.rejects(transaction.query("select 1"), ConnectionBusyError);
      assert.deepEqual(await inner.query("select 1 as a"), [{ a: 1 }]);
    });
  });
});

test("Connection.query() beside a transaction on it waits for its end", async () => {
  await using connection = await connect(server.url);
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = createTask(() =>
    connection.transaction(async (transaction) => {
      await write(transaction, "a");
      resolve();
      await sleep(10);
    }),
  );
  await promise;
  assert.deepEqual(await notes(connection), ["a"]);
  await first;
});

test("Transaction is over when its body is", async () => {
  await using connection = await connect(server.url);
  let kept: Transaction | undefined;
  await connection.transaction((transaction) => void (kept = transaction));
  await assert.rejects(kept!.query("select 1"), ConnectionClosedError);
});

test("Pool gives nobody a connection with a transaction that was begun by hand", async () => {
  await using pool = createPool(server.url, { max: 1 });
  await pool.query("begin");
  await write(pool, "a");
  await assert.rejects(pool.query("begin; select 1 / 0"), PostgresError);
  assert.deepEqual(await pool.query("select now() = statement_timestamp() as outside"), [{ outside: true }]);
  assert.deepEqual(await notes(), ["a"]);
});

test.after(() => watcher.close());

for (const text of [
  "commit",
  "rollback",
  "END",
  "abort",
  "insert into note values ('b'); commit",
  "prepare transaction 'a'",
]) {
  test(`transaction() refuses ${text} in it: it is what ends it`, async () => {
    await using connection = await connect(server.url);
    await connection.query("create temp table note (text text)");
    const refusal = {
      name: "QueryArgumentError",
      message: /as transaction\(\) ends the transaction: return from its function/,
    };
    await assert.rejects(
      connection.transaction(async (transaction) => {
        await transaction.query("insert into note values ('a')");
        await transaction.query(text);
      }),
      refusal,
    );
    assert.deepEqual(await connection.query("select text from note"), []);
    await connection.transaction(async (transaction) => {
      await assert.rejects(
        transaction.transaction((inner) => inner.execute(text)),
        refusal,
      );
      await transaction.query("savepoint mine");
      await transaction.query("insert into note values ('lost')");
      await transaction.query("rollback to savepoint mine");
      await transaction.query("insert into note values ('kept')");
    });
    assert.deepEqual(await connection.query("select text from note"), [{ text: "kept" }]);
  });
}
