// A client that resets its connection (RST), in every state that a request can be in. That the server is in that state is told
// by what it has answered, or by what the view has seen. Nothing is left, the view is cancelled if it runs, and the log says so.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { cancellationOf, Event, sleep } from "../../src/asyncio/index.ts";
import { ClientDisconnected, type Exchange } from "../../src/http/index.ts";
import { descriptors, countsDescriptors, heapUsed, Neighbour, Scene, until } from "./_scene.ts";

/** How many clients do it, one after the other. */
const times = 30;
/** What the heap may have grown by afterwards, in bytes. */
const mostLeft = 3_000_000;
const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n";

/** What the views have seen. */
class Seen {
  readonly begun: Event = new Event();
  /** How many views were entered, and how many of them ended because their client had left. */
  entered = 0;
  cancelled = 0;
}

interface State {
  readonly title: string;
  readonly view: (exchange: Exchange, seen: Seen) => Promise<void>;
  /** Brings a request into the state. */
  readonly reach: (socket: Socket, seen: Seen) => Promise<void>;
  /** Whether a view runs in it. */
  readonly isRunning: boolean;
  /** How many views are over by then. @default 0 */
  readonly before?: number;
}

const hello = (exchange: Exchange): Promise<void> => exchange.respond(200, [], "hello");

async function readAll(exchange: Exchange, seen: Seen): Promise<void> {
  while ((await exchange.read()) !== undefined) seen.begun.set();
}

async function* endless(piece: Uint8Array | string): AsyncGenerator<Uint8Array | string> {
  for (;;) {
    yield piece;
    await sleep(1);
  }
}

/** Waits until what has come contains `end`. */
async function received(socket: Socket, end: string): Promise<void> {
  let text = "";
  while (!text.includes(end)) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    text += chunk.toString("latin1");
  }
}

const states: readonly State[] = [
  { title: "before the head", view: hello, isRunning: false, reach: async () => undefined },
  {
    title: "in the head",
    view: hello,
    isRunning: false,
    before: 1,
    // The first request and half of the second arrive in one piece.
    reach: async (socket) => {
      socket.write(`${get}GET /second HTTP/1.1\r\nHo`);
      await received(socket, "hello");
    },
  },
  {
    title: "between head and body",
    view: readAll,
    isRunning: true,
    reach: async (socket) => {
      socket.write(`${post}Expect: 100-continue\r\n\r\n`);
      await received(socket, "100 Continue\r\n\r\n");
    },
  },
  {
    title: "in the body",
    view: readAll,
    isRunning: true,
    reach: async (socket, seen) => {
      socket.write(`${post}\r\nhalf`);
      await seen.begun.wait();
    },
  },
  {
    title: "in a chunk of the body",
    view: readAll,
    isRunning: true,
    reach: async (socket, seen) => {
      socket.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n5\r\nof");
      await seen.begun.wait();
    },
  },
  {
    title: "while the view runs",
    isRunning: true,
    view: async (_exchange, seen) => {
      seen.begun.set();
      await new Event().wait();
    },
    reach: async (socket, seen) => {
      socket.write(get);
      await seen.begun.wait();
    },
  },
  {
    title: "while the view runs and other requests wait",
    isRunning: true,
    view: async (_exchange, seen) => {
      seen.begun.set();
      await new Event().wait();
    },
    reach: async (socket, seen) => {
      socket.write(get.repeat(10));
      await seen.begun.wait();
    },
  },
  {
    title: "while a stream is sent",
    isRunning: true,
    view: (exchange) => exchange.respond(200, [], endless("piece")),
    reach: async (socket) => {
      socket.write(get);
      await received(socket, "piece");
    },
  },
  {
    title: "while a response waits for it",
    isRunning: true,
    view: (exchange) => exchange.respond(200, [], Buffer.alloc(8_000_000)),
    reach: async (socket) => {
      socket.write(get);
      await received(socket, "\r\n\r\n");
      socket.pause();
    },
  },
  {
    title: "after the response",
    view: hello,
    isRunning: false,
    before: 1,
    reach: async (socket) => {
      socket.write(get);
      await received(socket, "hello");
    },
  },
];

for (const { title, view, reach, isRunning, before = 0 } of states) {
  test(`serve() ends a request whose client resets ${title}`, { timeout: 60_000 }, async (context) => {
    const seen = new Seen();
    await using scene = await Scene.open((exchange) => watched(exchange, seen, view), { keepAliveTimeout: 60_000 });
    await using neighbour = new Neighbour(scene);
    await neighbour.more(1);
    const [open, heap, served] = [countsDescriptors ? descriptors() : 0, heapUsed(), neighbour.answers];
    for (let i = 0; i < times; i++) {
      seen.begun.clear();
      const socket = scene.connect().on("error", () => undefined);
      await until(() => scene.server.statistics().connections === 2);
      await reach(socket, seen);
      socket.resetAndDestroy();
      await scene.untilAlone();
    }
    await neighbour.more(1);
    assert.equal(seen.entered, times * (before + Number(isRunning)));
    assert.equal(seen.cancelled, isRunning ? times : 0);
    const left = scene.entries.filter(({ outcome }) => outcome.kind === "cancelled");
    assert.equal(left.length, seen.cancelled);
    if (countsDescriptors) await until(() => descriptors() <= open);
    const grown = heapUsed() - heap;
    assert.ok(grown < mostLeft, `${grown} bytes`);
    context.diagnostic(
      `${times} resets, ${seen.cancelled} views cancelled; heap ${Math.round(grown / 1_000)} kB more; ` +
        `neighbour: ${neighbour.answers - served} answers, slowest ${Math.round(neighbour.slowest)} ms`,
    );
  });
}

async function watched(exchange: Exchange, seen: Seen, view: State["view"]): Promise<void> {
  seen.entered++;
  try {
    await view(exchange, seen);
  } catch (error) {
    const reason = cancellationOf(error)?.reason ?? error;
    if (reason instanceof ClientDisconnected) seen.cancelled++;
    throw error;
  }
}
