import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { createTask, Event, isCancelled, setExceptionHandler, sleep, taskGroup } from "../asyncio/index.ts";
import {
  type AccessEntry,
  type Application,
  ClientDisconnected,
  findHeader,
  Lifespan,
  ServerShutdown,
} from "../http/index.ts";
import { connectRaw, type RawCall } from "../../test/gateway-sockets.ts";
import { Gate } from "./gate.fixture.ts";
import { ListenError, serve, type ServeOptions } from "./index.ts";

const get = { method: "GET", target: "/" };

async function readAll(call: RawCall): Promise<string> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await call.read(); chunk !== undefined; chunk = await call.read()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const hello: Application = { handle: (exchange) => exchange.respond(200, [], "Hello") };

test("serve() answers with where it listens, and listens no more once it is closed", async () => {
  const server = await serve(hello, { port: 0 });
  const { host, port } = server.address;
  assert.equal(server.url, `http://127.0.0.1:${port}`);
  assert.equal(await (await fetch(server.url)).text(), "Hello");
  await server.close();
  await server.closed();
  assert.deepEqual(server.statistics(), { connections: 0, requests: 0 });
  await assert.rejects(connectRaw(host, port), { code: "ECONNREFUSED" });
  await server.close();
});

test("serve() listens on IPv6", async (context) => {
  await using server = await serve(hello, { port: 0, host: "::1" }).catch((error: unknown) => {
    if (error instanceof ListenError && error.code === "EADDRNOTAVAIL") context.skip("no IPv6 here");
    throw error;
  });
  assert.match(server.url, /^http:\/\/\[::1\]:\d+$/);
  assert.equal(await (await fetch(server.url)).text(), "Hello");
});

test("serve() fails if the port is in use, and stops what it had started", async () => {
  await using first = await serve(hello, { port: 0 });
  const { port } = first.address;
  const log: string[] = [];
  const lifespan = new Lifespan();
  lifespan.onStart(() => void log.push("start"));
  lifespan.onStop(() => void log.push("stop"));
  await assert.rejects(serve({ ...hello, lifespan }, { port }), (error: unknown) => {
    assert(error instanceof ListenError);
    assert.equal(error.message, `Cannot listen on 127.0.0.1 as the port is in use: current port is ${port}`);
    assert.equal(error.code, "EADDRINUSE");
    return true;
  });
  assert.deepEqual(log, ["start", "stop"]);
});

test("serve() does not listen if the application cannot start", async () => {
  const lifespan = new Lifespan();
  lifespan.onStart(() => Promise.reject(new Error("no database")));
  await assert.rejects(serve({ ...hello, lifespan }, { port: 0 }), { message: "no database" });
});

test("serve() runs the lifespan around everything else", async () => {
  const log: string[] = [];
  const lifespan = new Lifespan();
  lifespan.onStart(() => void log.push("start"));
  lifespan.onStop(() => void log.push("stop"));
  const app: Application = {
    lifespan,
    handle(exchange) {
      log.push("request");
      return exchange.respond(200, []);
    },
  };
  {
    await using server = await serve(app, { port: 0 });
    await (await fetch(server.url)).text();
  }
  assert.deepEqual(log, ["start", "request", "stop"]);
});

const badOptions: [options: ServeOptions, error: string, message: string][] = [
  [{ port: NaN }, "RangeError", "'port' must be a whole number from 0 to 65535: current value is NaN"],
  [{ port: 65_536 }, "RangeError", "current value is 65536"],
  [{ port: "80" as unknown as number }, "TypeError", 'current value is "80"'],
  [{ host: "" }, "TypeError", "'host' must be a name, an address, or 'unix:' and a path: current value is \"\""],
  [
    { drainTimeout: NaN },
    "RangeError",
    "'drainTimeout' must be a number of milliseconds from 0 to 2147483647: current value is NaN",
  ],
  [{ cancelGrace: -1 }, "RangeError", "'cancelGrace'"],
  [{ bodyBuffer: 0 }, "RangeError", "'bodyBuffer' must be a whole number of bytes >= 1: current value is 0"],
  [{ onAccess: "log" as never }, "TypeError", `'onAccess' must be a function: current value is "log"`],
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

test("RunningServer.close() closes idle connections at once and lets running requests end", async () => {
  const gate = new Gate("released");
  const server = await serve(gate, { port: 0 });
  const { host, port } = server.address;
  const idle = await connectRaw(host, port);
  const busy = await connectRaw(host, port);
  const call = await busy.request(get);
  await gate.entered.wait();
  const closing = server.close();
  assert.equal(await idle.closed(), true);
  assert.equal(server.statistics().requests, 1);
  gate.open.set();
  const { status, headers } = await call.head();
  assert.deepEqual([status, headers[headers.indexOf("Connection") + 1]], [200, "close"]);
  assert.equal(await readAll(call), "released");
  await closing;
});

for (const engine of ["pottle", "node:http"] as const) {
  test(`RunningServer.close({ keepIdle }) answers what arrives meanwhile on open connections as their last request (${engine})`, async () => {
    const server = await serve(hello, { port: 0, engine });
    const { host, port } = server.address;
    const [used, unused, silent] = [
      await connectRaw(host, port),
      await connectRaw(host, port),
      await connectRaw(host, port),
    ];
    await readAll(await used.request(get));
    while (server.statistics().connections < 3) await sleep(1);
    const closing = createTask(() => server.close({ keepIdle: 1_000 }));
    await assert.rejects(async () => {
      for (;;) (await connectRaw(host, port)).leave();
    }, /ECONNREFUSED|ECONNRESET/);
    for (const connection of [used, unused]) {
      const call = await connection.request(get);
      const { headers } = await call.head();
      assert.equal(findHeader(headers, "connection"), "close");
      assert.equal(await readAll(call), "Hello");
      assert.equal(await connection.closed(), true);
    }
    assert.equal(await silent.closed(), true);
    await closing;
  });
}

test("RunningServer.close({ keepIdle }) does not wait if there is no connection, and ends with its drain time", async () => {
  const server = await serve(hello, { port: 0, drainTimeout: 50 });
  await connectRaw(server.address.host, server.address.port);
  while (server.statistics().connections < 1) await sleep(1);
  await server.close({ keepIdle: Infinity });
  await (await serve(hello, { port: 0, drainTimeout: 2 ** 30 })).close({ keepIdle: Infinity });
  await assert.rejects(server.close({ keepIdle: -1 }), RangeError);
});

test("RunningServer.close() cancels with ServerShutdown what does not end in time, and answers it with 503", async () => {
  const gate = new Gate("released");
  const entries: AccessEntry[] = [];
  const server = await serve(gate, { port: 0, drainTimeout: 20, onAccess: (entry) => entries.push(entry) });
  const call = await (await connectRaw(server.address.host, server.address.port)).request(get);
  await gate.entered.wait();
  const closing = server.close();
  assert.equal((await call.head()).status, 503);
  await closing;
  assert(gate.reason instanceof ServerShutdown);
  assert.equal(gate.reason.message, "Server is shutting down, and waited 20 ms for this request");
  assert.deepEqual(
    entries.map(({ status, outcome }) => [status, outcome.kind]),
    [[503, "cancelled"]],
  );
});

test("RunningServer.close() does not cut a large response that is on its way", async () => {
  const size = 20 * 2 ** 20;
  const ended = new Event();
  const app: Application = {
    handle(exchange) {
      const response = exchange.respond(200, [], Buffer.alloc(size));
      ended.set();
      return response;
    },
  };
  const server = await serve(app, { port: 0 });
  const call = await (await connectRaw(server.address.host, server.address.port)).request(get);
  await ended.wait();
  const closing = server.close();
  assert.equal((await readAll(call)).length, size);
  await closing;
});

test("RunningServer.close() lets a stream end, and serves what was sent behind it", async () => {
  const more = new Event();
  const app: Application = {
    handle: (exchange) =>
      exchange.respond(
        200,
        [],
        (async function* () {
          yield "one ";
          await more.wait();
          yield exchange.target;
        })(),
      ),
  };
  const server = await serve(app, { port: 0 });
  const connection = await connectRaw(server.address.host, server.address.port);
  const call = await connection.request({ method: "GET", target: "/two" });
  assert.equal(String(Buffer.from((await call.read()) ?? [])), "one ");
  const closing = server.close();
  more.set();
  assert.equal(await readAll(call), "/two");
  assert.equal(await connection.closed(), true);
  await closing;
});

test("RunningServer.close() does not wait for ever for a request that does not stop, and names it", async () => {
  const entered = new Event();
  const reports: string[] = [];
  const before = setExceptionHandler(({ message }) => reports.push(message));
  const app: Application = {
    handle() {
      entered.set();
      return new Promise(() => undefined);
    },
  };
  const server = await serve(app, { port: 0, drainTimeout: 0, cancelGrace: 0 });
  const connection = await connectRaw(server.address.host, server.address.port);
  await connection.request({ method: "GET", target: "/stuck" });
  await entered.wait();
  const closing = server.close();
  assert.equal(await connection.closed(), true);
  await closing;
  setExceptionHandler(before);
  assert.equal(reports.length, 1);
  assert.match(reports[0] ?? "", /^Task GET \/stuck did not stop within/);
});

test("RunningServer ends with the scope that it belongs to", async () => {
  const gate = new Gate("released");
  let url = "";
  await taskGroup(async (group) => {
    const server = await serve(gate, { port: 0 });
    url = server.url;
    const call = await (await connectRaw(server.address.host, server.address.port)).request(get);
    await gate.entered.wait();
    group.cancel();
    await assert.rejects(sleep(60_000), isCancelled);
    assert.equal((await call.head()).status, 503);
  });
  assert(gate.reason instanceof ServerShutdown);
  await assert.rejects(fetch(url));
});

test("RunningServer.close() whose wait is cancelled cuts the drain short", async () => {
  const gate = new Gate("released");
  const server = await serve(gate, { port: 0, drainTimeout: 60_000 });
  const call = await (await connectRaw(server.address.host, server.address.port)).request(get);
  await gate.entered.wait();
  const closing = createTask(() => server.close(), { eagerStart: true });
  await sleep(0);
  closing.cancel();
  await assert.rejects(closing, isCancelled);
  assert.equal((await call.head()).status, 503);
  await server.closed();
});

test("RunningServer.closed() can be left without stopping the server", async () => {
  await using server = await serve(hello, { port: 0 });
  const waiting = createTask(() => server.closed(), { eagerStart: true });
  waiting.cancel();
  await assert.rejects(waiting, isCancelled);
  assert.equal(await (await fetch(server.url)).text(), "Hello");
});

test("RunningServer cancels a request whose connection is reset", async () => {
  const gate = new Gate("released");
  const over = new Event();
  await using server = await serve(gate, { port: 0, onAccess: () => over.set() });
  const socket = connect(server.address.port, server.address.host);
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await gate.entered.wait();
  socket.resetAndDestroy();
  await over.wait();
  assert(gate.reason instanceof ClientDisconnected);
  assert.equal(gate.reason.peer?.address, "127.0.0.1");
});

for (const method of ["GET", "POST"]) {
  test(`RunningServer still sends what is on its way to a client that has closed its half (${method})`, async () => {
    const size = 20 * 2 ** 20;
    await using server = await serve(
      { handle: (exchange) => exchange.respond(200, [], Buffer.alloc(size)) },
      { port: 0 },
    );
    const connection = await connectRaw(server.address.host, server.address.port);
    const call = await connection.request({ method, target: "/", body: method === "POST" ? "body" : "" });
    await call.head();
    connection.halfClose();
    assert.equal((await readAll(call)).length, size);
  });

  test(`RunningServer closes a stream whose client closed its half and does not read (${method})`, async () => {
    const over = new Event();
    const entries: AccessEntry[] = [];
    const app: Application = {
      async handle(exchange) {
        await exchange.read();
        await exchange.respond(
          200,
          [],
          (async function* () {
            for (;;) yield Buffer.alloc(65_536);
          })(),
        );
      },
    };
    const onAccess = (entry: AccessEntry): void => {
      entries.push(entry);
      over.set();
    };
    await using server = await serve(app, { port: 0, onAccess });
    const connection = await connectRaw(server.address.host, server.address.port);
    const call = await connection.request({ method, target: "/", body: method === "POST" ? "body" : "" });
    await call.head();
    connection.halfClose();
    await over.wait();
    assert.equal(entries[0]?.outcome.kind, "cancelled");
    connection.leave();
  });
}

test("RunningServer answers what is no HTTP with 400 and goes on", async () => {
  await using server = await serve(hello, { port: 0 });
  const { host, port } = server.address;
  for (const bytes of ["nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"]) {
    const connection = await connectRaw(host, port);
    await connection.write(bytes);
    const text = await new Promise<string>((resolve) => {
      const socket = connect(port, host, () => socket.end(bytes));
      socket.on("data", (chunk) => resolve(String(chunk)));
      socket.on("error", (error) => resolve(String(error)));
    });
    assert.match(text, /^HTTP\/1\.1 400 /);
    connection.leave();
  }
  assert.equal(await (await fetch(server.url)).text(), "Hello");
  assert.equal(server.statistics().requests, 0);
});

test("RunningServer cuts a connection that goes on sending a body that nobody wants", async () => {
  await using server = await serve(hello, { port: 0, bodyBuffer: 1_024 });
  const connection = await connectRaw(server.address.host, server.address.port);
  const call = await connection.request({ method: "POST", target: "/", body: 10 ** 9 });
  assert.equal(await readAll(call), "Hello");
  const chunk = Buffer.alloc(65_536);
  const watching = createTask(() => connection.closed());
  while (!watching.done()) {
    await connection.write(chunk);
    await sleep(0);
  }
  assert.equal(await watching, true);
});

test("RunningServer hands over a body that is larger than its buffer", async () => {
  const app: Application = {
    async handle(exchange) {
      let length = 0;
      for (let chunk = await exchange.read(); chunk !== undefined; chunk = await exchange.read())
        length += chunk.byteLength;
      await exchange.respond(200, [], String(length));
    },
  };
  await using server = await serve(app, { port: 0, bodyBuffer: 1_024 });
  const response = await fetch(server.url, { method: "POST", body: Buffer.alloc(2 ** 20) });
  assert.equal(await response.text(), String(2 ** 20));
});

test("RunningServer holds a client back whose body nobody reads", async () => {
  const gate = new Gate("released");
  await using server = await serve(gate, { port: 0, bodyBuffer: 65_536, drainTimeout: 0 });
  const request = httpRequest(server.url, { method: "POST", headers: { "Content-Length": 10 ** 9 } });
  request.on("error", () => undefined);
  request.flushHeaders();
  await gate.entered.wait();
  const chunk = Buffer.alloc(2 ** 20);
  let sent = 0;
  while (sent < 200 * chunk.length && (request.write(chunk) || (await drains(request)))) sent += chunk.length;
  // What the two kernels hold between them is some megabytes.
  assert(sent < 100 * chunk.length, `${sent} bytes were taken`);
  request.destroy();
});

async function drains(request: ReturnType<typeof httpRequest>): Promise<boolean> {
  return Promise.race([once(request, "drain").then(() => true), sleep(300, false)]);
}

test("RunningServer leaves nothing behind", async () => {
  const count = (): number => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)).length;
  const before = count();
  const server = await serve(hello, { port: 0 });
  const connection = await connectRaw(server.address.host, server.address.port);
  assert.equal(await readAll(await connection.request(get)), "Hello");
  await server.close();
  connection.leave();
  await sleep(0);
  assert(count() <= before, process.getActiveResourcesInfo().join());
});
