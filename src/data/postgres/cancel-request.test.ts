// The cancellation of a query, observed between the driver and the server.

import assert from "node:assert/strict";
import { once } from "node:events";
import { chownSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect as dial, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createTask, type ExceptionContext, isCancelled, setExceptionHandler, sleep } from "../../asyncio/index.ts";
import { waitAllTasksParked } from "../../asyncio/testing/index.ts";
import { connect } from "./client.ts";
import { createPool } from "./pool.ts";
import { countCancelled, countRunning, preparedFolder, testServer, untilRunning } from "./server.fixture.ts";

// A self-signed certificate for localhost, valid for a hundred years; made for these tests only.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmr7pMYEvl8zWZtoc
O5af8+JbNifAGmryw4b7Zc6rotGhRANCAATolh0UE9/r03oHFkaO5sKQcVe38au9
hD0+HVLhvyX8HcAfdLKHLRE2GMraklgDu4ud/4/0wJlsTQ6in0Jdcgs3
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUctoNz62PcKEoFn3Fd0CywN/mySkwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTExNTAwMVoYDzIxMjYxMDI4
MTE1MDAxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATolh0UE9/r03oHFkaO5sKQcVe38au9hD0+HVLhvyX8HcAfdLKHLRE2
GMraklgDu4ud/4/0wJlsTQ6in0Jdcgs3o28wbTAdBgNVHQ4EFgQUIsbmvqi6lLlD
Jy9ECzLa68TbSEUwHwYDVR0jBBgwFoAUIsbmvqi6lLlDJy9ECzLa68TbSEUwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhALClSYCiGqz1uc3LcqCQBi8VXrgbYt+gCMqhh7T+g46HAiAj
PyuzjbtwJTlSvAZyogUA13pxFY+gTtNYPurAyU1WyQ==
-----END CERTIFICATE-----`;

const folder = preparedFolder();
const server = await testServer({
  folder,
  settings: { ssl: "on", ssl_cert_file: writeSecret("server.crt", cert), ssl_key_file: writeSecret("server.key", key) },
});
const watcher = await connect(server.url);
test.after(() => watcher.close());

function writeSecret(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  if (process.getuid?.() === 0) chownSync(file, 65_534, 65_534);
  return file;
}

/** The proxy's behaviour for the connection with the number `index`. */
type Gate = (socket: Socket, index: number) => void;

/** Starts a proxy with the behaviour `gate`; returns its URL. */
async function guard(context: TestContext, gate: Gate): Promise<string> {
  const sockets = new Set<Socket>();
  const proxy = createServer((socket) => {
    const index = sockets.size;
    sockets.add(socket.on("error", () => {}));
    gate(socket, index);
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  context.after(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  const url = new URL(server.url);
  url.port = String((proxy.address() as AddressInfo).port);
  return url.href;
}

/** Forwards a connection to the server. */
function pass(socket: Socket): Socket {
  const onward = dial(Number(new URL(server.url).port), "127.0.0.1").on("error", () => {});
  socket.pipe(onward).pipe(socket);
  onward.once("close", () => socket.destroy());
  socket.once("close", () => onward.destroy());
  return onward;
}

function reports(context: TestContext): ExceptionContext[] {
  const heard: ExceptionContext[] = [];
  const before = setExceptionHandler((report) => void heard.push(report));
  context.after(() => setExceptionHandler(before));
  return heard;
}

test("Connection.query() that is cancelled is over only when the server has closed the request's connection", async (context) => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const url = await guard(context, (socket, index) => {
    if (index === 0) {
      pass(socket);
      return;
    }
    const onward = dial({ port: Number(new URL(server.url).port), host: "127.0.0.1", allowHalfOpen: true });
    socket.pipe(onward); // the request is passed on, its end is not passed back
    onward.resume();
    void held.then(() => socket.destroy());
  });
  await using connection = await connect(url);
  const task = createTask(() => connection.query("select pg_sleep(60) as held_back"));
  await untilRunning(watcher, "held_back");
  const before = countCancelled(server);
  task.cancel();
  while (countCancelled(server) === before) await sleep(2);
  await sleep(30); // long enough for the answer to arrive
  assert.equal(task.done(), false);
  letGo();
  await assert.rejects(task, isCancelled);
  assert.deepEqual(await connection.query("select 1 as a"), [{ a: 1 }]);
});

test("Connection.query() that is cancelled asks again if the request overtook it", async (context) => {
  let first: Socket | undefined;
  const url = await guard(context, (socket, index) => {
    if (index === 0) first = socket;
    pass(socket);
  });
  await using connection = await connect(url);
  first!.pause(); // data that is sent from now on waits here
  const task = createTask(() => connection.query("select pg_sleep(60) as overtaken"));
  await waitAllTasksParked();
  task.cancel();
  await sleep(50);
  first!.resume();
  await assert.rejects(task, isCancelled);
  assert.equal(await countRunning(watcher, "overtaken"), 0);
  assert.deepEqual(await connection.query("select 1 as a"), [{ a: 1 }]);
});

test("Connection.query() whose request is refused loses its connection, and says that the query may run on", async (context) => {
  const heard = reports(context);
  const url = await guard(context, (socket, index) => {
    if (index === 0) pass(socket);
    else socket.resetAndDestroy();
  });
  await using connection = await connect(url);
  const task = createTask(() => connection.query("select pg_sleep(60)"));
  await waitAllTasksParked();
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.equal(connection.statistics().closed, true);
  assert.match(heard[0]?.message ?? "", /may still be running, as it could not be cancelled on the server/);
});

test("Connection.query() whose request is never answered ends, and loses its connection later", async (context) => {
  const heard = reports(context);
  const url = await guard(context, (socket, index) => {
    if (index === 0) pass(socket);
  });
  await using pool = createPool(url, { max: 1 });
  await pool.query("select 1");
  const task = createTask(() => pool.query("select pg_sleep(60)"));
  await waitAllTasksParked();
  const start = performance.now();
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.ok(performance.now() - start < 2_500, "0.4 s, on a busy machine later");
  while (pool.statistics().size > 0) await sleep(5);
  assert.equal(heard.length, 1);
});

test("Connection.query() over an encrypted connection is cancelled over an encrypted one", async (context) => {
  const beginnings: Promise<Buffer>[] = [];
  const url = await guard(context, (socket) => {
    beginnings.push(once(socket, "data").then(([data]) => data as Buffer));
    pass(socket);
  });
  await using connection = await connect(`${url}?sslmode=no-verify`);
  assert.deepEqual(await connection.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()"), [{ ssl: true }]);
  const task = createTask(() => connection.query("select pg_sleep(60) as encrypted"));
  await untilRunning(watcher, "encrypted");
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.deepEqual(await connection.query("select 1 as a"), [{ a: 1 }]);
  const encrypt = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
  assert.ok(beginnings.length >= 2, "on a busy machine it may be asked twice");
  for (const beginning of beginnings) assert.deepEqual(await beginning, encrypt);
});

test("connect() with sslmode=prefer encrypts where the server does, without checking its certificate", async () => {
  await using connection = await connect(`${server.url}?sslmode=prefer`);
  assert.deepEqual(await connection.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()"), [{ ssl: true }]);
});

test("connect() refuses a certificate that it does not know", async () => {
  await assert.rejects(connect(`${server.url}?sslmode=verify-full`), { name: "ConnectError", message: /self-signed/ });
});

test("connect() accepts the certificate that it was told of, and cancels with it", async () => {
  const file = join(folder, "server.crt");
  const url = new URL(server.url);
  url.hostname = "localhost";
  await using connection = await connect(`${url.href}?sslmode=verify-full&sslrootcert=${file}`);
  const task = createTask(() => connection.query("select pg_sleep(60) as verified"));
  await untilRunning(watcher, "verified");
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.deepEqual(await connection.query("select 1 as a"), [{ a: 1 }]);
});
