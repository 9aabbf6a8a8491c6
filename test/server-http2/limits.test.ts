// Every limit of a connection, on the wire: not before it, and not long after.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Event } from "../../src/asyncio/index.ts";
import { ConnectionCut, type Exchange } from "../../src/http/index.ts";
import { type Http2ServeOptions, Http2Server } from "./_listener.ts";
import { block, code, encode, flag, frame, RawClient, request, setting, statusOf, uint32 } from "./_raw-client.ts";

/** What a busy machine may add. It is far less than the seconds that the defaults take. */
const slack = 4_000;
const endHead = flag.endStream | flag.endHeaders;
const lift = { keepAliveTimeout: Infinity, headersTimeout: Infinity, requestTimeout: Infinity, writeTimeout: Infinity };

async function park(): Promise<void> {
  await new Event().wait();
}

async function readAll(exchange: Exchange): Promise<void> {
  while ((await exchange.read()) !== undefined);
  await exchange.respond(200, [], "read");
}

/** Runs `body`, and checks that it took no less than `limit` milliseconds and not much more. */
async function takes(limit: number, body: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await body();
  const elapsed = performance.now() - start;
  assert(elapsed >= limit && elapsed < limit + slack, `it took ${Math.round(elapsed)} ms instead of ${limit} ms`);
}

/** Does something every few milliseconds until the connection has ended. */
function keepDoing(context: TestContext, client: RawClient, what: () => void): void {
  const timer = setInterval(() => (client.isClosed ? clearInterval(timer) : what()), 20);
  context.after(() => clearInterval(timer));
}

function assertCut({ outcome }: { outcome: { kind: string; reason?: unknown } }, why: RegExp): void {
  assert(outcome.kind === "cancelled" && outcome.reason instanceof ConnectionCut, outcome.kind);
  assert.match(outcome.reason.message, why);
}

test("maxConcurrentStreams: a client that was told ends its connection by one request too many", async () => {
  let open = 0;
  await using server = await Http2Server.open(
    { handle: park },
    { http2: { maxConcurrentStreams: 5 }, onExchange: () => void open++ },
  );
  const client = await RawClient.open(server.port);
  const { payload } = (await client.first(frame.settings))!;
  assert(payload.includes(setting(3, 5)));
  await client.turn();
  for (let stream = 1; stream <= 9; stream += 2) client.get(stream);
  await client.turn();
  assert.deepEqual([open, client.isClosed], [5, false]);
  client.get(11);
  await client.closed();
  assert.deepEqual([open, client.goawayCode], [5, code.protocol]);
  for (let i = 0; i < 5; i++) assertCut(await server.entry(), /the client does not keep to HTTP\/2$/);
  assert.equal((await server.entry()).outcome.kind, "refused");
});

test("maxConcurrentStreams: a client that was not told yet has the request refused", async () => {
  let open = 0;
  await using server = await Http2Server.open(
    { handle: park },
    { http2: { maxConcurrentStreams: 5 }, onExchange: () => void open++ },
  );
  const client = await RawClient.connect(server.port);
  client.acks = false;
  client.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", encode(frame.settings, flag.none, 0));
  for (let stream = 1; stream <= 13; stream += 2) client.get(stream);
  await client.ended(13);
  assert.deepEqual(
    [open, [...client.resets]],
    [
      5,
      [
        [11, code.refused],
        [13, code.refused],
      ],
    ],
  );
  client.leave();
});

for (const [limit, length] of [
  [undefined, 66_000],
  [8_192, 9_000],
  [98_304, 99_000],
] as const) {
  test(`maxHeaderListSize: a head beyond ${limit ?? "65_536"} bytes is reset with ENHANCE_YOUR_CALM, and the connection goes on`, async () => {
    const http2 = limit === undefined ? {} : { maxHeaderListSize: limit };
    await using server = await Http2Server.open({ handle: readAll }, { http2 });
    const client = await RawClient.open(server.port);
    await client.turn();
    const send = (stream: number, size: number): void => {
      const head = Buffer.concat([
        request(),
        block(Array.from({ length: 6 }, (_, i) => [`x-${i}`, "v".repeat(size / 6)] as const)),
      ]);
      client.write(encode(frame.headers, flag.endStream, stream, head.subarray(0, 16_000)));
      for (let at = 16_000; at < head.length; at += 16_000)
        client.write(encode(frame.continuation, flag.none, stream, head.subarray(at, at + 16_000)));
      client.write(encode(frame.continuation, flag.endHeaders, stream));
    };
    send(1, length);
    await client.ended(1);
    assert.equal(client.resets.get(1), code.calm);
    send(3, length * 0.8);
    await client.ended(3);
    assert.equal(client.resets.get(3), undefined);
    assert.equal(client.dataBytes, 4);
    client.leave();
  });
}

test("maxRequestsPerConnection: a client is told to open another connection, and the last requests are answered", async () => {
  await using server = await Http2Server.open({ handle: readAll }, { maxRequestsPerConnection: 3 });
  const client = await RawClient.open(server.port);
  for (let stream = 1; stream <= 9; stream += 2) client.get(stream);
  await client.closed();
  const goaway = (await client.first(frame.goaway))!;
  assert.deepEqual([client.dataBytes, client.goawayCode], [3 * "read".length, code.none]);
  assert.equal(goaway.payload.readUInt32BE(), 5);
  await server.idle();
});

const silences: readonly (readonly [
  title: string,
  options: Http2ServeOptions,
  (client: RawClient, context: TestContext) => void,
])[] = [
  ["that says nothing", { headersTimeout: 300 }, () => undefined],
  [
    "that sends half a head",
    { headersTimeout: 300 },
    (client) => client.write(encode(frame.headers, flag.endStream, 1, request())),
  ],
  [
    "that sends PING and no request",
    { headersTimeout: 300 },
    (client, context) =>
      keepDoing(context, client, () => client.write(encode(frame.ping, flag.none, 0, Buffer.alloc(8)))),
  ],
  ["that is idle after a request", { keepAliveTimeout: 300 }, (client) => client.get(1)],
  [
    "that is idle after a refused request",
    { keepAliveTimeout: 300 },
    (client) => client.write(encode(frame.headers, endHead, 1, request("GET", "/", ["host", "other"]))),
  ],
  [
    "that takes nothing of the answer to a refused request",
    { keepAliveTimeout: 300 },
    (client) =>
      client.write(
        encode(frame.settings, flag.none, 0, setting(4, 0)),
        encode(frame.headers, endHead, 1, request("GET", "/", ["host", "other"])),
      ),
  ],
];

for (const [title, options, act] of silences) {
  const [[name, limit]] = Object.entries(options) as [[string, number]];
  test(`${name}: a client ${title} is told to go after ${limit} ms, and its connection is closed`, async (context) => {
    await using server = await Http2Server.open({ handle: readAll }, { ...lift, ...options });
    const client = await RawClient.open(server.port);
    await client.turn();
    await takes(limit * 0.9, async () => {
      act(client, context);
      await client.first(frame.goaway);
    });
    assert.equal(client.goawayCode, code.none);
    // The client keeps its half open, which is not waited for.
    await server.idle();
  });
}

test("headersTimeout: a client that sends not even the preface is cut off", async () => {
  await using server = await Http2Server.open({ handle: readAll }, { ...lift, headersTimeout: 200 });
  const client = await RawClient.connect(server.port);
  client.acks = false;
  await takes(200, () => client.closed());
});

const bodies: readonly (readonly [title: string, (client: RawClient, context: TestContext) => void])[] = [
  ["half a body", (client) => client.data(1, "half")],
  ["a body that drips", (client, context) => keepDoing(context, client, () => client.data(1, "x"))],
];

for (const [title, act] of bodies) {
  test(`requestTimeout: ${title} is answered with 408 after 300 ms, and the connection goes on`, async (context) => {
    await using server = await Http2Server.open(
      { handle: readAll },
      { ...lift, headersTimeout: 300, requestTimeout: 300 },
    );
    const client = await RawClient.open(server.port);
    await takes(300, async () => {
      client.post(1);
      act(client, context);
      await client.ended(1);
    });
    assert.equal(statusOf((await client.first(frame.headers, 1))!.payload), 408);
    const entry = await server.entry();
    assertCut(entry, /the request did not arrive in time$/);
    assert.equal(entry.status, 408);
    client.get(3);
    await client.ended(3);
    assert.equal((await server.entry()).outcome.kind, "served");
    client.leave();
  });
}

test("minBodyRate: a body that drips is answered with 408 after five seconds, and the connection goes on", async (context) => {
  await using server = await Http2Server.open({ handle: readAll }, { ...lift, minBodyRate: 1_000 });
  const client = await RawClient.open(server.port);
  await takes(5_000, async () => {
    client.post(1);
    keepDoing(context, client, () => client.data(1, "x"));
    await client.ended(1);
  });
  assert.equal(statusOf((await client.first(frame.headers, 1))!.payload), 408);
  assertCut(await server.entry(), /the body of the request arrives too slowly$/);
  client.leave();
});

test("requestTimeout: a request that was answered already is reset", async () => {
  async function* endless(): AsyncGenerator<string> {
    yield "begun";
    await park();
  }
  await using server = await Http2Server.open(
    { handle: (exchange) => exchange.respond(200, [], endless()) },
    { ...lift, headersTimeout: 200, requestTimeout: 200 },
  );
  const client = await RawClient.open(server.port);
  client.post(1);
  await client.ended(1);
  assert.equal(client.resets.get(1), code.internal);
  assertCut(await server.entry(), /the request did not arrive in time$/);
  client.leave();
});

interface Stall {
  readonly title: string;
  readonly settings: Uint8Array;
  readonly answer: (exchange: Exchange) => Promise<void>;
  readonly act?: (client: RawClient) => void;
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(1_000);
}

const wide = Buffer.concat([setting(4, 2 ** 31 - 1)]);
const stalls: readonly Stall[] = [
  { title: "opens no window for a small response", settings: setting(4, 0), answer: (it) => it.respond(200, [], "x") },
  {
    title: "opens no window for a large response",
    settings: setting(4, 10),
    answer: (it) => it.respond(200, [], Buffer.alloc(1e6)),
  },
  { title: "opens no window for a stream", settings: setting(4, 10), answer: (it) => it.respond(200, [], pieces()) },
  {
    title: "opens no window for the connection",
    settings: wide,
    answer: (it) => it.respond(200, [], Buffer.alloc(1e6)),
  },
  {
    title: "does not read its socket",
    settings: wide,
    answer: (it) => it.respond(200, [], pieces()),
    act(client) {
      client.write(encode(frame.windowUpdate, flag.none, 0, uint32(2 ** 31 - 1 - 65_535)));
      client.socket.pause();
    },
  },
];

for (const { title, settings, answer, act } of stalls) {
  test(`writeTimeout: a client that ${title} has it reset after 300 ms`, async () => {
    await using server = await Http2Server.open({ handle: answer }, { ...lift, writeTimeout: 300 });
    const client = await RawClient.open(server.port, settings);
    await takes(300, async () => {
      act?.(client);
      client.get(1);
      assertCut(await server.entry(), /the client took nothing of the response for 300 ms$/);
    });
    client.socket.resume();
    await client.ended(1);
    assert.equal(client.resets.get(1), code.internal);
    client.leave();
  });
}

test("writeTimeout: a client that takes a large response slowly gets it", async (context) => {
  const length = 600_000;
  await using server = await Http2Server.open(
    { handle: (it) => it.respond(200, [], Buffer.alloc(length)) },
    { ...lift, writeTimeout: 300 },
  );
  const client = await RawClient.open(server.port);
  client.get(1);
  keepDoing(context, client, () =>
    client.write(encode(frame.windowUpdate, 0, 0, uint32(10_000)), encode(frame.windowUpdate, 0, 1, uint32(10_000))),
  );
  await takes(600, () => client.ended(1));
  assert.equal(client.dataBytes, length);
  assert.deepEqual((await server.entry()).outcome, { kind: "served" });
  client.leave();
});

test("writeTimeout: a stream that has nothing to send is left alone", async () => {
  const go = new Event();
  async function* slow(): AsyncGenerator<string> {
    yield "one";
    await go.wait();
    yield "two";
  }
  await using server = await Http2Server.open(
    { handle: (it) => it.respond(200, [], slow()) },
    { ...lift, writeTimeout: 50 },
  );
  const client = await RawClient.open(server.port);
  client.get(1);
  await client.first(frame.data, 1);
  for (let i = 0; i < 30; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  go.set();
  await client.ended(1);
  assert.equal(client.dataBytes, 6);
  assert.deepEqual((await server.entry()).outcome, { kind: "served" });
  client.leave();
});

test("limits that are lifted never come", async () => {
  await using server = await Http2Server.open({ handle: readAll }, lift);
  const client = await RawClient.open(server.port);
  for (let i = 0; i < 30; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  client.post(1);
  for (let i = 0; i < 30; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  client.data(1, "", true);
  await client.ended(1);
  assert.deepEqual([client.dataBytes, client.goawayCode], [4, undefined]);
  client.leave();
});

test("streamBuffer: what a hundred clients of one connection send, and nobody reads, is bounded", async () => {
  await using server = await Http2Server.open({ handle: park });
  const client = await RawClient.open(server.port);
  await client.turn();
  const before = process.memoryUsage().rss;
  const piece = Buffer.alloc(16_384);
  // As much as the windows allow: the client knows by PING that all was read.
  for (let stream = 1; stream < 200; stream += 2) client.post(stream);
  const sent = new Map<number, number>();
  let total = 0;
  for (let quiet = 0; quiet < 2;) {
    const atFirst = total;
    for (let stream = 1; stream < 200; stream += 2) {
      const so = sent.get(stream) ?? 0;
      if (so + piece.length > client.room(stream) || total + piece.length > client.room(0)) continue;
      client.data(stream, piece);
      sent.set(stream, so + piece.length);
      total += piece.length;
    }
    await client.turn();
    if (total === atFirst) quiet++;
  }
  assert.deepEqual([client.isClosed, server.entries], [false, []]);
  assert(
    [...sent.values()].every((bytes) => bytes <= 3 * 65_536),
    `${Math.max(...sent.values())} bytes`,
  );
  const grown = process.memoryUsage().rss - before;
  assert(grown < 100e6, `${grown} bytes`);
  client.leave();
});
