// What stands beside the body: trailers of requests and responses, 103 Early Hints, and what TLS says.

import assert from "node:assert/strict";
import { once } from "node:events";
import { constants } from "node:http2";
import { test } from "node:test";
import { type Exchange, InvalidHeaderError, type RawHeaders } from "../../src/http/index.ts";
import { connectHttp2 } from "./_client.ts";
import { Http2Server } from "./_listener.ts";
import { block, code, encode, flag, frame, RawClient, setting } from "./_raw-client.ts";

async function* pieces(): AsyncGenerator<string> {
  yield "one";
  yield "two";
}

function streamWith(trailers: RawHeaders): (exchange: Exchange) => Promise<void> {
  return (exchange) => exchange.respond(200, [], pieces(), { trailers: () => trailers });
}

test("Http2Exchange sends trailers behind a stream, names in lower case, and leaves out what HTTP/2 forbids", async () => {
  await using server = await Http2Server.open({
    handle: streamWith(["X-Sum", "6", "X-More", "a", "x-more", "b", "Keep-Alive", "x"]),
  });
  const client = await connectHttp2(server.port);
  const stream = client.session.request({}, { endStream: true });
  const ended = once(stream, "close");
  stream.resume();
  const [trailers] = (await once(stream, "trailers")) as [Record<string, string>];
  assert.deepEqual(Object.entries(trailers), [
    ["x-sum", "6"],
    ["x-more", "a, b"],
  ]);
  await ended;
  assert.equal(stream.rstCode, constants.NGHTTP2_NO_ERROR);
  assert.deepEqual((await server.entry()).outcome, { kind: "served" });
  client.leave();
});

test("Http2Exchange ends a stream whose trailers are none", async () => {
  await using server = await Http2Server.open({ handle: streamWith([]) });
  const client = await RawClient.open(server.port);
  client.get(1);
  await client.ended(1);
  assert.deepEqual([client.dataBytes, [...client.resets]], [6, []]);
  assert.deepEqual((await server.entry()).outcome, { kind: "served" });
  client.leave();
});

test("Http2Exchange has no trailers for HEAD", async () => {
  await using server = await Http2Server.open({ handle: streamWith(["x-sum", "6"]) });
  const client = await RawClient.open(server.port);
  client.get(1, "/", "HEAD");
  const frames = await client.ended(1);
  assert.deepEqual(
    frames.map(({ type, flags }) => [type, flags]),
    [[frame.headers, flag.endHeaders | flag.endStream]],
  );
  assert.deepEqual((await server.entry()).outcome, { kind: "served" });
  client.leave();
});

test("Http2Exchange sends trailers before it asks for no more of a body (NO_ERROR)", async () => {
  await using server = await Http2Server.open({ handle: streamWith(["x-sum", "6"]) });
  const client = await RawClient.open(server.port);
  client.post(1);
  client.data(1, "begun");
  await client.first(frame.reset, 1);
  const frames = client.frames.filter(({ type, stream }) => stream === 1 && type !== frame.data);
  assert.deepEqual(
    frames.map(({ type, flags }) => [type, flags]),
    [
      [frame.headers, flag.endHeaders],
      [frame.headers, flag.endHeaders | flag.endStream],
      [frame.reset, flag.none],
    ],
  );
  assert.equal(client.resets.get(1), code.none);
  assert.deepEqual((await server.entry()).outcome, { kind: "served" });
  client.leave();
});

test("Http2Exchange sends trailers once its client has taken the body, and is then served", async () => {
  await using server = await Http2Server.open({ handle: streamWith(["x-sum", "6"]) });
  const client = await RawClient.open(server.port, setting(4, 4));
  client.get(1);
  await client.until(() => client.dataBytes === 4);
  await client.turn();
  assert.deepEqual(server.entries, []);
  client.write(encode(frame.windowUpdate, flag.none, 1, Buffer.from([0, 0, 0, 10])));
  await client.ended(1);
  assert.equal(client.frames.filter(({ type }) => type === frame.headers).length, 2);
  assert.deepEqual((await server.entry()).outcome, { kind: "served" });
  client.leave();
});

for (const [title, trailers] of [
  ["Content-Length", ["Content-Length", "3"]],
  ["a line break", ["X", "a\r\nb"]],
  ["too many bytes", ["X", "v".repeat(70_000)]],
] as const) {
  test(`Http2Exchange breaks off a stream whose trailers have ${title}`, async () => {
    const errors: unknown[] = [];
    await using server = await Http2Server.open(
      { handle: streamWith(trailers) },
      { onError: (error) => errors.push(error) },
    );
    const client = await RawClient.open(server.port);
    client.get(1);
    await client.ended(1);
    assert.equal(client.resets.get(1), code.internal);
    assert.equal((await server.entry()).outcome.kind, "failed");
    assert(errors[0] instanceof InvalidHeaderError);
    client.leave();
  });
}

test("Http2Exchange hands over the trailers of a request once its body was read", async () => {
  const seen: RawHeaders[] = [];
  await using server = await Http2Server.open({
    async handle(exchange) {
      seen.push([...exchange.trailers]);
      while ((await exchange.read()) !== undefined);
      seen.push([...exchange.trailers]);
      await exchange.respond(200, [], "read");
    },
  });
  const client = await RawClient.open(server.port);
  client.post(1);
  client.data(1, "abc");
  await client.turn();
  client.write(encode(frame.headers, flag.endHeaders | flag.endStream, 1, block([["x-sum", "3"]])));
  await client.ended(1);
  assert.deepEqual(seen, [[], ["x-sum", "3"]]);
  client.leave();
});

test("Http2Exchange sends 103 Early Hints before the response, as often as it is asked to", async () => {
  const sent: boolean[] = [];
  await using server = await Http2Server.open({
    async handle(exchange) {
      sent.push(exchange.sendEarlyHints(["Link", "</a.css>; rel=preload"]));
      sent.push(exchange.sendEarlyHints(["Link", "</b.css>; rel=preload", "Link", "</c.css>; rel=preload"]));
      assert.throws(() => exchange.sendEarlyHints(["Link", "a\r\nb"]), InvalidHeaderError);
      const responded = exchange.respond(200, [], "done");
      sent.push(exchange.sendEarlyHints(["Link", "</d.css>; rel=preload"]));
      await responded;
    },
  });
  const client = await connectHttp2(server.port);
  const stream = client.session.request({}, { endStream: true });
  const hints: unknown[] = [];
  stream.on("headers", (headers) => hints.push([headers[":status"], headers["link"]]));
  await once(stream, "response");
  assert.deepEqual(hints, [
    [103, "</a.css>; rel=preload"],
    [103, "</b.css>; rel=preload, </c.css>; rel=preload"],
  ]);
  assert.deepEqual(sent, [true, true, false]);
  client.leave();
});

test("Http2Exchange says what TLS says, and nothing in the clear", async () => {
  for (const isSecure of [true, false]) {
    const facts: unknown[] = [];
    await using server = await Http2Server.open(
      {
        handle(exchange) {
          facts.push(exchange.tls?.version, exchange.tls?.serverName);
          return exchange.respond(200, [], "ok");
        },
      },
      { isSecure },
    );
    const client = await connectHttp2(server.port, isSecure);
    await (await client.request({ method: "GET", target: "/" })).head();
    assert.deepEqual(facts, isSecure ? ["TLSv1.3", "localhost"] : [undefined, undefined]);
    client.leave();
  }
});

test("Http2Exchange sends no hints to a client that has taken its request back", async () => {
  await using server = await Http2Server.open({
    async handle(exchange) {
      exchange.onDisconnect(() => assert.equal(exchange.sendEarlyHints(["Link", "x"]), false));
      await exchange.read();
    },
  });
  const client = await RawClient.open(server.port);
  client.post(1);
  await client.turn();
  client.write(encode(frame.reset, flag.none, 1, Buffer.from([0, 0, 0, 8])));
  assert.equal((await server.entry()).outcome.kind, "cancelled");
  client.leave();
});
