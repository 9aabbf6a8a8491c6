// Servers that do not exist, refuse connections, or die during a query.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect as dial, createServer, type Server, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { createTask, gather, isCancelled, sleep, timeout } from "../../asyncio/index.ts";
import { checkLeaks } from "../../asyncio/testing/index.ts";
import { connect } from "./client.ts";
import { ConnectError, ConnectionLostError } from "./errors.ts";
import { createPool } from "./pool.ts";
import { countCancelled, runningProcesses, testServer, untilRunning } from "./server.fixture.ts";

const server = await testServer({ settings: { max_connections: 8, superuser_reserved_connections: 3 } });
const url = new URL(server.url);

function changed(change: (url: URL) => void): string {
  const copy = new URL(url);
  change(copy);
  return copy.href;
}

/** Listens, and calls `serve` with each connection. */
async function listen(context: TestContext, serve: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const fake: Server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    serve(socket);
  }).listen(0, "127.0.0.1");
  await once(fake, "listening");
  context.after(() => {
    fake.close();
    for (const socket of sockets) socket.destroy();
  });
  return `postgres://app:secret@127.0.0.1:${(fake.address() as AddressInfo).port}/db`;
}

// Connecting.

const refusals: readonly [what: string, url: string, code: string, message: RegExp][] = [
  [
    "where nobody listens",
    changed((u) => (u.port = "1")),
    "ECONNREFUSED",
    /^Cannot connect to PostgreSQL at 127\.0\.0\.1:1\/postgres as no server listens there: start the server/,
  ],
  [
    "to a host that there is not",
    changed((u) => (u.hostname = "nowhere.invalid")),
    "",
    /at nowhere\.invalid:\d+\/postgres as there is no such host: check the URL/,
  ],
  [
    "with a wrong password",
    changed((u) => (u.password = "wrongsecret")),
    "28P01",
    /the server refused user "app" or the password: check both/,
  ],
  ["as a user that there is not", changed((u) => (u.username = "nobody")), "28P01", /refused user "nobody"/],
  [
    "to a database that there is not",
    changed((u) => (u.pathname = "/nothing")),
    "3D000",
    /\/nothing as there is no database "nothing": create it, or name another in the URL/,
  ],
  ["to a socket that there is not", "postgres://app@/db?host=/nowhere", "ENOENT", /\/nowhere\/\.s\.PGSQL\.5432\/db/],
];

for (const [what, target, code, message] of refusals) {
  test(`connect() ${what} throws ConnectError, without the password`, () =>
    checkLeaks(async () => {
      const error = await connect(target).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof ConnectError);
      assert.match(error.message, message);
      if (code !== "") assert.equal(error.code, code);
      assert.ok(!error.message.includes(url.password) && !error.message.includes("wrongsecret"));
    }));
}

test("connect() refuses a URL that is none", async () => {
  await assert.rejects(connect("nonsense"), /the URL must be like postgres:/);
  await assert.rejects(connect(server.url, { connectTimeout: Number.NaN }), RangeError);
});

test("connect() to a server that never answers gives up in time", async (context) => {
  const target = await listen(context, () => {});
  const outcome = connect(target, { connectTimeout: 50 });
  await assert.rejects(outcome, { name: "ConnectError", message: /it did not answer within 50 ms/ });
});

test("connect() to a server that never answers can be cancelled", async (context) => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const target = await listen(context, (socket) => void socket.once("close", resolve).resume());
  await assert.rejects(
    timeout(50, () => connect(target)),
    { name: "TimeoutError" },
  );
  await promise; // the connection was closed
});

test("connect() to a server that hangs up throws ConnectError", async (context) => {
  const target = await listen(context, (socket) => socket.destroy());
  await assert.rejects(connect(target), ConnectError);
});

test("connect() to something that is no PostgreSQL throws ConnectError", async (context) => {
  const target = await listen(context, (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await assert.rejects(connect(target), ConnectError);
});

test("connect() to a server that will not encrypt, where that was asked for, throws ConnectError", async () => {
  await assert.rejects(connect(changed((u) => (u.search = "?sslmode=verify-full"))), {
    name: "ConnectError",
    message: /does not support SSL/,
  });
});

test("Pool whose server has no connection left throws ConnectError, and goes on with those that it has", async () => {
  const roleUrl = changed((u) => ((u.username = "plain"), (u.password = "plain")));
  await using admin = await connect(server.url);
  await admin.query("create role plain login password 'plain'");
  await using pool = createPool(roleUrl, { max: 10 });
  const outcomes = await gather(
    Array.from({ length: 20 }, () => () => pool.query("select pg_sleep(0.1), 1 as a")),
    { returnExceptions: true },
  );
  const failures = outcomes.filter((outcome) => outcome instanceof Error);
  assert.ok(failures.length > 0 && failures.length < 20, `${failures.length} of 20 failed`);
  for (const failure of failures) {
    assert.ok(failure instanceof ConnectError && failure.code === "53300");
    assert.match(failure.message, /as many connections as it may have/);
  }
  assert.equal((await pool.query("select 1 as a")).length, 1);
});

test("Pool whose server is not there fails each query, and none waits for ever", async () => {
  await using pool = createPool(
    changed((u) => (u.port = "1")),
    { max: 2 },
  );
  const outcomes = await gather(
    Array.from({ length: 10 }, () => () => pool.query("select 1")),
    { returnExceptions: true },
  );
  for (const outcome of outcomes) assert.ok(outcome instanceof ConnectError);
  assert.deepEqual(pool.statistics(), { size: 0, idle: 0, opening: 0, waiting: 0, max: 2 });
});

// The server or the network dies.

test("Connection.query() whose process is ended by the server throws ConnectionLostError with what it said", async () => {
  await using admin = await connect(server.url);
  await using connection = await connect(server.url);
  const task = createTask(() => connection.query("select pg_sleep(60) as terminated"));
  await untilRunning(admin, "terminated");
  const [pid] = await runningProcesses(admin, "terminated");
  await admin.query("select pg_terminate_backend($1)", [pid]);
  await assert.rejects(task, {
    name: "ConnectionLostError",
    message: /^Cannot run select pg_sleep\(60\) as terminated as the connection is lost: terminating connection/,
  });
  await assert.rejects(connection.query("select 1"), ConnectionLostError);
  assert.equal(connection.statistics().closed, true);
});

test("Connection that the server ended while it lay idle throws ConnectionLostError at its next query", async () => {
  await using admin = await connect(server.url);
  await using connection = await connect(server.url);
  const [row] = await connection.query("select pg_backend_pid() as pid");
  await admin.query("select pg_terminate_backend($1)", [row?.["pid"]]);
  while (!connection.statistics().closed) await sleep(1);
  await assert.rejects(connection.query("select 1"), {
    name: "ConnectionLostError",
    message: /terminating connection/,
  });
  await assert.rejects(
    connection.transaction(() => {}),
    ConnectionLostError,
  );
});

/**
 * A proxy of the server that closes the connections of the first `count` clients in the same turn in which the server
 * accepts them.
 */
function listenBriefly(context: TestContext, count: number): Promise<string> {
  let left = count;
  return listen(context, (socket) => {
    const onward = dial(Number(url.port), url.hostname).on("error", () => {});
    socket.pipe(onward).once("close", () => socket.destroy());
    socket.once("close", () => onward.destroy());
    onward.on("data", (data: Buffer) => {
      const isWelcome = data.subarray(-6).toString("latin1") === "Z\0\0\0\x05I";
      socket.write(isWelcome && left-- > 0 ? Buffer.concat([data, goodbye]) : data);
    });
  });
}

const fields = Buffer.from("SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0");
const goodbye = Buffer.concat([Buffer.from("E\0\0\0"), Buffer.from([fields.length + 4]), fields]);

test("connect() to a server that ends the connection with its welcome throws ConnectError", async (context) => {
  const target = new URL(url);
  target.port = new URL(await listenBriefly(context, 1)).port;
  await assert.rejects(connect(target.href), { name: "ConnectError", message: /as the server ended it at once$/ });
  await (await connect(target.href)).close();
});

test("Pool whose connections were ended with their welcome has as many as before, and closes", async (context) => {
  const target = new URL(url);
  target.port = new URL(await listenBriefly(context, 2)).port;
  const pool = createPool(target.href, { max: 1 });
  for (let i = 0; i < 2; i++) await assert.rejects(pool.query("select 1"), ConnectError);
  assert.equal(pool.statistics().size, 0);
  assert.deepEqual(await pool.query("select 1 as a"), [{ a: 1 }]);
  await pool.close();
});

test("Pool.close() cancels on the server what it breaks off", async () => {
  await using watcher = await connect(server.url);
  const pool = createPool(server.url, { max: 1 });
  const lost = assert.rejects(pool.query("select pg_sleep(60) as broken_off"), ConnectionLostError);
  const [pid] = await untilRunning(watcher, "broken_off").then(() => runningProcesses(watcher, "broken_off"));
  const before = countCancelled(server);
  await Promise.all([pool.close(), lost]);
  while ((await runningProcesses(watcher, "broken_off")).includes(pid!)) await sleep(1);
  assert.equal(countCancelled(server), before + 1);
});

test("Pool opens another connection for one that was ended while it lay idle", async () => {
  await using admin = await connect(server.url);
  await using pool = createPool(server.url, { max: 1 });
  const [row] = await pool.query("select pg_backend_pid() as pid");
  await admin.query("select pg_terminate_backend($1)", [row?.["pid"]]);
  while (pool.statistics().size > 0) await sleep(1);
  assert.deepEqual(await pool.query("select 1 as a"), [{ a: 1 }]);
});

test("Pool has only the query fail whose process was ended, not those that wait behind it", async () => {
  await using admin = await connect(server.url);
  await using pool = createPool(server.url, { max: 1 });
  const task = createTask(() => pool.query("select pg_sleep(60) as only_this"));
  const others = [1, 2, 3].map((n) => createTask(() => pool.query("select $1::int as n", [n])));
  await untilRunning(admin, "only_this");
  const [pid] = await runningProcesses(admin, "only_this");
  await admin.query("select pg_terminate_backend($1)", [pid]);
  await assert.rejects(task, ConnectionLostError);
  assert.deepEqual(await gather(others), [[{ n: 1 }], [{ n: 2 }], [{ n: 3 }]]);
});

test("transaction() whose connection is lost throws that, and takes nothing with it", async () => {
  await using admin = await connect(server.url);
  await using pool = createPool(server.url, { max: 1 });
  const task = createTask(() =>
    pool.transaction(async (transaction) => {
      await transaction.query("select pg_sleep(60) as lost_in_transaction");
    }),
  );
  await untilRunning(admin, "lost_in_transaction");
  const [pid] = await runningProcesses(admin, "lost_in_transaction");
  await admin.query("select pg_terminate_backend($1)", [pid]);
  await assert.rejects(task, ConnectionLostError);
  assert.deepEqual(await pool.query("select 1 as a"), [{ a: 1 }]);
});

// Killed servers.

test("kill -9 of a server's process in the middle of queries fails them, and the pool recovers", async () => {
  const victim = await testServer();
  await using admin = await connect(victim.url);
  await using pool = createPool(victim.url, { max: 3 });
  const tasks = [1, 2, 3].map(() => createTask(() => pool.query("select pg_sleep(60) as crashed")));
  await untilRunning(admin, "crashed", 3);
  const [pid] = await runningProcesses(admin, "crashed");
  process.kill(pid!, "SIGKILL"); // then all server processes end, because their shared memory may be damaged
  for (const task of tasks) await assert.rejects(task, ConnectionLostError);
  const recovered = await timeout(10_000, async () => {
    for (;;) {
      const rows = await pool.query("select 1 as a").catch((error: unknown) => {
        if (isCancelled(error)) throw error;
        return undefined;
      });
      if (rows !== undefined) return rows;
      await sleep(20);
    }
  });
  assert.deepEqual(recovered, [{ a: 1 }]);
});

test("kill -9 of the server in the middle of queries fails them all, and then nobody listens", async () => {
  const victim = await testServer();
  await using admin = await connect(victim.url);
  await using pool = createPool(victim.url, { max: 3 });
  const tasks = [1, 2, 3, 4, 5].map(() => createTask(() => pool.query("select pg_sleep(60) as orphaned")));
  await untilRunning(admin, "orphaned", 3);
  process.kill(victim.pid, "SIGKILL");
  const outcomes = await gather(tasks, { returnExceptions: true });
  for (const outcome of outcomes) {
    assert.ok(outcome instanceof ConnectionLostError || outcome instanceof ConnectError);
  }
  await assert.rejects(pool.query("select 1"), ConnectError);
});
