/** How a WebSocket ends: by the application, by the client's Close, and by a client that vanishes. */

import assert from "node:assert/strict";
import { cancellationOf, createTask, currentTask, Event, sleep, taskGroup } from "../src/asyncio/index.ts";
import { ClientDisconnected, type WebSocketConnection, WebSocketClosed } from "../src/http/index.ts";
import { collectReports } from "./gateway-scene.ts";
import { assertVanished, closeOf, type DefineSocketCase, settled, type View } from "./gateway-web-socket-scene.ts";

const entered = new Event();
const gate = new Event();
const seen: unknown[] = [];
const counts = { sent: 0 };

/** Views that wait when their client vanishes, each in another place. */
const waits: [where: string, wait: (connection: WebSocketConnection) => Promise<unknown>][] = [
  ["receives", (connection) => connection.receive()],
  ["waits for something else", () => sleep(60_000)],
  ["sends to a client that does not receive", sendWithoutEnd],
];

/** Defines the cases of ends. */
export function testSocketEnds(define: DefineSocketCase): void {
  define("it is closed with 1000 when the view returns", accept, async ({ open, entry }) => {
    assert.equal(await closeOf(await open()), "1000");
    assert.equal((await entry()).outcome.kind, "served");
  });

  define("it is closed with 1011 when the view fails, which is reported once", failLate, async ({ open, entry }) => {
    const reports = await collectReports(async () => {
      assert.equal(await closeOf(await open({ target: "/x" })), "1011");
      const { outcome } = await entry();
      assert(outcome.kind === "failed" && (outcome.error as Error).message === "boom");
    });
    assert.deepEqual(reports, ["Error while serving GET /x: boom"]);
  });

  define("it is closed with 1011 when other code cancels the view", cancelItself, async ({ open, entry }) => {
    assert.equal(await closeOf(await open()), "1011");
    assert.deepEqual((await entry()).outcome, { kind: "cancelled", reason: "enough" });
  });

  define("the view closes it with a code and a reason", closeItself, async ({ open, entry }) => {
    seen.length = 0;
    assert.equal(await closeOf(await open()), "4000 that's it");
    assert.equal((await entry()).outcome.kind, "served");
    assert.deepEqual(seen, [
      "RangeError: 999",
      "RangeError: 1005",
      "RangeError: 1006",
      "RangeError: 5000",
      "RangeError: 1000",
      "WebSocketClosed: 4000 that's it",
      "WebSocketClosed: 4000 that's it",
      4000,
    ]);
  });

  define("close() of one task ends receive() of another", closeFromBeside, async ({ open, entry }) => {
    seen.length = 0;
    assert.equal(await closeOf(await open()), "4001");
    assert.equal((await entry()).outcome.kind, "served");
    assert.deepEqual(seen, ["WebSocketClosed: 4001"]);
  });

  define("the client's Close ends receive(), behind the messages before it", receiveAll, async ({ open, entry }) => {
    reset();
    const socket = await open();
    for (const message of ["one", "two", "three"]) await socket.send(message);
    await socket.close(4002, "bye");
    assert.equal(await closeOf(socket), "4002 bye");
    gate.set();
    assert.equal((await entry()).outcome.kind, "served");
    assert.deepEqual(seen, ["one", "two", "three", "WebSocketClosed: 4002 bye", 4002, "went on"]);
  });

  define("the client's Close ends send()", sendTicks, async ({ open, entry }) => {
    reset();
    const socket = await open();
    await socket.head();
    await socket.close(4003);
    assert.equal(await closeOf(socket), "4003");
    gate.set();
    assert.equal((await entry()).outcome.kind, "served");
    assert.deepEqual(seen, ["WebSocketClosed: 4003"]);
  });

  define(
    "the client's Close cancels a view that neither sends nor receives, after a while",
    sleepOn,
    async ({ open, entry }) => {
      reset();
      const socket = await open();
      await socket.head();
      await socket.close(4004);
      assertVanished(await entry());
      assert(seen[0] instanceof ClientDisconnected);
      assert.equal(seen[1], 4004);
    },
    { closeTimeout: 100 },
  );

  define(
    "the client's Close leaves a view alone that was told of it",
    receiveAndSleep,
    async ({ open, entry }) => {
      reset();
      const socket = await open();
      await socket.head();
      await socket.close(4005);
      assert.deepEqual((await entry()).outcome, { kind: "served" });
      assert.deepEqual(seen, ["WebSocketClosed: 4005", "whole"]);
    },
    { closeTimeout: 50 },
  );

  define("the Close cancels the tasks that belong to the one that receives", group, async ({ open, entry }) => {
    reset();
    const socket = await open();
    await socket.head();
    await socket.close(4006);
    assert.deepEqual((await entry()).outcome, { kind: "served" });
    assert.deepEqual(seen, ["sender ended"]);
  });

  for (const [where, wait] of waits) {
    define(`a client that vanishes cancels a view that ${where}`, watched(wait), async ({ open, entry }) => {
      reset();
      const socket = await open();
      await socket.head();
      if (wait === sendWithoutEnd) {
        socket.pause();
        await settled(() => counts.sent);
      } else {
        await entered.wait();
      }
      socket.vanish();
      assertVanished(await entry());
      assert(seen[0] instanceof ClientDisconnected, String(seen[0]));
      assert.deepEqual(seen.slice(1), [1006, "ClientDisconnected", "ClientDisconnected", "child ended", "heard late"]);
    });
  }
}

function reset(): void {
  seen.length = 0;
  counts.sent = 0;
  gate.clear();
  entered.clear();
}

function note(error: unknown): void {
  if (error instanceof WebSocketClosed)
    seen.push(`WebSocketClosed: ${error.code}${error.reason && ` ${error.reason}`}`);
  else seen.push(cancellationOf(error)?.reason ?? error);
}

async function accept(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
}

async function failLate(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  throw new Error("boom");
}

async function cancelItself(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  currentTask()?.cancel("enough");
  await sleep(60_000);
}

async function closeItself(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  for (const code of [999, 1005, 1006, 5000]) {
    await connection.close(code).catch((error: unknown) => seen.push(`${(error as Error).name}: ${code}`));
  }
  await connection.close(1000, "é".repeat(62)).catch((error: unknown) => seen.push(`${(error as Error).name}: 1000`));
  await connection.close(4000, "that's it");
  await connection.close();
  await connection.send("late").catch(note);
  await connection.receive().catch(note);
  seen.push(connection.closeCode);
}

async function closeFromBeside(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  const receiving = createTask(() => connection.receive().catch(note));
  await sleep(0);
  await connection.close(4001);
  await receiving;
}

async function receiveAll(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  await gate.wait();
  try {
    for (;;) seen.push(await connection.receive());
  } catch (error) {
    note(error);
  }
  seen.push(connection.closeCode);
  await sleep(1);
  seen.push("went on");
}

async function sendTicks(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  await gate.wait();
  try {
    for (;;) {
      await connection.send("tick");
      await sleep(1);
    }
  } catch (error) {
    note(error);
  }
}

async function sleepOn(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  try {
    await sleep(60_000);
  } catch (error) {
    note(error);
    seen.push(connection.closeCode);
    throw error;
  }
}

async function receiveAndSleep(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  await connection.receive().catch(note);
  await sleep(200);
  seen.push("whole");
}

async function group(connection: WebSocketConnection): Promise<void> {
  await connection.accept();
  await taskGroup(async (tasks) => {
    tasks.createTask(async () => {
      try {
        await sleep(60_000);
      } finally {
        seen.push("sender ended");
      }
    });
    tasks.createTask(() => connection.receive());
  });
}

function watched(wait: (connection: WebSocketConnection) => Promise<unknown>): View {
  return async (connection) => {
    await connection.accept();
    createTask(async () => {
      try {
        await sleep(60_000);
      } finally {
        seen.push("child ended");
        connection.onDisconnect(() => seen.push("heard late"));
      }
    });
    entered.set();
    try {
      await wait(connection);
    } catch (error) {
      note(error);
      seen.push(connection.closeCode);
      for (const again of [() => connection.receive(), () => connection.send("late")])
        await again().catch((late: unknown) => seen.push((late as Error).name));
      throw error;
    }
  };
}

async function sendWithoutEnd(connection: WebSocketConnection): Promise<void> {
  for (;;) {
    await connection.send("x".repeat(10_000));
    counts.sent++;
  }
}
