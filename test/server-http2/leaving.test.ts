// Clients that leave a request in every way that HTTP/2 has, and at every point of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "../../src/asyncio/index.ts";
import { ClientDisconnected, type Exchange } from "../../src/http/index.ts";
import { Http2Server } from "./_listener.ts";
import { code, encode, flag, frame, RawClient, uint32 } from "./_raw-client.ts";

/** How long it may take until a request is cancelled, in milliseconds. */
const most = 50;
/** A busy machine may be slow, but not each time. */
const attempts = 5;

/** What an application does until its client leaves, or is told to go on. */
class Stage {
  readonly entered = new Event();
  readonly go = new Event();
  cancelledAt = Infinity;

  async wait(): Promise<void> {
    this.entered.set();
    try {
      await this.go.wait();
    } catch (error) {
      this.cancelledAt = performance.now();
      throw error;
    }
  }
}

type Handle = (exchange: Exchange, stage: Stage) => Promise<void>;

interface Point {
  readonly title: string;
  readonly handle: Handle;
  /** Begins the request. */
  readonly send: (client: RawClient) => void;
  /** Ends the request, if there is more of it. */
  readonly end?: (client: RawClient) => void;
}

async function waitAndAnswer(exchange: Exchange, stage: Stage): Promise<void> {
  await stage.wait();
  await exchange.respond(200, [], "stayed");
}

async function readAndAnswer(exchange: Exchange, stage: Stage): Promise<void> {
  while ((await exchange.read()) !== undefined);
  await waitAndAnswer(exchange, stage);
}

async function readInPieces(exchange: Exchange, stage: Stage): Promise<void> {
  await exchange.read();
  stage.entered.set();
  try {
    while ((await exchange.read()) !== undefined);
  } catch (error) {
    stage.cancelledAt = performance.now();
    throw error;
  }
  await exchange.respond(200, [], "stayed");
}

async function streamAndWait(exchange: Exchange, stage: Stage): Promise<void> {
  async function* pieces(): AsyncGenerator<string> {
    yield "st";
    await stage.wait();
    yield "ayed";
  }
  await exchange.respond(200, [], pieces());
}

const post = (client: RawClient): void => {
  client.post(1);
  client.data(1, "body", true);
};

const points: readonly Point[] = [
  { title: "GET", handle: waitAndAnswer, send: (client) => client.get(1) },
  { title: "POST whose body was read", handle: readAndAnswer, send: post },
  { title: "POST whose body was not read", handle: waitAndAnswer, send: post },
  {
    title: "POST whose body fills its window",
    handle: waitAndAnswer,
    send(client) {
      client.post(1);
      for (let i = 0; i < 3; i++) client.data(1, Buffer.alloc(16_384));
    },
    end: (client) => client.data(1, "", true),
  },
  { title: "streaming", handle: streamAndWait, send: (client) => client.get(1) },
  {
    title: "upload that is under way",
    handle: readInPieces,
    send(client) {
      client.post(1);
      client.data(1, "begun");
    },
    end: (client) => client.data(1, "", true),
  },
];

const ways: readonly (readonly [title: string, leave: (client: RawClient) => void])[] = [
  ["resets it (CANCEL)", (client) => client.write(encode(frame.reset, flag.none, 1, uint32(code.cancel)))],
  ["resets it (NO_ERROR)", (client) => client.write(encode(frame.reset, flag.none, 1, uint32(code.none)))],
  ["closes the connection", (client) => client.leave()],
  ["closes its half of the connection", (client) => void client.socket.end()],
  ["resets the connection", (client) => void client.socket.resetAndDestroy()],
  [
    "leaves for an error (GOAWAY)",
    (client) => client.write(encode(frame.goaway, flag.none, 0, Buffer.concat([uint32(0), uint32(code.internal)]))),
  ],
];

for (const { title, handle, send, end } of points) {
  for (const [how, leave] of ways) {
    test(`a client that ${how} cancels its request: ${title}`, async () => {
      let best = Infinity;
      for (let i = 0; i < attempts && best > most; i++) {
        const stage = new Stage();
        await using server = await Http2Server.open({ handle: (exchange) => handle(exchange, stage) });
        const client = await RawClient.open(server.port);
        send(client);
        await stage.entered.wait();
        await client.turn();
        const leftAt = performance.now();
        leave(client);
        const { outcome } = await server.entry();
        assert(outcome.kind === "cancelled" && outcome.reason instanceof ClientDisconnected, outcome.kind);
        best = Math.min(best, stage.cancelledAt - leftAt);
        client.leave();
      }
      assert(best <= most, `it took ${best} ms`);
    });
  }

  test(`a client that stays is served: ${title}`, async () => {
    const stage = new Stage();
    await using server = await Http2Server.open({ handle: (exchange) => handle(exchange, stage) });
    const client = await RawClient.open(server.port);
    send(client);
    await stage.entered.wait();
    await client.turn();
    stage.go.set();
    end?.(client);
    await client.ended(1);
    assert.equal(client.dataBytes, "stayed".length);
    assert.deepEqual((await server.entry()).outcome, { kind: "served" });
    assert.equal(stage.cancelledAt, Infinity);
    client.leave();
  });
}

for (const [how, leave] of ways) {
  test(`a client that ${how} ends a response that it has not taken`, async () => {
    await using server = await Http2Server.open({
      handle: (exchange) => exchange.respond(200, [], Buffer.alloc(200_000)),
    });
    const client = await RawClient.open(server.port);
    client.get(1);
    await client.until(() => client.dataBytes > 60_000);
    await client.turn();
    assert.deepEqual(server.entries, []);
    leave(client);
    const { outcome } = await server.entry();
    assert(outcome.kind === "cancelled" && outcome.reason instanceof ClientDisconnected, outcome.kind);
    client.leave();
  });
}

test("a client that resets one request leaves the others alone", async () => {
  const stages = new Map<string, Stage>();
  await using server = await Http2Server.open({
    async handle(exchange) {
      const stage = new Stage();
      stages.set(exchange.target, stage);
      await waitAndAnswer(exchange, stage);
    },
  });
  const client = await RawClient.open(server.port);
  for (const stream of [1, 3, 5]) client.get(stream, `/${stream}`);
  await client.turn();
  client.write(encode(frame.reset, flag.none, 3, uint32(code.cancel)));
  assert.equal((await server.entry()).target, "/3");
  for (const stage of stages.values()) stage.go.set();
  await client.ended(1);
  await client.ended(5);
  assert.deepEqual([(await server.entry()).outcome.kind, (await server.entry()).outcome.kind], ["served", "served"]);
  client.leave();
});

test("a client that goes away without an error gets what it has asked for", async () => {
  const stage = new Stage();
  await using server = await Http2Server.open({ handle: (exchange) => waitAndAnswer(exchange, stage) });
  const client = await RawClient.open(server.port);
  client.get(1);
  await stage.entered.wait();
  client.write(encode(frame.goaway, flag.none, 0, Buffer.alloc(8)));
  await client.first(frame.goaway);
  stage.go.set();
  await client.ended(1);
  assert.deepEqual((await server.entry()).outcome, { kind: "served" });
  await client.closed();
  // The client keeps its half open, which is not waited for.
  await server.idle();
});
