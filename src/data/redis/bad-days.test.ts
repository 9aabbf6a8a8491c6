import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { createTask, isCancelled } from "../../asyncio/index.ts";
import { checkLeaks, waitAllTasksParked } from "../../asyncio/testing/index.ts";
import { Lifespan } from "../../http/index.ts";
import { RedisConnectError } from "./errors.ts";
import { connect, redis } from "./connect.ts";
import { freePort, RedisServer, skip } from "./redis-server.fixture.ts";
import { readSettings } from "./settings.ts";

const noOpenssl = spawnSync("openssl", ["version"]).status === 0 ? false : "no openssl";

test("readSettings() reads URLs", () => {
  const table: [url: string, address: string, rest: object][] = [
    ["redis://127.0.0.1", "127.0.0.1:6379", { db: 0, tls: undefined, username: undefined }],
    ["redis://user:p%40ss@host:7000/2", "host:7000", { db: 2, username: "user", password: "p@ss" }],
    ["rediss://:secret@[::1]:6380", "::1:6380", { tls: {}, password: "secret" }],
    ["/run/redis.sock?db=3", "/run/redis.sock", { db: 3, endpoint: { path: "/run/redis.sock" } }],
  ];
  for (const [url, address, rest] of table) {
    assert.partialDeepStrictEqual(readSettings(url), { address, connectTimeout: 5_000, retryFor: 3_000, ...rest });
  }
});

test("readSettings() refuses what is no such URL, without showing a password", () => {
  const needs = /^Cannot connect to Redis as the URL must be redis:\/\/host:port\/db/;
  for (const url of ["", "localhost:6379", "http://x", "redis//:secret@x", 7 as never]) {
    assert.throws(
      () => readSettings(url),
      (error: unknown) => error instanceof TypeError && needs.test(error.message) && !error.message.includes("secret"),
    );
  }
  assert.throws(() => readSettings("redis://x/one"), /'db' must be a whole number >= 0: current value is NaN/);
  assert.throws(
    () => readSettings("redis://x", { connectTimeout: -1 }),
    /'connectTimeout' must be a number of milliseconds >= 0/,
  );
});

test("connect() says that nobody is there, and leaves nothing open", async () => {
  await checkLeaks(async () => {
    await assert.rejects(connect("redis://127.0.0.1:1"), {
      name: "RedisConnectError",
      code: "ECONNREFUSED",
      message: "Cannot connect to Redis at 127.0.0.1:1 as nothing listens there (ECONNREFUSED): is the server running?",
    });
    await assert.rejects(connect("/nowhere/redis.sock"), { name: "RedisConnectError", code: "ENOENT" });
  });
});

for (const [what, answer, reason] of [
  ["sends garbage", "HTTP/1.1 400 Bad Request\r\n\r\n", /what answers there is not a Redis server$/],
  ["hangs up", undefined, /the server closed the connection/],
  ["says nothing", "", /the server did not answer within 100 ms$/],
] as const) {
  test(`connect() does not wait for a server that ${what}`, async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on("error", () => {}));
      socket.resume();
      if (answer === undefined) socket.destroy();
      else if (answer !== "") socket.write(answer);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const connecting = connect(`redis://127.0.0.1:${port}`, { connectTimeout: 100 });
    await assert.rejects(connecting, { name: "RedisConnectError", message: reason });
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
}

test("connect() that is cancelled ends an attempt that nobody answers, and leaves nothing open", async () => {
  await checkLeaks(async () => {
    const silent = createServer((socket) => socket.on("error", () => {}).resume()).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const task = createTask(() => connect(`redis://127.0.0.1:${port}`, { connectTimeout: 60_000 }));
    const [socket] = (await once(silent, "connection")) as [Socket];
    await waitAllTasksParked();
    task.cancel();
    await assert.rejects(task, isCancelled);
    if (!socket.closed) await once(socket, "close");
    silent.close();
    await once(silent, "close");
  });
});

describe("RedisClient", { skip, timeout: 15_000 }, () => {
  test("connect() says that the password is wrong, or missing, without showing it", async () => {
    await using server = await RedisServer.start("socket", "--requirepass", "right");
    await checkLeaks(async () => {
      await assert.rejects(connect(server.url, { password: "wrong pass" }), (error: unknown) => {
        assert.ok(error instanceof RedisConnectError && error.code === "WRONGPASS");
        assert.match(error.message, /refuses the user or the password \(WRONGPASS\)$/);
        return !inspect(error).includes("wrong pass");
      });
      await assert.rejects(connect(server.url), { name: "RedisConnectError", code: "NOAUTH" });
      await using client = await connect(server.url, { username: "default", password: "right" });
      assert.equal(await client.ping(), "PONG");
    });
  });

  test("connect() refuses a database that is not there, instead of using another", async () => {
    await using server = await RedisServer.start();
    await assert.rejects(connect(server.url, { db: 99 }), { name: "RedisConnectError", message: /out of range/ });
    await using client = await connect(`${server.url}?db=5`);
    assert.match(String(await client.execute("CLIENT", "INFO")), / db=5 /);
  });

  test("connect() encrypts, and trusts nobody that it is not told to trust", { skip: noOpenssl }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "pottle-tls-"));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -addext";
    const parts = ["subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert];
    assert.equal(spawnSync("openssl", [...request.split(" "), ...parts]).status, 0);
    const port = await freePort();
    const certificates = ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert];
    const settings = ["--tls-port", String(port), "--tls-auth-clients", "no", ...certificates];
    await using _ = await RedisServer.start("socket", ...settings);
    const url = `rediss://127.0.0.1:${port}`;
    await assert.rejects(connect(url), { name: "RedisConnectError", code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    await assert.rejects(connect(`redis://127.0.0.1:${port}`), { name: "RedisConnectError" });
    await using client = await connect(url, { tls: { ca: readFileSync(cert) } });
    await client.rpush("queue", "item");
    assert.deepEqual(await client.blpop("queue"), ["queue", "item"]);
    rmSync(folder, { recursive: true });
  });

  test("connect() that is cancelled leaves nothing open", async () => {
    await using server = await RedisServer.start();
    server.signal("SIGSTOP");
    await checkLeaks(async () => {
      const task = createTask(() => connect(server.url));
      await waitAllTasksParked();
      assert.match(task.waitsFor, /redis connection/);
      task.cancel();
      await assert.rejects(task, isCancelled);
      server.signal("SIGCONT");
      await createTask(() => connect(server.url).then((client) => client.close()));
    });
  });

  test("RedisClient fails what was under way when the server dies, and connects anew when it is back", async () => {
    await using server = await RedisServer.start("port");
    await using client = await connect(server.url);
    const blocked = createTask(() => client.blpop("queue"));
    await server.untilBlocked(1);
    server.signal("SIGSTOP");
    const command = createTask(() => client.incr("n"));
    await waitAllTasksParked();
    await server.kill();
    await assert.rejects(command, {
      name: "RedisConnectionLost",
      command: "INCR",
      message: `Cannot finish INCR as the connection to Redis at ${server.url.slice(8)} was lost`,
    });
    await assert.rejects(blocked, { name: "RedisConnectionLost", command: "BLPOP" });
    const later = createTask(() => client.incr("n"));
    await waitAllTasksParked();
    await server.restart();
    assert.equal(await later, 1);
    assert.equal(await client.incr("n"), 2);
    await client.rpush("queue", "item");
    assert.deepEqual(await client.blpop("queue"), ["queue", "item"]);
  });

  test("RedisClient fails within its limit when the server does not come back", async () => {
    await using server = await RedisServer.start("port");
    await using client = await connect(server.url, { retryFor: 100 });
    await server.kill();
    await assert.rejects(client.get("key"), (error: unknown) =>
      ["RedisConnectError", "RedisConnectionLost"].includes((error as Error).name),
    );
    const begun = performance.now();
    await assert.rejects(client.get("key"), { name: "RedisConnectError", code: "ECONNREFUSED" });
    assert.ok(performance.now() - begun < 1_000);
  });

  test("RedisClient loses a connection that the server cuts, and no other", async () => {
    await using server = await RedisServer.start();
    await using client = await connect(server.url);
    await using other = await connect(server.url);
    const id = (await client.execute("CLIENT", "ID")) as number;
    const blocked = createTask(() => client.blpop("queue"));
    await server.untilBlocked(1);
    await other.execute("CLIENT", "KILL", "ID", id);
    await other.rpush("queue", "item");
    assert.deepEqual(await blocked, ["queue", "item"]);
  });

  test("RedisClient cancels a blocking command although the server hangs: it gives up the connection", async () => {
    await using server = await RedisServer.start();
    const client = await connect(server.url);
    const task = createTask(() => client.blpop("queue"));
    await server.untilBlocked(1);
    server.signal("SIGSTOP");
    task.cancel();
    await assert.rejects(task, isCancelled);
    assert.equal(client.statistics().blocking, 0);
    server.signal("SIGCONT");
    assert.equal(await client.ping(), "PONG");
    await client.close();
  });

  test("redis() opens and closes with the application", async () => {
    await using server = await RedisServer.start();
    const app = new Lifespan();
    const client = redis(app, { url: server.url });
    await assert.rejects(client.get("key"), {
      name: "InvalidStateError",
      message: "Cannot use GET as the client of Redis was not opened",
    });
    for (const round of ["first", "second"]) {
      await app.start();
      assert.equal(await client.set("round", round), true);
      await app.stop();
      await assert.rejects(client.get("round"), { name: "InvalidStateError" });
    }
  });

  test("redis() takes the server from REDIS_URL, and fails the start if it is not there", async () => {
    const before = process.env["REDIS_URL"];
    process.env["REDIS_URL"] = "redis://127.0.0.1:1";
    const app = new Lifespan();
    redis(app);
    if (before === undefined) delete process.env["REDIS_URL"];
    else process.env["REDIS_URL"] = before;
    await assert.rejects(app.start(), { name: "RedisConnectError" });
  });
});
