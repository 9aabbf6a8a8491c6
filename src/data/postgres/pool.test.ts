import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import {
  createTask,
  currentTask,
  formatCallGraph,
  gather,
  isCancelled,
  setExceptionHandler,
  sleep,
} from "../../asyncio/index.ts";
import { checkLeaks, waitAllTasksParked } from "../../asyncio/testing/index.ts";
import { findUncollected } from "../../base/garbage.fixture.ts";
import { connect } from "./client.ts";
import { ConnectionClosedError, QueryArgumentError } from "./errors.ts";
import { createPool, type Pool } from "./pool.ts";
import { testServer, untilRunning } from "./server.fixture.ts";

const server = await testServer({ settings: { max_connections: 30 } });
const watcher = await connect(server.url);
test.after(() => watcher.close());

async function pids(pool: Pool, count: number): Promise<Set<unknown>> {
  const one = async (): Promise<unknown> =>
    (await pool.query("select pg_backend_pid() as pid, pg_sleep(0.01)"))[0]?.["pid"];
  return new Set(await gather(Array.from({ length: count }, () => () => one())));
}

test("Pool opens connections as they are needed, and no more than it may", async () => {
  await using pool = createPool(server.url, { max: 3 });
  assert.equal(pool.statistics().size, 0);
  assert.equal((await pids(pool, 1)).size, 1);
  assert.ok((await pids(pool, 20)).size <= 3);
  const connections = await gather([1, 2, 3].map(() => () => pool.acquire()));
  assert.deepEqual(pool.statistics(), { size: 3, idle: 0, opening: 0, waiting: 0, max: 3 });
  for (const connection of connections) await connection.close();
  assert.deepEqual(pool.statistics(), { size: 3, idle: 3, opening: 0, waiting: 0, max: 3 });
});

test("Pool serves who waits in the order in which they came", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const order: number[] = [];
  await gather(
    [0, 1, 2, 3, 4].map((n) => async () => {
      await pool.query("select pg_sleep(0.001)");
      order.push(n);
    }),
  );
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
});

test("Pool shows who waits for a connection", async () => {
  await using pool = createPool(server.url, { max: 1 });
  await using connection = await pool.acquire();
  const task = createTask(() => pool.query("select 1"), { name: "waiting" });
  await waitAllTasksParked();
  assert.match(formatCallGraph(task), /waiting.*\n.*postgres connection of a pool/);
  assert.equal(pool.statistics().waiting, 1);
  await connection.close();
  await task;
});

test("Pool.query() within a transaction that has the last connection is named as a deadlock", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const { promise: reported, resolve } = Promise.withResolvers<string>();
  const before = setExceptionHandler(({ message }) => resolve(message));
  const task = createTask(() => pool.transaction(async () => await pool.query("select 1")), { name: "handler" });
  const message = await reported;
  setExceptionHandler(before);
  assert.match(message, /^Deadlock: task handler waits for postgres connection of a pool/);
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.equal((await pids(pool, 1)).size, 1);
});

test("Pool takes who is cancelled out of the line, and serves the next", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const connection = await pool.acquire();
  const tasks = [1, 2, 3].map((n) => createTask(() => pool.query("select $1::int as n", [n])));
  await waitAllTasksParked();
  tasks[0]!.cancel();
  await assert.rejects(tasks[0]!, isCancelled);
  assert.equal(pool.statistics().waiting, 2);
  await connection.close();
  assert.deepEqual(await gather(tasks.slice(1)), [[{ n: 2 }], [{ n: 3 }]]);
  assert.equal(pool.statistics().size, 1);
});

test("Pool hands the connection on of who was given one and cancelled in the same turn", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const waits: (() => Promise<unknown>)[] = [
    () => pool.query("select 1"),
    () => pool.acquire(),
    () => pool.stream("select 1").next(),
    () => pool.transaction(() => {}),
  ];
  for (const wait of waits) {
    const connection = await pool.acquire();
    const first = createTask(wait);
    const second = createTask(() => pool.query("select 2 as n"));
    await waitAllTasksParked();
    const closed = connection.close();
    first.cancel();
    await closed;
    await assert.rejects(first, isCancelled);
    assert.deepEqual(await second, [{ n: 2 }]);
    assert.deepEqual(pool.statistics(), { size: 1, idle: 1, opening: 0, waiting: 0, max: 1 });
  }
});

test("Pool keeps the connection that was being opened for who was cancelled", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const task = createTask(() => pool.query("select 1"));
  await waitAllTasksParked();
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.deepEqual(await pool.query("select 1 as a"), [{ a: 1 }]);
  assert.equal(pool.statistics().size, 1);
});

test("Pool.acquire() gives a connection of one's own, and takes it back when that is closed", async () => {
  await using pool = createPool(server.url, { max: 2 });
  const connection = await pool.acquire();
  await connection.query("set application_name to 'mine'");
  assert.deepEqual(await connection.query("show application_name"), [{ application_name: "mine" }]);
  await connection.close();
  await connection.close();
  await assert.rejects(connection.query("select 1"), ConnectionClosedError);
  assert.equal(pool.statistics().idle, 1);
});

test("Pool drops a connection that was given back in the middle of a query", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const connection = await pool.acquire();
  const lost = assert.rejects(
    createTask(() => connection.query("select pg_sleep(60)")),
    { name: "ConnectionLostError" },
  );
  await waitAllTasksParked();
  await connection.close();
  await lost;
  assert.equal(pool.statistics().size, 0);
  assert.deepEqual(await pool.query("select 1 as a"), [{ a: 1 }]);
});

test("Pool closes what lies idle for long", async () => {
  await using pool = createPool(server.url, { max: 3, idleTimeout: 20 });
  await pids(pool, 3);
  while (pool.statistics().size > 0) await sleep(5);
  assert.deepEqual(await pool.query("select 1 as a"), [{ a: 1 }]);
});

test("Pool gives what cannot be sent no connection", async () => {
  await using pool = createPool(server.url);
  await assert.rejects(pool.query(undefined as never), QueryArgumentError);
  assert.equal(pool.statistics().size, 0);
});

test("Pool.close() refuses who waits and who comes, and waits for what is lent", async () => {
  const pool = createPool(server.url, { max: 1 });
  const lent = createTask(() => pool.query("select pg_sleep(0.05), 1 as a"));
  const waiting = createTask(() => pool.query("select 1"));
  await waitAllTasksParked();
  await untilRunning(watcher, "pg_sleep(0.05)");
  const closed = pool.close();
  await assert.rejects(waiting, ConnectionClosedError);
  await assert.rejects(pool.query("select 1"), ConnectionClosedError);
  await closed;
  assert.equal((await lent)[0]?.["a"], 1);
  assert.equal(pool.statistics().size, 0);
  await pool.close();
});

test("Pool that is closed while it opens a connection leaves none", () =>
  checkLeaks(async () => {
    const pool = createPool(server.url);
    const refused = assert.rejects(
      createTask(() => pool.query("select 1")),
      ConnectionClosedError,
    );
    await waitAllTasksParked();
    await pool.close();
    await refused;
  }));

test("Pool leaves nothing behind", () =>
  checkLeaks(async () => {
    await using pool = createPool(server.url, { max: 4 });
    await pids(pool, 10);
  }));

for (const [options, message] of [
  [{ max: 0 }, /'max' must be a whole number >= 1: current value is 0/],
  [{ max: 1.5 }, /'max'/],
  [{ max: "5" as never }, /'max'/],
  [{ idleTimeout: -1 }, /'idleTimeout' must be a number of milliseconds >= 0: current value is -1/],
  [{ idleTimeout: Number.NaN }, /'idleTimeout'/],
  [{ connectTimeout: 0 }, /'connectTimeout' must be a number of milliseconds > 0: current value is 0/],
] as const) {
  test(`createPool() refuses ${JSON.stringify(options)}`, () => {
    const name = Object.values<unknown>(options).includes("5") ? "TypeError" : "RangeError";
    assert.throws(() => createPool(server.url, options), { name, message });
  });
}

test("createPool() refuses a URL that is none, without repeating it", () => {
  for (const url of [undefined, "", "localhost", "mysql://root:secret@host/db", "postgres://app:secret@host:port/db"])
    assert.throws(
      () => createPool(url as string),
      (error: Error) => error instanceof TypeError && !error.message.includes("secret"),
    );
});

// A pool must not keep a request alive.

test("Pool whose connection one task opened runs the callbacks of another's query in the other", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const storage = new AsyncLocalStorage<string>();
  const ask = (name: string): Promise<unknown> =>
    storage.run(name, () =>
      createTask(
        async () => {
          await pool.query("select pg_sleep(0.005)");
          return [storage.getStore(), currentTask()?.name];
        },
        { name },
      ),
    );
  assert.deepEqual(await ask("first"), ["first", "first"]);
  assert.deepEqual(await ask("second"), ["second", "second"]);
});

test("Pool keeps nothing of a task that used it", async () => {
  await using pool = createPool(server.url, { max: 1 });
  const storage = new AsyncLocalStorage<object>();
  const use = async (): Promise<Record<string, WeakRef<object>>> => {
    const request = { body: Buffer.alloc(1_000) };
    const task = storage.run(request, () =>
      createTask(async () => {
        await pool.query("select $1::text", ["x"]);
        await pool.query("nonsense").catch(() => {});
        for await (const _ of pool.stream("select 1")) break;
        await using connection = await pool.acquire();
        await connection.transaction((transaction) => transaction.query("select 1"));
      }),
    );
    await task;
    return { request: new WeakRef(request), task: new WeakRef(task), scope: new WeakRef(task.scope) };
  };
  assert.deepEqual(await findUncollected(await use()), []);
  assert.equal(pool.statistics().idle, 1);
});

test("Pool keeps nothing of a task that was cancelled in it", async () => {
  await using pool = createPool(server.url, { max: 1 });
  await pool.query("select 1");
  const use = async (): Promise<Record<string, WeakRef<object>>> => {
    const task = createTask(() => pool.query("select pg_sleep(60) as soon_forgotten"));
    await untilRunning(watcher, "soon_forgotten");
    task.cancel();
    await assert.rejects(task, isCancelled);
    return { task: new WeakRef(task) };
  };
  assert.deepEqual(await findUncollected(await use()), []);
});

// Ends of waits for a connection.

type Use = (pool: Pool, wait: () => Promise<unknown>) => Promise<unknown>;

const uses: readonly [what: string, use: Use][] = [
  ["query", (pool) => pool.query("select 1")],
  ["transaction", (pool) => pool.transaction(() => {})],
  ["acquire", (pool) => pool.acquire()],
  ["stream", (pool) => pool.stream("select 1").next()],
];

for (const [what, use] of uses) {
  test(`Pool.${what}() waits for acquireTimeout at most`, async () => {
    await using pool = createPool(server.url, { max: 1, acquireTimeout: 1_000 });
    await using _ = await pool.acquire();
    const start = performance.now();
    await assert.rejects(
      use(pool, () => sleep(0)),
      {
        name: "AcquireTimeoutError",
        ms: 1_000,
        message:
          "Cannot acquire a connection as none came free within 1000 ms: of at most 1, 1 are lent and 0 are being opened; 1 wait",
      },
    );
    const ms = performance.now() - start;
    assert.ok(ms >= 990 && ms < 10_000, `${ms} ms`);
    assert.equal(pool.statistics().waiting, 0);
  });
}

const holds: readonly [what: string, hold: Use][] = [
  ["transaction", (pool, wait) => pool.transaction(() => wait())],
  ["connection", holdConnection],
  ["stream", holdStream],
];

async function holdConnection(pool: Pool, wait: () => Promise<unknown>): Promise<void> {
  await using _ = await pool.acquire();
  await wait();
}

async function holdStream(pool: Pool, wait: () => Promise<unknown>): Promise<void> {
  for await (const _ of pool.stream("select 1")) await wait();
}

for (const [held, hold] of holds) {
  for (const [what, use] of uses) {
    test(`Pool.${what}() within a ${held} that has the last connection is named as a deadlock`, async (context) => {
      const messages: string[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      const before = setExceptionHandler(({ message }) => {
        messages.push(message);
        resolve();
      });
      context.after(() => setExceptionHandler(before));
      await using pool = createPool(server.url, { max: 1 });
      const task = createTask(() => hold(pool, () => use(pool, () => sleep(0))), { name: "handler" });
      await promise;
      task.cancel();
      await assert.rejects(task, isCancelled);
      assert.match(messages[0]!, /^Deadlock: task handler waits for postgres connection of a pool \(1 of 1 lent\) /);
      assert.deepEqual(await pool.query("select 1 as a"), [{ a: 1 }]);
    });
  }
}
