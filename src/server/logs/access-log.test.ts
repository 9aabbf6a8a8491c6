import assert from "node:assert/strict";
import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { Event, setExceptionHandler, sleep } from "../../asyncio/index.ts";
import type { AccessEntry, Application } from "../../http/index.ts";
import { serve, type ServeOptions } from "../index.ts";
import { AccessLog } from "./access-log.ts";
import { servedEntry, servedExchange } from "./entry.fixture.ts";

const hello: Application = { handle: (exchange) => exchange.respond(200, ["X-Id", "7"], "Hello") };

function temporaryFile(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "pottle-log-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "log");
}

test("serve() writes the access log that is asked for, with headers of both sides", async (context) => {
  const to = temporaryFile(context);
  const format = '%(m)s %(Uq)s %(H)s %(S)s %(s)s %(b)s "%(a)s" %({x-id}o)s %(o)s';
  {
    await using server = await serve(hello, { port: 0, accessLog: { to, format } });
    await (await fetch(`${server.url}/a?b=c`, { headers: { "User-Agent": 'curl "8"' } })).text();
  }
  assert.equal(readFileSync(to, "utf8"), 'GET /a?b=c 1.1 http 200 5 "curl \\"8\\"" 7 served\n');
});

test("serve() logs a request whose client left with the status -, and why", async (context) => {
  const to = temporaryFile(context);
  const begun = new Event();
  const logged = new Event();
  const app: Application = {
    handle: async (exchange) => {
      begun.set();
      await sleep(60_000);
      await exchange.respond(200, []);
    },
  };
  const server = await serve(app, { port: 0, accessLog: { to, format: "combined" }, onAccess: () => logged.set() });
  const { host, port } = server.address;
  const client = connect(port, host).on("error", () => {});
  client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await begun.wait();
  client.destroy();
  await logged.wait();
  await server.close();
  assert.match(
    readFileSync(to, "utf8"),
    /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/ HTTP\/1\.1" - - "-" "-" "cancelled: Client 127\.0\.0\.1:\d+ disconnected after \d+ ms"\n$/,
  );
});

test("serve() logs what it refuses", async (context) => {
  const to = temporaryFile(context);
  {
    await using server = await serve(hello, { port: 0, accessLog: { to, format: "%(m)s %(U)s %(s)s %(a)s %(o)s" } });
    const client = connect(server.address.port, server.address.host);
    client.write("GET /two HTTP/1.1\r\nHost: a\r\nHost: b\r\nUser-Agent: c\r\n\r\n");
    await text(client);
  }
  assert.equal(readFileSync(to, "utf8"), "GET /two 400 - refused: the request has 2 Host headers\n");
});

test("serve() does not listen if its log cannot be opened, and starts nothing", async () => {
  const accessLog = { to: "/no/such/folder/log" };
  await assert.rejects(serve(hello, { port: 0, accessLog }), { name: "LogOpenError", code: "ENOENT" });
  const listeners = process.listeners("exit");
  const errorLog = { to: "/no/such/folder/log" };
  await assert.rejects(serve(hello, { port: 0, accessLog: { to: () => {} }, errorLog }), { code: "ENOENT" });
  assert.deepEqual(process.listeners("exit"), listeners);
});

const badOptions: [options: ServeOptions, error: string, message: string][] = [
  [{ accessLog: "apache" }, "RangeError", "the format must be development, hypercorn, combined, json or"],
  [{ accessLog: 7 as never }, "TypeError", "the options of the access log must be an object: current value is 7"],
  [{ accessLog: { to: 7 as never } }, "TypeError", "'to' must be a stream, the path of a file or a function"],
  [{ accessLog: { to: "" } }, "TypeError", "'to' must be a stream, the path of a file or a function"],
  [{ accessLog: { bufferLimit: 0 } }, "RangeError", "'bufferLimit' must be a whole number of characters >= 1"],
  [{ accessLog: { colours: 1 as never } }, "TypeError", "'colours' must be true or false: current value is 1"],
  [{ errorLog: { format: "xml" as never } }, "RangeError", "'format' must be one of text, json"],
  [{ errorLog: "stderr" as never }, "TypeError", "the options of the error log must be an object"],
];

for (const [options, name, message] of badOptions) {
  test(`serve() refuses ${JSON.stringify(options)}`, async () => {
    await assert.rejects(serve(hello, options), (error: Error) => {
      assert.equal(error.name, name);
      assert(error.message.startsWith("Cannot serve as ") && error.message.includes(message), error.message);
      return true;
    });
  });
}

test("serve() with accessLog: false has no log", async () => {
  const entries: AccessEntry[] = [];
  await using server = await serve(hello, { port: 0, accessLog: false, onAccess: (entry) => entries.push(entry) });
  await (await fetch(server.url)).text();
  await server.close();
  assert.equal(entries.length, 1);
});

test("an AccessLog may be shared by several servers", async () => {
  const stream = new PassThrough();
  {
    await using log = new AccessLog({ to: stream, format: "%(U)s" });
    await using one = await serve(hello, { port: 0, onAccess: log.onAccess });
    await using other = await serve(hello, { port: 0, onAccess: log.onAccess });
    await (await fetch(`${one.url}/1`)).text();
    await (await fetch(`${other.url}/2`)).text();
    await Promise.all([one.close(), other.close()]);
    await log.close();
    assert.deepEqual(log.statistics(), { written: 2, waiting: 0, dropped: 0 });
  }
  stream.end();
  assert.deepEqual((await text(stream)).trim().split("\n").toSorted(), ["/1", "/2"]);
});

test("an AccessLog paints the status if its terminal has colours", async () => {
  for (const [isTTY, colours, painted] of [
    [true, undefined, true],
    [true, false, false],
    [false, undefined, false],
    [false, true, true],
  ] as const) {
    const stream = Object.assign(new PassThrough(), { isTTY, hasColors: () => true });
    await using log = new AccessLog({ to: stream, format: "development", ...(colours !== undefined && { colours }) });
    log.onAccess(servedEntry, servedExchange);
    await log.close();
    assert.equal(String(stream.read()).includes("\u001b[32m200"), painted);
  }
});

const program = join(import.meta.dirname, "last-lines.fixture.ts");

for (const [way, code] of [
  ["exit", 3],
  ["throw", 1],
] as const) {
  test(`an AccessLog writes its last lines when the process ends by ${way}`, (context) => {
    const to = temporaryFile(context);
    assert.equal(spawnSync(process.execPath, [program, to, way]).status, code);
    assert.equal(readFileSync(to, "utf8"), "/a%20b\n");
    const { status, stdout } = spawnSync(process.execPath, [program, "-", way]);
    assert.deepEqual([status, String(stdout)], [code, "/a%20b\n"]);
  });
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`the access log of runServer() has the requests that ${signal} cancels`, async (context) => {
    const to = temporaryFile(context);
    const child = fork(program, [to, "serve"], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    context.after(() => child.kill("SIGKILL"));
    const url = await messageOf(child);
    const answer = fetch(`${url}/slow`).then(
      ({ status }) => status,
      () => undefined,
    );
    assert.equal(await messageOf(child), "begun");
    child.kill(signal);
    await once(child, "exit");
    await answer;
    assert.match(readFileSync(to, "utf8"), /^\/slow (503|-) cancelled: Server is shutting down\n$/);
  });
}

async function messageOf(child: ChildProcess): Promise<string> {
  const [message] = (await once(child, "message")) as [string];
  return message;
}

test("AccessLog opens its file anew at SIGUSR2: what was logged before stays in the one that was renamed", async (context) => {
  const to = temporaryFile(context);
  const log = new AccessLog({ to, format: "%(U)s" });
  log.onAccess({ ...servedEntry, target: "/before" }, servedExchange);
  renameSync(to, `${to}.1`);
  // Not sent: a test runner may have Node write a report at that signal.
  process.emit("SIGUSR2", "SIGUSR2");
  log.onAccess({ ...servedEntry, target: "/after" }, servedExchange);
  await log.close();
  assert.deepEqual([readFileSync(`${to}.1`, "utf8"), readFileSync(to, "utf8")], ["/before\n", "/after\n"]);
});

test("AccessLog goes on with the file that it has, and says so, if it cannot open it anew", async (context) => {
  const to = temporaryFile(context);
  const reports: unknown[] = [];
  const before = setExceptionHandler(({ message, error }) => void reports.push([message, String(error)]));
  context.after(() => setExceptionHandler(before));
  const log = new AccessLog({ to, format: "%(U)s" });
  renameSync(to, `${to}.1`);
  mkdirSync(to);
  process.emit("SIGUSR2", "SIGUSR2");
  log.onAccess({ ...servedEntry, target: "/after" }, servedExchange);
  await log.close();
  assert.equal(readFileSync(`${to}.1`, "utf8"), "/after\n");
  assert.equal(reports.length, 1);
  assert.match(String(reports[0]), /^Cannot write the access log,LogOpenError: /);
});
