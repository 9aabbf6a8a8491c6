/** Messages both ways, and who waits for whom. */

import assert from "node:assert/strict";
import { createTask, Event, sleep, taskGroup } from "../src/asyncio/index.ts";
import type { WebSocketConnection } from "../src/http/index.ts";
import { closeOf, type DefineSocketCase, settled } from "./gateway-web-socket-scene.ts";

const gate = new Event();
const entered = new Event();
const counts = { sent: 0, received: 0 };
const notes: string[] = [];

/** Defines the cases of messages. */
export function testSocketMessages(define: DefineSocketCase): void {
  define("texts and bytes are handed over whole, both ways", echo, async ({ open, entry }) => {
    const socket = await open();
    for (const length of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
      await socket.send("é".repeat(length));
      assert.equal(await socket.receive(), "é".repeat(length));
      await socket.send(new Uint8Array(length).fill(7));
      const bytes = await socket.receive();
      assert(bytes instanceof Uint8Array && bytes.byteLength === length && bytes.every((byte) => byte === 7));
    }
    await socket.close(4321, "done");
    assert.equal((await entry()).outcome.kind, "served");
  });

  define("what the client sends before it is accepted is kept", acceptLate, async ({ open }) => {
    const socket = await open();
    const sent = Promise.all([socket.send("one"), socket.send("two")]);
    gate.set();
    await sent;
    assert.deepEqual([await socket.receive(), await socket.receive()], ["one", "two"]);
  });

  define("a view that does not receive holds the client back", receiveLate, async ({ open }) => {
    reset();
    const socket = await open();
    await socket.head();
    let accepted = 0;
    const sending = (async () => {
      for (let i = 0; i < 4_000; i++) {
        await socket.send(`${i} ${"x".repeat(10_000)}`);
        accepted++;
      }
      await socket.close();
    })();
    const held = await settled(() => accepted);
    assert(held < 3_500, `${held} messages were taken`);
    gate.set();
    await sending;
    assert.equal(await closeOf(socket), "1000");
    assert.equal(counts.received, 4_000);
  });

  define("a client that does not receive holds the view back", sendMany, async ({ open, entry }) => {
    reset();
    const socket = await open();
    await socket.head();
    socket.pause();
    const held = await settled(() => counts.sent);
    assert(held < 3_500, `${held} messages were sent`);
    socket.resume();
    for (let i = 0; i < 4_000; i++) assert.match((await socket.receive()) as string, new RegExp(`^${i} `));
    assert.equal(await closeOf(socket), "1000");
    const { bytes, outcome } = await entry();
    assert.deepEqual([bytes > 40_000_000, outcome.kind], [true, "served"]);
  });

  define(
    "tasks that wait to send do so in their order, and one that is cancelled sends nothing",
    sendByTasks,
    async ({ open }) => {
      reset();
      const socket = await open();
      await socket.head();
      socket.pause();
      await entered.wait();
      socket.resume();
      const seen: string[] = [];
      for (let message = ""; message !== "last";) {
        message = (await socket.receive()) as string;
        if (message.length < 100) seen.push(message);
      }
      assert.deepEqual(seen, ["a", "c", "last"]);
      assert.deepEqual(notes, ["CancelledError"]);
    },
  );

  define("bytes that were sent may be used for something else", sendSameBytes, async ({ open }) => {
    const socket = await open();
    for (let i = 0; i < 100; i++) {
      const bytes = (await socket.receive()) as Uint8Array;
      assert(bytes.every((byte) => byte === i));
    }
  });

  define("two tasks cannot receive at once", receiveTwice, async ({ open }) => {
    const socket = await open();
    assert.match((await socket.receive()) as string, /^InvalidStateError: .*another task is waiting for it$/);
    await socket.send("on");
    assert.equal(await socket.receive(), "on");
  });

  define("a receive that is cancelled loses no message", cancelReceive, async ({ open }) => {
    const socket = await open();
    assert.equal(await socket.receive(), "cancelled");
    await socket.send("kept");
    assert.equal(await socket.receive(), "kept");
  });

  define("what is neither text nor bytes is not sent", sendBadly, async ({ open }) => {
    const socket = await open();
    assert.equal(
      await socket.receive(),
      "TypeError: Cannot send the message as it must be a string or bytes: current value is an Object",
    );
  });
}

function reset(): void {
  Object.assign(counts, { sent: 0, received: 0 });
  notes.length = 0;
  gate.clear();
  entered.clear();
}

async function echo(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  for (;;) await connection.send(await connection.receive());
}

async function acceptLate(connection: WebSocketConnection): Promise<void> {
  await gate.wait();
  gate.clear();
  await echo(connection);
}

async function receiveLate(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  await gate.wait();
  for (;;) {
    const message = (await connection.receive()) as string;
    assert.equal(Number.parseInt(message, 10), counts.received);
    counts.received++;
  }
}

async function sendMany(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  for (let i = 0; i < 4_000; i++) {
    await connection.send(`${i} ${"x".repeat(10_000)}`);
    counts.sent++;
  }
}

async function sendByTasks(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  await taskGroup(async (group) => {
    // Fills what lies between.
    const filler = group.createTask(async () => {
      for (let i = 0; i < 4_000; i++) {
        await connection.send("x".repeat(10_000));
        counts.sent++;
      }
    });
    await settled(() => counts.sent);
    filler.cancel();
    group.createTask(() => connection.send("a"));
    const cancelled = group.createTask(() => connection.send("b"));
    group.createTask(() => connection.send("c"));
    await sleep(0);
    cancelled.cancel();
    await cancelled.catch((error: unknown) => notes.push((error as Error).name));
    entered.set();
  });
  await connection.send("last");
  await connection.receive();
}

async function sendSameBytes(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  const bytes = new Uint8Array(5_000);
  for (let i = 0; i < 100; i++) await connection.send(bytes.fill(i));
  bytes.fill(255);
}

async function receiveTwice(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  const first = createTask(() => connection.receive());
  await sleep(0);
  const error: unknown = await connection.receive().catch((caught: unknown) => caught);
  await connection.send(String(error));
  await connection.send(await first);
}

async function cancelReceive(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  const receiving = createTask(() => connection.receive());
  await sleep(0);
  receiving.cancel();
  await receiving.catch(() => undefined);
  await connection.send("cancelled");
  await connection.send(await connection.receive());
}

async function sendBadly(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  const error: unknown = await connection.send({ a: 1 } as unknown as string).catch((caught: unknown) => caught);
  await connection.send(String(error));
}
