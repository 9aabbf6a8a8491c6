// WebSockets with the clients of others: Node's own, `ws`, and Python's `websockets`.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { WebSocket as WsSocket } from "ws";
import { ConnectionCut, type WebSocketConnection } from "../../src/http/index.ts";
import { serve } from "../../src/server/index.ts";
import { echoTarget, play, type Scene } from "./_wire.ts";

async function echo(connection: WebSocketConnection): Promise<void> {
  if (connection.target === "/no") return connection.reject(401, ["WWW-Authenticate", "Basic"], "who are you?");
  const [subprotocol] = connection.subprotocols;
  await connection.accept(subprotocol === undefined ? {} : { subprotocol });
  for (;;) {
    const message = await connection.receive();
    if (message === "close") return connection.close(4000, "as you wish");
    await connection.send(message);
  }
}

const app = { handle: echoTarget, websocket: echo };

function urlOf({ server }: Scene, path = "/"): string {
  return server.url.replace("http", "ws") + path;
}

test("serve() serves Node's own WebSocket", async () => {
  await using scene = await play(app);
  const socket = new WebSocket(urlOf(scene, "/a"), ["one", "two"]);
  socket.binaryType = "arraybuffer";
  await eventOf(socket, "open");
  assert.deepEqual([socket.protocol, socket.extensions], ["one", ""]);
  socket.send("é");
  assert.equal(((await eventOf(socket, "message")) as MessageEvent).data, "é");
  socket.send(new Uint8Array([1, 2, 3]));
  const message = (await eventOf(socket, "message")) as { readonly data?: ArrayBuffer };
  assert.deepEqual(new Uint8Array(message.data ?? new ArrayBuffer(0)), new Uint8Array([1, 2, 3]));
  socket.send("close");
  const { code, reason, wasClean } = (await eventOf(socket, "close")) as CloseEvent;
  assert.deepEqual([code, reason, wasClean], [4000, "as you wish", true]);
  assert.deepEqual((await scene.entriesOf(1))[0]?.outcome, { kind: "served" });
});

test("serve() lets Node's own WebSocket close", async () => {
  await using scene = await play(app);
  const socket = new WebSocket(urlOf(scene));
  await eventOf(socket, "open");
  socket.close(3001, "bye");
  const { code, wasClean } = (await eventOf(socket, "close")) as CloseEvent;
  assert.deepEqual([code, wasClean], [3001, true]);
  assert.deepEqual((await scene.entriesOf(1))[0]?.outcome, { kind: "served" });
});

test("serve() compresses nothing, unless it is asked to", async () => {
  for (const webSocketDeflate of [false, true]) {
    await using scene = await play(app, { webSocketDeflate });
    const socket = new WsSocket(urlOf(scene));
    await once(socket, "open");
    assert.equal(socket.extensions, webSocketDeflate ? "permessage-deflate" : "");
    for (const text of ["short", "a".repeat(500_000)]) {
      socket.send(text);
      assert.equal(String((await once(socket, "message"))[0]), text);
    }
    const { _socket: connection } = socket as unknown as { _socket: { bytesRead: number } };
    assert.equal(connection.bytesRead < 100_000, webSocketDeflate);
    socket.close();
    await scene.entriesOf(1);
  }
});

test("serve() closes a WebSocket with 1009 at a message that is too large when it is decompressed", async () => {
  await using scene = await play(app, { webSocketDeflate: true, webSocketMaxMessage: 10_000 });
  const socket = new WsSocket(urlOf(scene));
  await once(socket, "open");
  socket.send("a".repeat(10_001));
  assert.equal((await once(socket, "close"))[0], 1009);
  const [entry] = await scene.entriesOf(1);
  assert(entry?.outcome.kind === "cancelled" && entry.outcome.reason instanceof ConnectionCut);
});

test("serve() refuses an offer of a compression that is malformed, if it compresses", async () => {
  await using scene = await play(app, { webSocketDeflate: true });
  const headers = { "Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=99" };
  const socket = new WsSocket(urlOf(scene), { perMessageDeflate: false, headers });
  const [error] = await once(socket, "error").catch((caught: unknown) => [caught]);
  assert.match(String(error), /Unexpected server response: 400/);
  const [entry] = await scene.entriesOf(1);
  assert.equal(entry?.outcome.kind, "refused");
});

test("serve() leaves no listener and no timer behind a thousand WebSockets", async (context) => {
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on("warning", warn);
  context.after(() => process.off("warning", warn));
  await using scene = await play(app);
  for (let round = 0; round < 20; round++) {
    const sockets = Array.from({ length: 50 }, () => new WsSocket(urlOf(scene)));
    await Promise.all(sockets.map((socket) => once(socket, "open")));
    await Promise.all(
      sockets.map(async (socket, index) => {
        socket.send("hello");
        await once(socket, "message");
        const closed = once(socket, "close");
        if (index % 2 === 0) socket.close();
        else socket.terminate();
        await closed;
      }),
    );
  }
  await scene.entriesOf(1000);
  while (scene.server.statistics().connections > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(scene.server.statistics(), { connections: 0, requests: 0 });
  assert.deepEqual(warnings, []);
  assert.deepEqual(
    process.getActiveResourcesInfo().filter((resource) => resource === "Timeout"),
    [],
  );
});

test("serve() refuses options of WebSockets that cannot be", async () => {
  const bad: [options: Parameters<typeof serve>[1], message: RegExp][] = [
    [{ webSocketMaxMessage: 0 }, /'webSocketMaxMessage' must be a whole number of bytes from 1 to 2147483647, or Inf/],
    [{ webSocketMaxMessage: 2 ** 31 }, /'webSocketMaxMessage' must be/],
    [{ webSocketPingInterval: 0 }, /'webSocketPingInterval' must be a number of milliseconds > 0: current value is 0/],
    [{ webSocketPingInterval: Number.NaN }, /'webSocketPingInterval' must be/],
    [
      { webSocketCloseTimeout: -1 },
      /'webSocketCloseTimeout' must be a number of milliseconds > 0: current value is -1/,
    ],
    [{ webSocketDeflate: "yes" as never }, /'webSocketDeflate' must be true or false: current value is "yes"/],
  ];
  for (const [options, message] of bad) await assert.rejects(serve(app, { port: 0, ...options }), message);
});

test("serve() serves Python's websockets", async (context) => {
  if (!hasPython()) return context.skip("python3-websockets is not installed");
  await using scene = await play(app, { webSocketDeflate: true });
  assert.deepEqual(JSON.parse(await runPython(context, urlOf(scene))), {
    subprotocol: "two",
    text: "é",
    binary: true,
    large: true,
    ping: "answered",
    closed: [4000, "as you wish"],
    rejected: 401,
    own: [4001],
  });
  assert.equal((await scene.entriesOf(3)).length, 3);
});

// Debian's own Python, which the package python3-websockets is for, may not be the first in PATH.
const python = "/usr/bin/python3";

function hasPython(): boolean {
  return spawnSync(python, ["-c", "import websockets"]).status === 0;
}

const script = `
import asyncio, json, sys, websockets
from websockets.exceptions import ConnectionClosed, InvalidStatusCode

async def main(url):
    seen = {}
    async with websockets.connect(url, subprotocols=["two", "one"]) as socket:
        seen["subprotocol"] = socket.subprotocol
        await socket.send("é")
        seen["text"] = await socket.recv()
        await socket.send(b"\\x00\\x01")
        seen["binary"] = await socket.recv() == b"\\x00\\x01"
        await socket.send("a" * 500000)
        seen["large"] = await socket.recv() == "a" * 500000
        await asyncio.wait_for(await socket.ping(), 10)
        seen["ping"] = "answered"
        await socket.send("close")
        try:
            await socket.recv()
        except ConnectionClosed as error:
            seen["closed"] = [error.rcvd.code, error.rcvd.reason]
    try:
        await websockets.connect(url + "no")
    except InvalidStatusCode as error:
        seen["rejected"] = error.status_code
    socket = await websockets.connect(url)
    await socket.close(4001)
    seen["own"] = [socket.close_code]
    print(json.dumps(seen))

asyncio.run(main(sys.argv[1]))
`;

async function runPython(context: TestContext, url: string): Promise<string> {
  const child = spawn(python, ["-W", "ignore", "-c", script, url], { signal: context.signal });
  let [out, problem] = ["", ""];
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  child.stderr.on("data", (chunk) => (problem += String(chunk)));
  await once(child, "close");
  assert.equal(problem, "");
  return out;
}

function eventOf(socket: WebSocket, name: "open" | "message" | "close"): Promise<globalThis.Event> {
  return new Promise((resolve, reject) => {
    socket.addEventListener(name, resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error(`The socket failed before ${name}`)), { once: true });
  });
}
