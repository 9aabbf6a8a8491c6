// How the stream of a WebSocket ends over HTTP/2 if its client never ends its half of it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:http2";
import { test } from "node:test";
import type { WebSocketConnection } from "../../src/http/index.ts";
import { serve } from "../../src/server/index.ts";

/** A Close with code 1000, and the text "close", masked with zeros as a client may. */
const closeFrame = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);
const closeText = Buffer.concat([Buffer.from([0x81, 0x85, 0, 0, 0, 0]), Buffer.from("close")]);

async function view(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  for (;;) {
    const message = await connection.receive();
    await connection.send("a".repeat(100_000));
    if (message === "close") return connection.close(1000);
  }
}

const ways: readonly [who: string, frames: readonly Buffer[]][] = [
  ["the client", [closeFrame]],
  ["the view", [closeText, closeFrame]],
];

for (const [who, frames] of ways) {
  test(
    `serve() ends the stream of a WebSocket that ${who} has closed, without waiting for its client`,
    { timeout: 30_000 },
    async () => {
      const app = { handle: () => undefined, websocket: view };
      await using server = await serve(app, { port: 0, webSocketCloseTimeout: 600_000 });
      const session = connect(server.url);
      await once(session, "remoteSettings");
      const head = { ":method": "CONNECT", ":protocol": "websocket", ":path": "/", "sec-websocket-version": "13" };
      const stream = session.request(head, { endStream: false });
      let received = Buffer.alloc(0);
      stream.on("data", (chunk: Buffer) => void (received = Buffer.concat([received, chunk])));
      await once(stream, "response");
      for (const frame of frames) stream.write(frame);
      await once(stream, "close");
      assert.equal(stream.rstCode, 0);
      // All that was sent before has come, and the server's Close behind it.
      assert.equal(received.length, (frames.length - 1) * 100_010 + 4);
      assert.deepEqual([...received.subarray(-4)], [0x88, 2, 0x03, 0xe8]);
      session.close();
    },
  );
}
