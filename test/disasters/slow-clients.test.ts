// Five hundred clients that are slow, of one kind after the other. They are let go by the limit that they exceed, cost little
// memory, and hold up nobody else.

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Exchange } from "../../src/http/index.ts";
import type { ServeOptions } from "../../src/server/index.ts";
import { Crowd, heapUsed, Neighbour, Scene } from "./_scene.ts";

const clients = 500;
/** The limit that is exceeded, in milliseconds. */
const limit = 700;
/** The pause between two bytes, in milliseconds. */
const pause = 100;
/** What one connection may cost at both its ends together, in bytes of the heap: the clients are in this process as well. */
const mostPerClient = 40_000;
const large = Buffer.alloc(8_000_000);

interface Kind {
  readonly title: string;
  readonly options: ServeOptions;
  /** Sent at once. */
  readonly begin: string;
  /** Sent byte by byte. */
  readonly rest: string;
  /** Whether the client reads what is sent to it. */
  readonly reads: boolean;
  readonly handle: (exchange: Exchange) => Promise<void>;
  readonly outcome: string;
}

async function readAll(exchange: Exchange): Promise<void> {
  while ((await exchange.read()) !== undefined);
  await exchange.respond(200, [], "read");
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield large.subarray(0, 100_000);
}

const never = (): never => assert.fail("a half head is no request");

const kinds: readonly Kind[] = [
  {
    title: "send a byte of a head every 100 ms",
    options: { headersTimeout: limit, requestTimeout: 60_000 },
    begin: "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
    rest: "x".repeat(1_000),
    reads: true,
    handle: never,
    outcome: "408 refused",
  },
  {
    title: "say nothing",
    options: { headersTimeout: limit, requestTimeout: 60_000 },
    begin: "",
    rest: "",
    reads: true,
    handle: never,
    outcome: "408 refused",
  },
  {
    title: "send a byte of a body every 100 ms",
    options: { headersTimeout: limit, requestTimeout: limit },
    begin: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n",
    rest: "x".repeat(1_000),
    reads: true,
    handle: readAll,
    outcome: "408 cancelled",
  },
  {
    title: "do not read a large response",
    options: { writeTimeout: limit },
    begin: "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    rest: "",
    reads: false,
    handle: (exchange) => exchange.respond(200, [], large),
    outcome: "200 cancelled",
  },
  {
    title: "do not read a stream",
    options: { writeTimeout: limit },
    begin: "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    rest: "",
    reads: false,
    handle: (exchange) => exchange.respond(200, [], endless()),
    outcome: "200 cancelled",
  },
];

for (const { title, options, begin, rest, reads, handle, outcome } of kinds) {
  test(`serve() lets ${clients} clients go that ${title}`, { timeout: 60_000 }, async (context) => {
    await using scene = await Scene.open(handle, options);
    await using neighbour = new Neighbour(scene);
    await neighbour.more(1);
    const before = heapUsed();
    const crowd = await Crowd.gather(scene, clients);
    const served = neighbour.answers;
    for (const socket of crowd.sockets) {
      socket.write(begin);
      if (reads) socket.resume();
    }
    const dripping = Promise.all(crowd.sockets.map((socket) => drip(socket, rest)));
    await neighbour.more(5);
    const grown = heapUsed() - before;
    await scene.untilAlone();
    // What the system still holds for a client that does not read is of no interest.
    if (!reads) for (const socket of crowd.sockets) socket.destroy();
    await Promise.all([crowd.gone(), dripping]);
    await neighbour.more(5);
    assert.deepEqual(scene.outcomes(), { [outcome]: clients });
    assert.ok(Math.min(...crowd.times) >= limit, "none is let go before its limit");
    assert.ok(grown < clients * mostPerClient, `${grown} bytes for ${clients} clients`);
    const [answers, slowest] = [neighbour.answers - served, Math.round(neighbour.slowest)];
    const last = Math.round(Math.max(...crowd.times));
    context.diagnostic(
      `${clients} of ${clients} let go; last after ${last} ms; ${Math.round(grown / clients)} B of heap each; ` +
        `neighbour: ${answers} answers, slowest ${slowest} ms`,
    );
  });
}

async function drip(socket: Socket, bytes: string): Promise<void> {
  for (const byte of bytes) {
    await delay(pause);
    if (socket.destroyed || !socket.writable) return;
    socket.write(byte);
  }
}
