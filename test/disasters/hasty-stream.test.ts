// A stream that never waits: its pieces are there at once, and its client takes them as fast as they come. The system takes
// each without delay, so that nothing ever gives the event loop a turn, unless the server does.

import assert from "node:assert/strict";
import { test } from "node:test";
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

for (const [framing, headers] of [
  ["in chunks", []],
  ["of a known length", ["Content-Length", String(count)]],
] as const) {
  test(
    `serve() lets others have their turn while it sends a stream ${framing} that never waits`,
    { timeout: 60_000 },
    async (context) => {
      const hasty = new Hasty();
      await using scene = await Scene.open((exchange) =>
        exchange.respond(200, headers, hasty.pieces(Buffer.from("x"))),
      );
      await using neighbour = new Neighbour(scene);
      await neighbour.more(1);
      const before = neighbour.answers;
      const socket = scene.connect();
      let received = 0;
      socket.on("data", (chunk: Buffer) => (received += chunk.byteLength));
      socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      await new Promise((resolve) => socket.once("close", resolve));
      assert.ok(received > count);
      assert.ok(hasty.most <= mostPerTurn, `${hasty.most} pieces in one turn`);
      assert.ok(neighbour.answers > before);
      context.diagnostic(
        `${count} pieces, ${hasty.most} in one turn at most; neighbour: ${neighbour.answers - before} answers, ` +
          `slowest ${Math.round(neighbour.slowest)} ms`,
      );
    },
  );
}
