// Frames that a client may not send, control frames, and limits.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cancellationOf, Event } from "../../src/asyncio/index.ts";
import { type Application, ConnectionCut, WebSocketClosed, type WebSocketConnection } from "../../src/http/index.ts";
import { closeFrame, frame, frames, handshake } from "./_frames.ts";
import { echoTarget, play } from "./_wire.ts";

/** An application that echoes, and keeps why it ended. */
class Echo implements Application {
  readonly handle: typeof echoTarget = echoTarget;
  readonly accepted: Event = new Event();
  ended: unknown;
  code: number | undefined;

  readonly websocket = async (connection: WebSocketConnection): Promise<void> => {
    await connection.accept();
    this.accepted.set();
    try {
      for (;;) await connection.send(await connection.receive());
    } catch (error) {
      this.ended = cancellationOf(error)?.reason ?? error;
      this.code = connection.closeCode;
      throw error;
    }
  };
}

const control = { opcode: 9 };
const faults: [title: string, bytes: string, code: number][] = [
  ["that is not masked", frame("a", { masked: false }), 1002],
  ["of an unknown kind", frame("a", { opcode: 3 }), 1002],
  ["of an unknown kind of control", frame("a", { opcode: 11 }), 1002],
  ["with a reserved bit", frame("a", { rsv: 0x40 }), 1002],
  ["that continues nothing", frame("a", { opcode: 0 }), 1002],
  ["within another message", frame("a", { fin: false }) + frame("b"), 1002],
  ["of control in pieces", frame("a", { ...control, fin: false }), 1002],
  ["of control that is too long", frame("a".repeat(126), control), 1002],
  ["that closes with half a code", frame("a", { opcode: 8 }), 1002],
  ["that closes with a code that may not be sent", closeFrame(1006), 1002],
  ["with text that is not UTF-8", frame(new Uint8Array([0xc3, 0x28])), 1007],
  ["that closes with a reason that is not UTF-8", frame(new Uint8Array([3, 232, 0xff]), { opcode: 8 }), 1007],
  ["that is too large", frame("a".repeat(1001)), 1009],
  [
    "that makes its message too large",
    frame("a".repeat(600), { fin: false }) + frame("a".repeat(600), { opcode: 0 }),
    1009,
  ],
];

for (const [title, bytes, code] of faults) {
  test(`serve() closes a WebSocket with ${code} at a frame ${title}, and cancels its task`, async () => {
    const app = new Echo();
    await using scene = await play(app, { webSocketMaxMessage: 1000 });
    const wire = await scene.open();
    wire.send(...handshake());
    await app.accepted.wait();
    assert.deepEqual(await frames(wire.send(bytes), `close ${code}`), [`close ${code}`]);
    const [entry] = await scene.entriesOf(1);
    assert(entry?.outcome.kind === "cancelled" && entry.outcome.reason instanceof ConnectionCut);
    assert.match(entry.outcome.reason.message, /the client sent what it may not: /);
    assert.equal(app.ended, entry.outcome.reason);
    assert.equal(app.code, code);
    await wire.send(closeFrame(code)).closed();
  });
}

test("serve() ends a WebSocket that was closed for a fault, even if the client does not answer", async () => {
  await using scene = await play(new Echo(), { webSocketCloseTimeout: 50 });
  const wire = await scene.open();
  await wire
    .send(...handshake())
    .send(frame("a", { opcode: 3 }))
    .closed();
});

test("serve() takes a message of just the largest size", async () => {
  await using scene = await play(new Echo(), { webSocketMaxMessage: 1000 });
  const wire = await scene.open();
  const text = "a".repeat(1000);
  assert.deepEqual(await frames(wire.send(...handshake()).send(frame(text)), `text ${text}`), [`text ${text}`]);
});

test("serve() takes a message of more than the usual size if there is no limit", async () => {
  await using scene = await play(new Echo(), { webSocketMaxMessage: Infinity });
  const wire = await scene.open();
  wire.send(...handshake()).send(frame("a".repeat(2 ** 24 + 1)));
  const received = await wire.untilLength(2 ** 24 + 100);
  assert.match(received.slice(-100), /^a+$/);
});

test("serve() answers a ping, within a message as well", async () => {
  await using scene = await play(new Echo());
  const wire = await scene.open();
  wire.send(...handshake()).send(frame("he", { fin: false }) + frame("now", control) + frame("llo", { opcode: 0 }));
  assert.deepEqual(await frames(wire, "text hello"), ["pong now", "text hello"]);
});

for (const code of [undefined, 1000, 3000, 4999]) {
  test(`serve() hands on a client's Close with ${code ?? "no code"}, and answers it`, async () => {
    const app = new Echo();
    await using scene = await play(app);
    const wire = await scene.open();
    wire.send(...handshake()).send(closeFrame(code, code === undefined ? "" : "bye"));
    const answer = code === undefined ? "close" : `close ${code}`;
    assert.deepEqual(await frames(wire, answer), [answer]);
    assert.deepEqual((await scene.entriesOf(1))[0]?.outcome, { kind: "served" });
    assert(app.ended instanceof WebSocketClosed);
    assert.deepEqual([app.ended.code, app.ended.reason], [code ?? 1005, code === undefined ? "" : "bye"]);
  });
}
