import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, sleep } from "../../asyncio/index.ts";
import type { Application } from "../application.ts";
import { ConnectionCut } from "../errors.ts";
import { MemoryWebSocket } from "./memory-web-socket.ts";
import { serveWebSocketConnection } from "./serve-web-socket-connection.ts";
import { WrappedWebSocket } from "./wrapped-web-socket.ts";

const echo: Application = {
  handle: () => undefined,
  async websocket(connection) {
    await connection.accept();
    for (;;) await connection.send(await connection.receive());
  },
};

test("MemoryWebSocket.send() waits until the WebSocket is accepted, and after the end it fails", async () => {
  const socket = new MemoryWebSocket({ target: "/" });
  const sending = createTask(() => socket.send("early"));
  await sleep(0);
  assert(!sending.done());
  const task = serveWebSocketConnection(echo, socket.connection);
  await sending;
  assert.equal(await socket.receive(), "early");
  await socket.close(4000, "bye");
  await task;
  assert.equal(socket.closeCode, 4000);
  await assert.rejects(socket.send("late"), { name: "WebSocketClosed", code: 4000 });
  await assert.rejects(socket.receive(), { name: "WebSocketClosed", code: 4000, reason: "bye" });
});

test("MemoryWebSocket.disconnect() tells the client's end as well", async () => {
  const socket = new MemoryWebSocket({ target: "/" });
  const task = serveWebSocketConnection(echo, socket.connection);
  await socket.head();
  const receiving = createTask(() => socket.receive());
  await sleep(0);
  const reason = new ConnectionCut(undefined, 1, "of a test");
  socket.disconnect(reason);
  await assert.rejects(receiving, reason);
  await assert.rejects(socket.send("late"), reason);
  await assert.rejects(task, { name: "CancelledError" });
  assert.equal(socket.closeCode, 1006);
});

test("MemoryWebSocket keeps bytes that its user changes later", async () => {
  const socket = new MemoryWebSocket({ target: "/" });
  const task = serveWebSocketConnection(echo, socket.connection);
  const bytes = new Uint8Array([1]);
  await socket.send(bytes);
  bytes[0] = 2;
  assert.deepEqual(await socket.receive(), new Uint8Array([1]));
  await socket.close();
  await task;
});

test("serveWebSocketConnection() refuses an application without websocket()", () => {
  const { connection } = new MemoryWebSocket({ target: "/" });
  assert.throws(() => serveWebSocketConnection({ handle: () => undefined }, connection), {
    name: "TypeError",
    message: "Cannot serve a WebSocket as the application has no method 'websocket'",
  });
});

test("WrappedWebSocket shows what it is told to, and leaves the rest to the connection", async () => {
  const socket = new MemoryWebSocket({ target: "/api/chat", rawHeaders: ["A", "b"], subprotocols: ["v1"] });
  const { connection } = socket;
  const plain = new WrappedWebSocket(connection, {});
  const { target, rawHeaders, scheme, httpVersion, peer, basePath, subprotocols, responded, closeCode } = plain;
  assert.deepEqual(
    [target, rawHeaders, scheme, httpVersion, peer, basePath, subprotocols, responded, closeCode],
    ["/api/chat", ["A", "b"], "ws", "1.1", connection.peer, "", ["v1"], false, undefined],
  );
  const view = { target: "/chat", rawHeaders: [], scheme: "wss", peer: undefined, basePath: "/api" } as const;
  const wrapped = new WrappedWebSocket(plain, view);
  assert.equal(wrapped.inner, plain);
  for (const name of ["target", "rawHeaders", "scheme", "peer", "basePath"] as const)
    assert.equal(wrapped[name], view[name]);
  let reason: unknown;
  wrapped.onDisconnect((why) => {
    reason = why;
  });
  const task = serveWebSocketConnection({ ...echo, websocket: () => echo.websocket?.(wrapped) }, connection);
  await socket.send("through");
  assert.equal(await socket.receive(), "through");
  socket.disconnect();
  await assert.rejects(task, { name: "CancelledError" });
  assert.equal(reason, connection.disconnected);
  await assert.rejects(wrapped.close(), { name: "ClientDisconnected" });
});

test("WrappedWebSocket rejects and closes for the connection", async () => {
  const refused = new MemoryWebSocket({ target: "/" });
  const rejecting = serveWebSocketConnection(
    { ...echo, websocket: (it) => new WrappedWebSocket(it, {}).reject(403, [], "no") },
    refused.connection,
  );
  assert.equal((await refused.head()).status, 403);
  await rejecting;
  const closed = new MemoryWebSocket({ target: "/" });
  const closing = serveWebSocketConnection(
    {
      ...echo,
      async websocket(connection) {
        const wrapped = new WrappedWebSocket(connection, {});
        await wrapped.accept();
        await wrapped.close(4000);
      },
    },
    closed.connection,
  );
  await closing;
  assert.equal(closed.closeCode, 4000);
});
