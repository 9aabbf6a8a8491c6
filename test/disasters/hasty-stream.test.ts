// A stream that never waits, or an application that sends messages and never waits: its pieces are there at once, and its client takes them as fast as they come. The system takes
// each without delay, so that nothing ever gives the event loop a turn, unless the server does.

import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { test } from "node:test";
import type { Exchange } from "../../src/http/index.ts";
import type { ServeOptions } from "../../src/server/index.ts";
import { Neighbour, Scene } from "./_scene.ts";

/** How many pieces are sent. */
const count = 30_000;
/** How many of them may be sent before others have their turn. */
const mostPerTurn = 100;

/** Pieces, and how many of them were asked for in one turn of the event loop at most. */
class Hasty {
  most = 0;
  #inTurn = 0;

  async *pieces(piece: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < count; i++) {
      if (this.#inTurn === 0) setImmediate(() => (this.#inTurn = 0));
      this.#inTurn++;
      this.most = Math.max(this.most, this.#inTurn);
      yield piece;
    }
  }
}

const piece = Buffer.from("x");

interface Kind {
  readonly title: string;
  readonly headers?: readonly string[];
  readonly options?: ServeOptions;
  /** Has it sent; returns how many bytes or messages have come when it is over. */
  readonly receive: (scene: Scene) => Promise<number>;
}

async function byHttp1(scene: Scene): Promise<number> {
  const socket = scene.connect();
  let received = 0;
  socket.on("data", (chunk: Buffer) => (received += chunk.byteLength));
  socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  await new Promise((resolve) => socket.once("close", resolve));
  return received;
}

async function byHttp2(scene: Scene): Promise<number> {
  const session = connectHttp2(scene.server.url, { settings: { initialWindowSize: 2 ** 30 } });
  const stream = session.request({ ":path": "/" });
  let received = 0;
  stream.on("data", (chunk: Buffer) => (received += chunk.byteLength));
  await new Promise((resolve) => stream.once("close", resolve));
  session.destroy();
  return received;
}

async function byWebSocket(scene: Scene): Promise<number> {
  const socket = new WebSocket(scene.server.url.replace("http", "ws"));
  let received = 0;
  socket.addEventListener("message", () => received++);
  await new Promise((resolve) => socket.addEventListener("close", resolve));
  return received;
}

const kinds: readonly Kind[] = [
  { title: "a stream in chunks", receive: byHttp1 },
  { title: "a stream of a known length", headers: ["Content-Length", String(count)], receive: byHttp1 },
  { title: "a stream over HTTP/2", receive: byHttp2 },
  { title: "a stream by node:http", options: { engine: "node:http" }, receive: byHttp1 },
  { title: "messages of a WebSocket", receive: byWebSocket },
];

for (const { title, headers = [], options = {}, receive } of kinds) {
  test(
    `serve() lets others have their turn while it sends ${title} without a pause`,
    { timeout: 60_000 },
    async (context) => {
      const hasty = new Hasty();
      const handle = (exchange: Exchange): Promise<void> => exchange.respond(200, headers, hasty.pieces(piece));
      await using scene = await Scene.open(handle, options, async (connection) => {
        await connection.accept();
        for await (const message of hasty.pieces(piece)) await connection.send(message);
      });
      await using neighbour = new Neighbour(scene);
      await neighbour.more(1);
      const before = neighbour.answers;
      assert.ok((await receive(scene)) >= count);
      assert.ok(hasty.most <= mostPerTurn, `${hasty.most} pieces in one turn`);
      assert.ok(neighbour.answers > before);
      context.diagnostic(
        `${count} pieces, ${hasty.most} in one turn at most; neighbour: ${neighbour.answers - before} answers, ` +
          `slowest ${Math.round(neighbour.slowest)} ms`,
      );
    },
  );
}
