import assert from "node:assert/strict";
import { type Duplex, duplexPair } from "node:stream";
import { test } from "node:test";
import { ClientDisconnected } from "../../http/index.ts";
import { HandshakeExchange } from "./handshake-exchange.ts";

const piece = Buffer.alloc(10_000, "x");

function open(firstBytes = ""): { exchange: HandshakeExchange; here: Duplex; there: Duplex } {
  const [here, there] = duplexPair();
  const head = { method: "GET", target: "/", httpVersion: "1.1", rawHeaders: [] };
  const request = { head, socket: here, firstBytes: Buffer.from(firstBytes), scheme: "ws", peer: undefined } as const;
  return { exchange: new HandshakeExchange(request), here, there };
}

/** Lets streams go on as far as they can. */
async function atRest(): Promise<void> {
  for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
}

test("HandshakeExchange keeps a bounded part of what comes before the answer, and leaves the rest in the connection", async () => {
  const { exchange, here, there } = open("first ");
  for (let i = 0; i < 50; i++) there.write(piece);
  await atRest();
  assert(here.isPaused());
  const kept = exchange.switchProtocol([]);
  assert(kept.length > 65_536 && kept.length < 100_000, `${kept.length} bytes`);
  let length = kept.length;
  here.on("data", (chunk: Buffer) => (length += chunk.length));
  here.resume();
  await atRest();
  assert.equal(length, 6 + 50 * piece.length);
  assert.equal(exchange.disconnected, undefined);
});

test("HandshakeExchange reads on once it has refused, and closes the connection", async () => {
  const { exchange, here, there } = open();
  for (let i = 0; i < 50; i++) there.write(piece);
  await atRest();
  assert(here.isPaused());
  const { status, outcome } = exchange.refuse({ status: 400, reason: "a test" });
  assert.deepEqual([status, outcome], [400, { kind: "refused", reason: "a test" }]);
  let answer = "";
  there.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  await atRest();
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\nConnection: close\r\n\r\nBad Request: a test\n$/);
  assert(!here.isPaused() && there.writableLength === 0);
  there.end();
  await atRest();
  assert(here.destroyed);
});

test("HandshakeExchange of a connection that has ended already is disconnected", async () => {
  const [here, there] = duplexPair();
  there.destroy();
  here.destroy();
  await atRest();
  const head = { method: "GET", target: "/", httpVersion: "1.1", rawHeaders: [] };
  const request = { head, socket: here, firstBytes: Buffer.alloc(0), scheme: "ws", peer: undefined } as const;
  assert(new HandshakeExchange(request).disconnected instanceof ClientDisconnected);
});
