// What a request becomes, and how a response leaves, frame by frame.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Event } from "../../src/asyncio/index.ts";
import { ConnectionCut, type Exchange } from "../../src/http/index.ts";
import { connectHttp2 } from "./_client.ts";
import { Http2Server } from "./_listener.ts";
import {
  block,
  code,
  encode,
  flag,
  frame,
  preface,
  RawClient,
  request,
  setting,
  statusOf,
  uint32,
} from "./_raw-client.ts";

/** Answers with what is known of the request. */
function echoHead(exchange: Exchange): Promise<void> {
  const { method, target, rawHeaders, scheme, httpVersion, peer } = exchange;
  const address = peer?.address;
  return exchange.respond(200, [], JSON.stringify({ method, target, rawHeaders, scheme, httpVersion, address }));
}

async function countBody(exchange: Exchange): Promise<void> {
  let length = 0;
  for (let chunk = await exchange.read(); chunk !== undefined; chunk = await exchange.read())
    length += chunk.byteLength;
  await exchange.respond(200, [], `${length} bytes`);
}

const endHead = flag.endStream | flag.endHeaders;

for (const isSecure of [false, true]) {
  const scheme = isSecure ? "https" : "http";
  test(`Http2Exchange has the head of its request without pseudo headers, by ${scheme}`, async () => {
    await using server = await Http2Server.open({ handle: echoHead }, { isSecure });
    const client = await connectHttp2(server.port, isSecure);
    const head = { ":method": "PUT", ":path": "/a%20b?c=d", "x-one": "1", cookie: ["a=1", "b=2"], accept: "*/*" };
    const stream = client.session.request({ ...head, ":authority": "example.com:8443" }, { endStream: true });
    const [body] = (await once(stream, "data")) as [Buffer];
    assert.deepEqual(JSON.parse(body.toString()), {
      method: "PUT",
      target: "/a%20b?c=d",
      rawHeaders: ["host", "example.com:8443", "x-one", "1", "cookie", "a=1; b=2", "accept", "*/*"],
      scheme,
      httpVersion: "2",
      address: "127.0.0.1",
    });
    client.leave();
  });
}

test("Http2Connection reads what was read of its socket and given back, the body of a request included", async () => {
  await using server = await Http2Server.open({ handle: countBody }, { readsBefore: 24 });
  const client = await RawClient.connect(server.port);
  const head = encode(frame.headers, flag.endHeaders, 1, request("POST"));
  const body = encode(frame.data, flag.endStream, 1, Buffer.alloc(1_000));
  client.write(preface, encode(frame.settings, flag.none, 0), head, body);
  await client.ended(1);
  assert.equal(client.dataBytes, "1000 bytes".length);
  client.leave();
});

interface Refused {
  readonly title: string;
  readonly status: number;
  readonly reason: RegExp;
  readonly head: Uint8Array;
}

const [get, http, root] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
] as const;

const refusals: readonly Refused[] = [
  {
    title: "two hosts",
    status: 400,
    reason: /^the Host header is not the authority of the request$/,
    head: request("GET", "/", ["host", "other"]),
  },
  {
    title: "a host that is none",
    status: 400,
    reason: /not a name or an address/,
    head: block([get, http, root, [":authority", "a,b"]]),
  },
  {
    title: "a CONNECT",
    status: 501,
    reason: /for proxies/,
    head: block([
      [":method", "CONNECT"],
      [":authority", "a:1"],
    ]),
  },
  {
    title: "an Expect that is not known",
    status: 417,
    reason: /100-continue/,
    head: request("GET", "/", ["expect", "miracles"]),
  },
];

for (const { title, status, reason, head } of refusals) {
  test(`Http2Connection refuses ${title} with ${status}, and goes on`, async () => {
    await using server = await Http2Server.open({ handle: echoHead });
    const client = await RawClient.open(server.port);
    client.write(encode(frame.headers, endHead, 1, head));
    await client.ended(1);
    assert.equal(statusOf((await client.first(frame.headers, 1))!.payload), status);
    const { outcome, status: logged } = await server.entry();
    assert(outcome.kind === "refused" && logged === status);
    assert.match(outcome.reason, reason);
    client.get(3);
    await client.ended(3);
    assert.deepEqual((await server.entry()).outcome, { kind: "served" });
    client.leave();
  });
}

const malformed: readonly (readonly [title: string, head: Uint8Array])[] = [
  ["no host", block([get, http, root])],
  ["no path", block([get, http, [":authority", "a"]])],
  ["a method twice", block([get, get, http, root, [":authority", "a"]])],
  ["a name in upper case", request("GET", "/", ["Upper", "x"])],
  ["a header of a connection", request("GET", "/", ["connection", "close"])],
  ["a pseudo header that is not known", request("GET", "/", [":status", "200"])],
];

for (const [title, head] of malformed) {
  test(`Http2Connection resets a request with ${title}, and goes on`, async () => {
    await using server = await Http2Server.open({ handle: echoHead });
    const client = await RawClient.open(server.port);
    client.write(encode(frame.headers, endHead, 1, head));
    await client.ended(1);
    assert.equal(client.resets.get(1), code.protocol);
    client.get(3);
    await client.ended(3);
    assert.equal((await server.entry()).target, "/");
    client.leave();
  });
}

test("Http2Exchange drops the headers of a response that HTTP/2 forbids, and sends the names in lower case", async () => {
  const forbidden = ["Connection", "Keep-Alive", "Proxy-Connection", "Upgrade", "TE", "HTTP2-Settings"];
  const headers = [
    ...forbidden.flatMap((name) => [name, "x"]),
    "X-Kept",
    " \ta b\t ",
    "Set-Cookie",
    "a",
    "set-cookie",
    "b",
  ];
  await using server = await Http2Server.open({
    handle: (exchange) => exchange.respond(200, [...headers, "ETag", "1", "etag", "2"], "x"),
  });
  const client = await connectHttp2(server.port);
  const stream = client.session.request({}, { endStream: true });
  const [head, , raw] = (await once(stream, "response")) as [Record<string, unknown>, number, string[]];
  assert.deepEqual(
    Object.keys(head).filter((name) => name !== "date"),
    [":status", "x-kept", "set-cookie", "etag", "content-length"],
  );
  assert.deepEqual([head["x-kept"], head["set-cookie"]], ["a b", ["a", "b"]]);
  assert.equal(raw.filter((name) => name === "etag").length, 2);
  client.leave();
});

const framings: readonly (readonly [
  title: string,
  method: string,
  answer: (it: Exchange) => Promise<void>,
  frames: string,
])[] = [
  ["a plain response is a head and one piece", "GET", (it) => it.respond(200, [], "x"), "1:4 0:1"],
  ["a response without a body is a head", "GET", (it) => it.respond(200, [], ""), "1:5"],
  ["the response to HEAD is a head", "HEAD", (it) => it.respond(200, [], "x"), "1:5"],
  ["a 204 is a head", "GET", (it) => it.respond(204, [], "x"), "1:5"],
  ["a 304 is a head", "GET", (it) => it.respond(304, [], "x"), "1:5"],
  ["the last piece of a stream has its end", "GET", (it) => it.respond(200, [], single("x")), "1:4 0:1"],
];

async function* single(piece: string): AsyncGenerator<string> {
  yield piece;
}

for (const [title, method, answer, frames] of framings) {
  test(`Http2Exchange: ${title}`, async () => {
    await using server = await Http2Server.open({ handle: answer });
    const client = await RawClient.open(server.port);
    client.get(1, "/", method);
    const received = await client.ended(1);
    assert.equal(received.map(({ type, flags }) => `${type}:${flags}`).join(" "), frames);
    assert.deepEqual((await server.entry()).outcome, { kind: "served" });
    await client.turn();
    assert.deepEqual([...client.resets], []);
    client.leave();
  });
}

test("Http2Exchange resets a response that is broken off with INTERNAL_ERROR, so that it does not look whole", async () => {
  const go = new Event();
  async function* failing(): AsyncGenerator<string> {
    yield "half";
    await go.wait();
    throw new Error("on purpose");
  }
  await using server = await Http2Server.open(
    { handle: (exchange) => exchange.respond(200, [], failing()) },
    { onError: () => undefined },
  );
  const client = await RawClient.open(server.port);
  client.get(1);
  await client.first(frame.data, 1);
  go.set();
  const frames = await client.ended(1);
  assert.deepEqual(
    frames.map(({ type, flags }) => [type, flags]),
    [
      [frame.headers, flag.endHeaders],
      [frame.data, flag.none],
      [frame.reset, flag.none],
    ],
  );
  assert.equal(client.resets.get(1), code.internal);
  client.leave();
});

for (const [method, status] of [
  ["POST", 200],
  ["POST", 204],
  ["HEAD", 200],
] as const) {
  test(`Http2Exchange answers ${method} by ${status}, and then asks for no more of its body (NO_ERROR)`, async () => {
    await using server = await Http2Server.open({ handle: (exchange) => exchange.respond(status, [], "enough") });
    const client = await RawClient.open(server.port);
    client.write(encode(frame.headers, flag.endHeaders, 1, request(method)));
    client.data(1, "begun");
    await client.first(frame.reset, 1);
    const frames = client.frames.filter(({ stream, type }) => stream === 1 && type !== frame.windowUpdate);
    const expected = method === "HEAD" || status === 204 ? [1, 3] : [1, 0, 3];
    assert.deepEqual(
      frames.map(({ type }) => type),
      expected,
    );
    assert.equal(frames.at(-2)!.flags & flag.endStream, flag.endStream);
    assert.equal(client.resets.get(1), code.none);
    assert.deepEqual((await server.entry()).outcome, { kind: "served" });
    client.leave();
  });
}

test("Http2Exchange asks for a body that waits to be asked for when it is read, and not before", async () => {
  const go = new Event();
  await using server = await Http2Server.open({
    async handle(exchange) {
      await go.wait();
      await countBody(exchange);
    },
  });
  const client = await RawClient.open(server.port);
  client.post(1, "/", ["expect", "100-continue"]);
  await client.turn();
  assert.equal(
    client.frames.some(({ type }) => type === frame.headers),
    false,
  );
  go.set();
  const head = await client.first(frame.headers, 1);
  assert.equal(statusOf(head!.payload), 100);
  client.data(1, "12345", true);
  await client.ended(1);
  assert.equal(client.dataBytes, "5 bytes".length);
  client.leave();
});

test("Http2Exchange cancels a request whose body has another length than its head says", async () => {
  await using server = await Http2Server.open({ handle: countBody });
  const client = await RawClient.open(server.port);
  client.post(1, "/", ["content-length", "3"]);
  client.data(1, "12345", true);
  assert.equal((await server.entry()).outcome.kind, "cancelled");
  client.leave();
});

test("Http2Exchange holds back the client of a body that is not read, and no other", async () => {
  const go = new Event();
  await using server = await Http2Server.open(
    {
      async handle(exchange) {
        if (exchange.target === "/held") await go.wait();
        await countBody(exchange);
      },
    },
    { http2: { streamBuffer: 65_536 } },
  );
  const client = await RawClient.open(server.port);
  client.post(1, "/held");
  const piece = Buffer.alloc(16_384);
  let sent = 0;
  // As a client does that keeps to its windows.
  const patience = 20;
  const sendUpTo = async (most: number): Promise<void> => {
    for (let quiet = 0; quiet < patience && sent < most;) {
      const fits = sent + piece.length <= Math.min(client.room(1) + 1, client.room(0));
      if (fits) client.data(1, piece);
      if (fits) sent += piece.length;
      else quiet++;
      await client.turn();
    }
  };
  await sendUpTo(Infinity);
  assert(sent >= 65_536 && sent <= 3 * 65_536, `${sent} bytes were taken`);
  client.post(3, "/free");
  client.data(3, "12345", true);
  await client.ended(3);
  assert.equal(client.dataBytes, "5 bytes".length);
  go.set();
  const most = 3 * sent;
  await sendUpTo(most);
  client.data(1, "", true);
  await client.ended(1);
  assert.equal(client.dataBytes, "5 bytes".length + `${sent} bytes`.length);
  client.leave();
});

test("Http2Exchange sends no more than its client has room for, piece by piece", async () => {
  const length = 300_000;
  await using server = await Http2Server.open({
    handle: (exchange) => exchange.respond(200, [], Buffer.alloc(length)),
  });
  const client = await RawClient.open(server.port, setting(4, 1_000));
  client.get(1);
  await client.until(() => client.dataBytes === 1_000);
  await client.turn();
  assert.equal(client.dataBytes, 1_000);
  assert.equal(server.entries.length, 0);
  client.write(encode(frame.windowUpdate, 0, 0, uint32(length)), encode(frame.windowUpdate, 0, 1, uint32(length)));
  await client.ended(1);
  assert.equal(client.dataBytes, length);
  assert.deepEqual((await server.entry()).outcome, { kind: "served" });
  client.leave();
});

test("Http2Connection hands over a CONNECT for another protocol, and is not idle while it is open", async () => {
  const asked: unknown[] = [];
  await using server = await Http2Server.open(
    { handle: echoHead },
    {
      keepAliveTimeout: 20,
      onUpgrade(stream, { protocol, target, rawHeaders }) {
        asked.push([protocol, target, rawHeaders]);
        stream.respond({ ":status": 200 });
        stream.pipe(stream);
      },
    },
  );
  const client = await RawClient.open(server.port);
  const pseudo = [
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    http,
    [":path", "/chat"],
    [":authority", "a"],
  ] as const;
  client.write(encode(frame.headers, flag.endHeaders, 1, block([...pseudo, ["sec-websocket-version", "13"]])));
  client.data(1, "echo");
  await client.until(() => client.dataBytes === 4);
  assert.deepEqual(asked, [["websocket", "/chat", ["host", "a", "sec-websocket-version", "13"]]]);
  const { payload } = (await client.first(frame.settings))!;
  assert(payload.includes(setting(8, 1)));
  // Longer than an idle connection is kept.
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(client.goawayCode, undefined);
  client.data(1, "", true);
  await client.first(frame.goaway);
  assert.equal(client.goawayCode, code.none);
  client.leave();
});

test("Http2Connection says that it upgrades nothing if nobody listens for it", async () => {
  await using server = await Http2Server.open({ handle: echoHead });
  const client = await RawClient.open(server.port);
  const { payload } = (await client.first(frame.settings))!;
  assert(payload.includes(setting(8, 0)) || !payload.includes(Buffer.from([0, 8])));
  client.leave();
});

test("Http2Connection cuts its exchanges with the reason of the cut, and begins no more", async () => {
  await using server = await Http2Server.open({
    async handle() {
      for (const connection of server.connections) connection.cut("it is late");
      await new Event().wait();
    },
  });
  const client = await RawClient.open(server.port);
  const heads = [1, 3, 5].map((id) => encode(frame.headers, flag.endHeaders, id, request("POST")));
  const bodies = [1, 3, 5].map((id) => encode(frame.data, flag.none, id, Buffer.alloc(100)));
  client.write(...heads, ...bodies);
  await client.closed();
  const { outcome } = await server.entry();
  assert(outcome.kind === "cancelled" && outcome.reason instanceof ConnectionCut);
  assert.match(outcome.reason.message, /: it is late$/);
  assert.deepEqual([client.goawayCode, server.entries], [code.none, []]);
});

test("Http2Connection.closeWhenIdle() lets running requests end and refuses new ones", async () => {
  const go = new Event();
  const entered = new Event();
  await using server = await Http2Server.open({
    async handle(exchange) {
      entered.set();
      await go.wait();
      await exchange.respond(200, [], "late");
    },
  });
  const client = await RawClient.open(server.port);
  client.get(1);
  await entered.wait();
  for (const connection of server.connections) connection.closeWhenIdle();
  const goaway = await client.first(frame.goaway);
  assert.deepEqual([goaway!.payload.readUInt32BE(), goaway!.payload.readUInt32BE(4)], [1, code.none]);
  client.get(3);
  await client.turn();
  go.set();
  await client.ended(1);
  await client.closed();
  await server.idle();
  assert.deepEqual([client.dataBytes, server.entries.length], [4, 1]);
});
