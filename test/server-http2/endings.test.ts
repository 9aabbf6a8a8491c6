// How connections end: by draining, by a cut, by clients that neither take nor say anything, with streams of other protocols.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "../../src/asyncio/index.ts";
import { ConnectionCut, type Exchange, ServerShutdown } from "../../src/http/index.ts";
import { Http2Server } from "./_listener.ts";
import { block, code, encode, flag, frame, RawClient, request, setting, uint32 } from "./_raw-client.ts";

function hello(exchange: Exchange): Promise<void> {
  return exchange.respond(200, [], "hello");
}

const websocket = block([
  [":method", "CONNECT"],
  [":protocol", "websocket"],
  [":scheme", "http"],
  [":path", "/chat"],
  [":authority", "a"],
]);
const lift = { keepAliveTimeout: Infinity, headersTimeout: Infinity, requestTimeout: Infinity, writeTimeout: Infinity };

test("Http2Connection tells its client to go with the next request, if the server is draining", async () => {
  await using server = await Http2Server.open({ handle: hello }, lift);
  const client = await RawClient.open(server.port);
  client.get(1);
  await client.ended(1);
  assert.equal(client.goawayCode, undefined);
  server.isDraining = true;
  client.get(3);
  await client.ended(3);
  await client.closed();
  assert.deepEqual([client.goawayCode, client.dataBytes], [code.none, 10]);
  await server.idle();
});

test("Http2Connection.cancel() cancels its requests, which can still be answered", async () => {
  const entered = new Event();
  await using server = await Http2Server.open({
    async handle(exchange) {
      entered.set();
      try {
        await new Event().wait();
      } catch (error) {
        await exchange.respond(503, [], "sorry");
        throw error;
      }
    },
  });
  const client = await RawClient.open(server.port);
  client.get(1);
  await entered.wait();
  for (const connection of server.connections) connection.cancel(new ServerShutdown(0));
  await client.ended(1);
  assert.equal(client.dataBytes, 5);
  const { outcome } = await server.entry();
  assert(outcome.kind === "cancelled" && outcome.reason instanceof ServerShutdown);
  client.leave();
});

test("Http2Connection.cut() closes the connection of a client that reads nothing", async () => {
  await using server = await Http2Server.open({ handle: (it) => it.respond(200, [], Buffer.alloc(50_000_000)) }, lift);
  const client = await RawClient.open(server.port, setting(4, 2 ** 31 - 1));
  client.write(encode(frame.windowUpdate, flag.none, 0, uint32(2 ** 31 - 65_536)));
  client.get(1);
  await client.until(() => client.dataBytes > 0);
  client.socket.pause();
  for (const connection of server.connections) connection.cut("it is late");
  const { outcome } = await server.entry();
  assert(outcome.kind === "cancelled" && outcome.reason instanceof ConnectionCut);
  await server.idle();
  client.leave();
});

test("Http2Connection.closeWhenIdle() does not wait for ever for a client that reads nothing", async () => {
  await using server = await Http2Server.open({ handle: hello }, lift);
  const client = await RawClient.open(server.port);
  client.get(1);
  await client.ended(1);
  client.socket.pause();
  for (const connection of server.connections) connection.closeWhenIdle();
  await server.idle();
  client.leave();
});

test("Http2Connection closes the connection of a client that floods and reads nothing", async () => {
  await using server = await Http2Server.open({ handle: hello }, lift);
  const client = await RawClient.open(server.port);
  await client.turn();
  client.socket.pause();
  const ping = encode(frame.ping, flag.none, 0, Buffer.alloc(8));
  client.write(Buffer.concat(Array<Uint8Array>(100_000).fill(ping)));
  await server.idle();
  assert.equal((await server.entry()).outcome.kind, "refused");
  client.leave();
});

test("Http2Connection does not count what is sent on the stream of another protocol", async () => {
  let received = 0;
  await using server = await Http2Server.open(
    { handle: hello },
    {
      ...lift,
      http2: { overheadBurst: 10_000, overheadRate: 1 },
      onUpgrade(stream) {
        stream.respond({ ":status": 200 });
        stream.on("data", (chunk: Buffer) => (received += chunk.length));
        stream.on("end", () => stream.end());
      },
    },
  );
  const client = await RawClient.open(server.port);
  client.write(encode(frame.headers, flag.endHeaders, 1, websocket));
  for (let i = 0; i < 50; i++) {
    client.data(1, Buffer.alloc(1_000));
    await client.turn();
  }
  client.data(1, "", true);
  await client.ended(1);
  assert.deepEqual([received, client.goawayCode], [50_000, undefined]);
  client.get(3);
  await client.ended(3);
  assert.equal((await server.entry()).outcome.kind, "served");
  client.leave();
});

for (const how of ["cut", "leave", "half-close"]) {
  test(`Http2Connection ends the streams of other protocols with it: ${how}`, async () => {
    const opened = new Event();
    const closed = new Event();
    await using server = await Http2Server.open(
      { handle: hello },
      {
        ...lift,
        onUpgrade(stream) {
          stream.respond({ ":status": 200 });
          stream.resume();
          stream.on("close", () => closed.set());
          opened.set();
        },
      },
    );
    const client = await RawClient.open(server.port);
    client.write(encode(frame.headers, flag.endHeaders, 1, websocket));
    await opened.wait();
    if (how === "leave") client.leave();
    else if (how === "half-close") client.socket.end();
    else for (const connection of server.connections) connection.cut("it is late");
    await closed.wait();
    await server.idle();
    client.leave();
  });
}

test("Http2Connection goes on after a response that cannot be sent as its head is too large", async () => {
  const errors: unknown[] = [];
  await using server = await Http2Server.open(
    { handle: (exchange) => exchange.respond(200, ["x", "v".repeat(exchange.target === "/" ? 70_000 : 1)], "x") },
    { onError: (error) => void errors.push(error) },
  );
  const client = await RawClient.open(server.port);
  client.get(1);
  await client.ended(1);
  assert.equal(client.resets.get(1), code.internal);
  client.get(3, "/small");
  await client.ended(3);
  assert.equal(client.dataBytes, 1);
  assert.match(String(errors[0]), /^InvalidHeaderError: Cannot send the headers as over HTTP\/2/);
  client.leave();
});

test("Http2Connection keeps nothing of a request that was reset in the same breath as it was sent", async () => {
  let seen = 0;
  await using server = await Http2Server.open(
    { handle: async () => void (await new Event().wait()) },
    { ...lift, onExchange: () => void seen++ },
  );
  const client = await RawClient.open(server.port);
  for (let stream = 1; stream < 100; stream += 2) {
    const head = encode(frame.headers, flag.endHeaders, stream, request("POST"));
    client.write(head, encode(frame.reset, flag.none, stream, uint32(stream % 4 === 1 ? code.cancel : code.none)));
  }
  await client.turn();
  for (let i = 0; i < seen; i++) assert.equal((await server.entry()).outcome.kind, "cancelled");
  for (const connection of server.connections) connection.closeWhenIdle();
  await server.idle();
  client.leave();
});
