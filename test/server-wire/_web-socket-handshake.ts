// Requests for a WebSocket, good and bad, byte by byte.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Event } from "../../src/asyncio/index.ts";
import type { Application, WebSocketConnection } from "../../src/http/index.ts";
import { settled } from "../gateway-web-socket-scene.ts";
import { closeFrame, frame, frames, handshake, sampleAccept } from "./_frames.ts";
import { echoTarget, play, statuses } from "./_wire.ts";

async function echo(connection: WebSocketConnection): Promise<void> {
  const [subprotocol] = connection.subprotocols;
  await connection.accept(subprotocol === undefined ? {} : { subprotocol });
  for (;;) await connection.send(await connection.receive());
}

const app: Application = { handle: echoTarget, websocket: echo };

test("serve() answers the handshake of RFC 6455", async () => {
  await using scene = await play(app);
  const wire = await scene.open();
  const received = await wire.send(...handshake({ "Sec-WebSocket-Protocol": "chat, superchat" })).until(/\r\n\r\n/);
  const [status, ...headers] = received.split("\r\n").filter((line) => line !== "" && !line.startsWith("Date: "));
  assert.equal(status, "HTTP/1.1 101 Switching Protocols");
  assert.deepEqual(headers, [
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${sampleAccept}`,
    "Sec-WebSocket-Protocol: chat",
  ]);
  assert.deepEqual(await frames(wire.send(frame("Hello")), "text Hello"), ["text Hello"]);
});

test("serve() reads frames that come in one piece with the handshake, and in the smallest ones", async () => {
  await using scene = await play(app);
  const wire = await scene.open();
  const text = handshake().join("\r\n") + frame("Hel", { fin: false }) + frame("lo", { opcode: 0 });
  assert.deepEqual(await frames(wire.send(text), "text Hello"), ["text Hello"]);
  const slow = await scene.open();
  for (const byte of text) {
    slow.send(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(await frames(slow, "text Hello"), ["text Hello"]);
});

test("serve() answers a request before a handshake first", async () => {
  await using scene = await play(app);
  const wire = await scene.open();
  wire
    .send("GET /first HTTP/1.1", "Host: a", "", "")
    .send(...handshake())
    .send(frame("Hello"));
  const received = await wire.until(/Hello/);
  assert.deepEqual(statuses(received), [200, 101]);
  assert(received.indexOf("/first") < received.indexOf("101"));
});

type Changes = Parameters<typeof handshake>[0];

const refused: [title: string, changes: Changes, status: number, reason: RegExp][] = [
  ["no key", { "Sec-WebSocket-Key": undefined }, 400, /has no Sec-WebSocket-Key/],
  ["an empty key", { "Sec-WebSocket-Key": "" }, 400, /not 16 bytes/],
  ["a short key", { "Sec-WebSocket-Key": "dGhlIHNhbXBsZQ==" }, 400, /not 16 bytes/],
  ["two keys", { "Sec-WebSocket-Key": ["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="] }, 400, /has 2 Sec/],
  ["another Connection", { Connection: "keep-alive" }, 400, /needs 'Connection: Upgrade'/],
  ["no Connection", { Connection: undefined }, 400, /needs 'Connection: Upgrade'/],
  ["version 8", { "Sec-WebSocket-Version": "8" }, 426, /version here is 13/],
  ["versions 13 and 8", { "Sec-WebSocket-Version": "13, 8" }, 426, /version here is 13/],
  ["no version", { "Sec-WebSocket-Version": undefined }, 400, /has no Sec-WebSocket-Version/],
  ["a body", { "Content-Length": "4" }, 400, /has no body/],
  ["subprotocols that are no list", { "Sec-WebSocket-Protocol": "a,,b" }, 400, /Sec-WebSocket-Protocol is not/],
  ["a subprotocol twice", { "Sec-WebSocket-Protocol": ["a", "a"] }, 400, /Sec-WebSocket-Protocol is not/],
  ["no Host", { Host: undefined }, 400, /no Host header/],
];

for (const [title, changes, status, reason] of refused) {
  test(`serve() refuses a handshake with ${title}, and closes the connection`, async () => {
    await using scene = await play(app);
    const received = await (await scene.open()).send(...handshake(changes)).closed();
    assert.deepEqual(statuses(received), [status]);
    assert.match(received, reason);
    const isVersion = "Sec-WebSocket-Version" in (changes ?? {});
    assert.equal(/\r\nSec-WebSocket-Version: 13\r\n/.test(received), isVersion);
    const [entry] = await scene.entriesOf(1);
    assert(entry?.outcome.kind === "refused");
    assert.match(entry.outcome.reason, reason);
    assert.deepEqual([entry.method, entry.target, entry.status], ["GET", "/chat", status]);
    assert.equal(scene.server.statistics().requests, 0);
  });
}

const ordinary: [title: string, lines: string[]][] = [
  ["asks for no upgrade", handshake({ Upgrade: undefined, Connection: undefined })],
  ["asks for another protocol", handshake({ Upgrade: "h2c" })],
  ["has another method", handshake({}, "OPTIONS /chat HTTP/1.1")],
  ["is of HTTP/1.0", handshake({}, "GET /chat HTTP/1.0")],
];

for (const [title, lines] of ordinary) {
  test(`serve() takes a request that ${title} as an ordinary one`, async () => {
    await using scene = await play(app);
    const wire = await scene.open();
    assert.deepEqual(statuses(await wire.send(...lines).until(/\/chat$/)), [200]);
    assert.deepEqual((await scene.entriesOf(1))[0]?.outcome, { kind: "served" });
  });
}

test("serve() takes a request for a WebSocket as an ordinary one if the application has no websocket()", async () => {
  await using scene = await play(echoTarget);
  const wire = await scene.open();
  assert.deepEqual(statuses(await wire.send(...handshake()).until(/\/chat$/)), [200]);
  const bad = await scene.open();
  assert.deepEqual(statuses(await bad.send(...handshake({ Connection: undefined })).until(/\/chat$/)), [200]);
});

test("serve() closes the connection behind a rejection, even if the client goes on sending", async () => {
  await using scene = await play({ handle: echoTarget, websocket: (it) => it.reject(403, [], "no") });
  const wire = await scene.open();
  const received = await wire
    .send(...handshake())
    .send("x".repeat(1_000_000))
    .closed();
  assert.deepEqual(statuses(received), [403]);
  assert.match(received, /\r\nConnection: close\r\n\r\nno$/);
});

test("serve() loses nothing of what comes before accept()", async () => {
  const size = 5_000_000;
  const accepting = new Event();
  const lengths: number[] = [];
  await using scene = await play({
    handle: echoTarget,
    async websocket(connection) {
      await accepting.wait();
      await connection.accept();
      for (let i = 0; i < 6; i++) lengths.push((await connection.receive()).length);
    },
  });
  const wire = await scene.open();
  wire.send(handshake().join("\r\n") + frame("x".repeat(size)).repeat(6));
  await settled(() => wire.unsent + 1);
  accepting.set();
  assert.deepEqual(await frames(wire, "close 1000"), ["close 1000"]);
  wire.send(closeFrame(1000));
  await scene.entriesOf(1);
  assert.deepEqual(
    lengths,
    Array.from({ length: 6 }, () => size),
  );
});
