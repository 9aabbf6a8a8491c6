import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { gather } from "../asyncio/index.ts";
import { ClientSession } from "./session.ts";
import {
  ClientConnectorError,
  ClientError,
  ClientPayloadError,
  ClientTimeoutError,
  InvalidResponseError,
  PayloadTooLarge,
  ServerDisconnectedError,
  type TimeLimitName,
} from "./errors.ts";
import { serve, serveRaw, until } from "./server.fixture.ts";

const limited = { timeout: 10_000 };

/** The behaviour of a hostile server, and the expected result of a request. */
interface Hostility {
  readonly what: string;
  readonly answer: (socket: Socket) => void;
  readonly error: new (...args: never[]) => ClientError;
  readonly says: RegExp;
}

const head = "HTTP/1.1 200 OK\r\n";
const hostilities: readonly Hostility[] = [
  {
    what: "closes instead of answering",
    answer: (socket) => void socket.end(),
    error: ServerDisconnectedError,
    says: /as the server closed the connection: other side closed/,
  },
  {
    what: "resets instead of answering",
    answer: (socket) => void socket.resetAndDestroy(),
    error: ServerDisconnectedError,
    says: /as the server closed the connection: read ECONNRESET/,
  },
  {
    what: "answers garbage",
    answer: (socket) => void socket.end("SSH-2.0-OpenSSH_9.9\r\n"),
    error: InvalidResponseError,
    says: /as its response is not HTTP: /,
  },
  {
    what: "sends a head without end",
    answer: (socket) => void socket.write(`${head}X: ${"x".repeat(100_000)}`),
    error: InvalidResponseError,
    says: /as the head of its response is too large/,
  },
  {
    what: "sends a thousand headers",
    answer: (socket) => void socket.write(`${head}${"X-Another: header that means nothing\r\n".repeat(1_000)}\r\n`),
    error: InvalidResponseError,
    says: /as the head of its response is too large/,
  },
  {
    what: "sends two lengths",
    answer: (socket) => void socket.end(`${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`),
    error: InvalidResponseError,
    says: /not HTTP/,
  },
  {
    what: "sends less than it said",
    answer: (socket) => void socket.end(`${head}Content-Length: 100\r\n\r\nonly this`),
    error: ClientPayloadError,
    says: /^Cannot read the body of GET \S+ as it broke off: other side closed/,
  },
  {
    what: "sends less than it said, and said that it would close",
    answer: (socket) => void socket.end(`${head}Connection: close\r\nContent-Length: 100\r\n\r\nonly this`),
    error: ClientPayloadError,
    says: /^Cannot read the body of GET \S+ as it broke off: /,
  },
  {
    what: "resets in the middle of a body",
    answer: (socket) => socket.write(`${head}Content-Length: 100\r\n\r\nonly`, () => void socket.resetAndDestroy()),
    error: ClientError,
    says: /ECONNRESET/,
  },
  {
    what: "breaks off between chunks",
    answer: (socket) => void socket.end(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`),
    error: ClientPayloadError,
    says: /as it broke off/,
  },
  {
    what: "sends a chunk size that is none",
    answer: (socket) => void socket.end(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n`),
    error: ClientPayloadError,
    says: /as it broke off: .*chunk size/,
  },
  {
    what: "switches to another protocol that nobody asked for",
    answer: (socket) =>
      void socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    error: InvalidResponseError,
    says: /as its response is not HTTP: bad upgrade/,
  },
  {
    what: "says gzip and sends something else",
    answer: (socket) => void socket.end(`${head}Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello`),
    error: ClientPayloadError,
    says: /as it is not gzip: incorrect header check/,
  },
];

for (const { what, answer, error: expected, says } of hostilities) {
  test(`a server that ${what} makes a clear error, and leaves nothing open`, limited, async (context) => {
    const server = await serveRaw(context, answer);
    await using session = new ClientSession();
    await assert.rejects(
      async () => (await session.get(server.url)).text(),
      (error: ClientError) => {
        assert.ok(error instanceof expected, String(error));
        assert.match(error.message, says);
        assert.deepEqual(error.request, { method: "GET", url: server.url });
        return true;
      },
    );
    await until(() => session.statistics().open === 0);
    await until(() => server.sockets.size === 0);
  });
}

test("a server that refuses makes a ClientConnectorError that says so", limited, async () => {
  const cleanUp: (() => unknown)[] = [];
  const gone = await serve({ after: (end) => void cleanUp.push(end) }, () => {});
  for (const end of cleanUp) end();
  await using session = new ClientSession();
  await assert.rejects(session.get(gone.url), (error: ClientConnectorError) => {
    assert.ok(error instanceof ClientConnectorError);
    assert.match(error.message, /^Cannot GET http:\S+ as no connection could be opened: connect ECONNREFUSED 127/);
    assert.ok(error.cause instanceof Error);
    return error.code === "ECONNREFUSED";
  });
  await assert.rejects(session.get("http://no-such-host.invalid/"), ClientConnectorError);
  assert.equal(session.statistics().open, 0);
});

const stalls: readonly [limit: TimeLimitName, what: string, answer: (socket: Socket) => void, says: RegExp][] = [
  ["headers", "never answers", () => {}, /no response had begun after 50 ms: limit 'headers'/],
  ["headers", "stalls within the head", (socket) => void socket.write(head), /no response had begun/],
  [
    "idle",
    "stalls within the body",
    (socket) => void socket.write(`${head}Content-Length: 9\r\n\r\nonly`),
    /nothing had/,
  ],
  ["total", "never answers", () => {}, /it was not over after 50 ms: limit 'total'/],
  ["total", "drips", drip, /it was not over/],
];

function drip(socket: Socket): void {
  socket.write(`${head}Content-Length: 9999\r\n\r\n`);
  const timer = setInterval(() => socket.write("."), 5);
  socket.once("close", () => clearInterval(timer));
}

for (const [limit, what, answer, says] of stalls) {
  test(`a server that ${what} is left when the limit '${limit}' has run out`, limited, async (context) => {
    const server = await serveRaw(context, answer);
    await using session = new ClientSession({ timeout: { [limit]: 50 } });
    await assert.rejects(
      async () => (await session.get(server.url)).text(),
      (error: ClientTimeoutError) => {
        assert.ok(error instanceof ClientTimeoutError, String(error));
        assert.match(error.message, says);
        return error.limit === limit && error.ms === 50;
      },
    );
    assert.equal(session.statistics().open, 0);
    await until(() => server.sockets.size === 0);
  });
}

test(
  "a server that does not finish the handshake is left when the limit 'connect' has run out",
  limited,
  async (context) => {
    const server = await serveRaw(context, () => {});
    await using session = new ClientSession({ timeout: { connect: 50 } });
    await assert.rejects(session.get(server.url.replace("http:", "https:")), /no connection was open after 50 ms/);
    await until(() => server.sockets.size === 0);
  },
);

test("a server that does not take a body is left when the limit 'idle' has run out", limited, async (context) => {
  const server = await serve(context, (request) => void request.pause());
  await using session = new ClientSession({ timeout: { idle: 80, headers: 60_000 } });
  for (const body of [Buffer.alloc(50_000_000), "x".repeat(50_000_000), endless()]) {
    await assert.rejects(session.put(server.url, { body }), /nothing had moved after 80 ms/);
    assert.equal(session.statistics().open, 0);
  }
});

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(100_000);
}

test("time in which nobody asks for more does not count as idle", limited, async (context) => {
  const server = await serve(context, (_, response) => void response.end(Buffer.alloc(8_000_000)));
  await using session = new ClientSession({ timeout: { idle: 40 } });
  const response = await session.get(server.url);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal((await response.bytes()).length, 8_000_000);
});

test("a response that nobody reads is closed when the limit 'total' has run out", limited, async (context) => {
  const server = await serve(context, (_, response) => void response.write(Buffer.alloc(1_000_000)));
  await using session = new ClientSession({ timeout: 60 });
  const response = await session.get(server.url);
  await until(() => session.statistics().inUse === 0);
  await until(() => server.sockets.size === 0);
  await assert.rejects(response.bytes(), ClientTimeoutError);
});

test("time that is spent waiting for a connection does not count", limited, async (context) => {
  const server = await serve(context, (_, response) => void setTimeout(() => response.end("x"), 600));
  await using session = new ClientSession({ limit: 1 });
  const ask = async (): Promise<string> => (await session.get(server.url, { timeout: 2_500 })).text();
  assert.deepEqual(await gather([ask, ask, ask, ask, ask]), ["x", "x", "x", "x", "x"]);
});

test("a time limit of 0 fails at once, and sends nothing", limited, async (context) => {
  const server = await serve(context, (_, response) => response.end());
  await using session = new ClientSession({ timeout: 0 });
  await assert.rejects(session.get(server.url), ClientTimeoutError);
  assert.equal(server.opened, 0);
});

for (const path of ["at once", "while it arrives"]) {
  test(`a bomb that is decoded ${path} ends in PayloadTooLarge, and takes little memory`, limited, async (context) => {
    // 1 GB, of which 1 MB is sent; or 20 MB, which is small enough on the way to arrive as a whole.
    const bomb = path === "at once" ? gzipSync(Buffer.alloc(20_000_000)) : await largeBomb();
    const server = await serve(context, (_, response) => {
      response.writeHead(200, { "Content-Encoding": "gzip" }).end(bomb);
    });
    await using session = new ClientSession({ maxBodySize: 10_000_000 });
    const before = process.memoryUsage().rss;
    await assert.rejects(
      async () => (await session.get(server.url)).bytes(),
      (error: PayloadTooLarge) => {
        assert.ok(error instanceof PayloadTooLarge, String(error));
        assert.match(error.message, /larger than 'maxBodySize': limit is 10000000 bytes$/);
        return error.limit === 10_000_000;
      },
    );
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 120_000_000, `memory has grown by ${grown} bytes`);
    assert.equal(session.statistics().inUse, 0);
  });
}

async function largeBomb(): Promise<Buffer> {
  const tenth = gzipSync(Buffer.alloc(100_000_000));
  return Buffer.concat(Array.from({ length: 10 }, () => tenth));
}

test("a body that is announced as too large is not read", limited, async (context) => {
  const server = await serveRaw(context, (socket) => void socket.write(`${head}Content-Length: 1000000000\r\n\r\n`));
  await using session = new ClientSession();
  const response = await session.get(server.url);
  assert.equal(response.status, 200);
  await assert.rejects(response.text(), PayloadTooLarge);
  assert.equal(session.statistics().open, 0);
});

test(
  "a connection that the server closed while it was kept is replaced, once, for what may be asked twice",
  limited,
  async (context) => {
    // The server answers the first request of each connection, and closes the connection at the second.
    const asked = new WeakSet<Socket>();
    const methods: string[] = [];
    const server = await serveRaw(context, (socket, text) => {
      methods.push(text.slice(0, text.indexOf(" ")));
      if (asked.has(socket)) socket.destroy();
      else socket.write(`${head}Content-Length: 2\r\n\r\nok`);
      asked.add(socket);
    });
    await using session = new ClientSession();
    for (let n = 0; n < 3; n++) assert.equal(await (await session.get(server.url)).text(), "ok");
    assert.equal(server.opened, 3);
    assert.deepEqual(methods, ["GET", "GET", "GET", "GET", "GET"]);
    await assert.rejects(session.post(server.url, { body: "x" }), ServerDisconnectedError);
    assert.equal(methods.filter((method) => method === "POST").length, 1, "a POST is not sent twice");
  },
);

test("a request that was answered, but not by HTTP, is not made again", limited, async (context) => {
  const asked: string[] = [];
  const server = await serveRaw(context, (socket, text) => {
    asked.push(text.slice(0, text.indexOf(" HTTP")));
    socket.write(asked.length === 1 ? `${head}Content-Length: 2\r\n\r\nok` : "garbage\r\n\r\n");
  });
  await using session = new ClientSession({ baseUrl: server.url });
  await (await session.get("first")).text();
  await assert.rejects(session.put("second", { body: "x" }), InvalidResponseError);
  assert.deepEqual(asked, ["GET /first", "PUT /second"]);
});
