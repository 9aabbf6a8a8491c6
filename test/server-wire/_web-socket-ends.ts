// Clients that vanish in each state of a WebSocket, clients that answer nothing, and servers that end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cancellationOf, Event, sleep } from "../../src/asyncio/index.ts";
import {
  type Application,
  ClientDisconnected,
  ConnectionCut,
  ServerShutdown,
  WebSocketClosed,
  type WebSocketConnection,
} from "../../src/http/index.ts";
import { closeFrame, frame, frames, handshake } from "./_frames.ts";
import { echoTarget, play, type Scene, type Wire } from "./_wire.ts";

/** A view that says where it is, and why it ended. */
class View implements Application {
  readonly handle: typeof echoTarget = echoTarget;
  readonly entered: Event = new Event();
  readonly released: Event = new Event();
  sent = 0;
  ended: unknown;
  isCleaned = false;
  readonly #body: (connection: WebSocketConnection, view: View) => Promise<unknown>;

  constructor(body: (connection: WebSocketConnection, view: View) => Promise<unknown>) {
    this.#body = body;
  }

  readonly websocket = async (connection: WebSocketConnection): Promise<void> => {
    try {
      await this.#body(connection, this);
    } catch (error) {
      this.ended = cancellationOf(error)?.reason ?? error;
      throw error;
    } finally {
      await sleep(1);
      this.isCleaned = true;
    }
  };
}

async function sendWithoutEnd(connection: WebSocketConnection, view: View): Promise<void> {
  for (; ; view.sent++) await connection.send("x".repeat(10_000));
}

async function atRest(count: () => number): Promise<void> {
  for (let last = -1; last !== count() || last === 0; await sleep(30)) last = count();
}

/** The states of a WebSocket, and what its client does until it is in them. */
const states: [
  title: string,
  body: ConstructorParameters<typeof View>[0],
  reach?: (wire: Wire, view: View) => Promise<void>,
][] = [
  [
    "before it is accepted",
    (_, view) => {
      view.entered.set();
      return sleep(60_000);
    },
  ],
  [
    "while it receives",
    async (connection, view) => {
      await connection.accept();
      view.entered.set();
      await connection.receive();
    },
  ],
  [
    "while a half message has arrived",
    async (connection, view) => {
      await connection.accept();
      await connection.receive();
      view.entered.set();
      await connection.receive();
    },
    async (wire) => void wire.send(frame("whole") + frame("half", { fin: false })),
  ],
  [
    "while it sends to a client that does not read",
    async (connection, view) => {
      await connection.accept();
      view.entered.set();
      await sendWithoutEnd(connection, view);
    },
    async (wire, view) => {
      wire.pause();
      await view.entered.wait();
      await atRest(() => view.sent);
    },
  ],
  [
    "while it waits for something else",
    async (connection, view) => {
      await connection.accept();
      view.entered.set();
      await sleep(60_000);
    },
  ],
];

for (const [title, body, reach] of states) {
  for (const how of ["leave", "reset", "halfClose"] as const) {
    test(`serve() cancels a WebSocket whose client vanishes ${title}, by ${how}()`, async () => {
      const view = new View(body);
      await using scene = await play(view);
      const wire = await scene.open();
      wire.send(...handshake());
      await reach?.(wire, view);
      await view.entered.wait();
      wire[how]();
      await assertVanished(scene, view);
    });
  }
}

for (const how of ["leave", "reset", "halfClose"] as const) {
  test(`serve() ends a WebSocket that it closes when its client vanishes, by ${how}()`, async () => {
    const view = new View((connection) => connection.accept());
    await using scene = await play(view);
    const wire = await scene.open();
    assert.deepEqual(await frames(wire.send(...handshake()), "close 1000"), ["close 1000"]);
    wire[how]();
    assert.deepEqual((await scene.entriesOf(1))[0]?.outcome, { kind: "served" });
    await assertEmpty(scene);
  });

  test(`serve() breaks a rejection off when its client vanishes, by ${how}()`, async () => {
    const view = new View((connection, it) =>
      connection.reject(
        403,
        [],
        (async function* () {
          yield "x";
          it.entered.set();
          for (; ; it.sent++) yield "x".repeat(10_000);
        })(),
      ),
    );
    await using scene = await play(view);
    const wire = await scene.open();
    wire.pause();
    wire.send(...handshake());
    await view.entered.wait();
    await atRest(() => view.sent);
    wire[how]();
    await assertVanished(scene, view);
  });
}

test("serve() notices by a ping that a client was reset whose messages are not received", async () => {
  const view = new View(states[4]![1]);
  await using scene = await play(view, { bodyBuffer: 1000, webSocketPingInterval: 30 });
  const wire = await scene.open();
  wire.send(...handshake()).send(frame("x".repeat(100_000)).repeat(3));
  await view.entered.wait();
  await wire.until(/\x89\0/);
  wire.reset();
  await assertVanished(scene, view);
});

test("serve() cuts a client that answers no ping", async () => {
  const view = new View(states[1]![1]);
  await using scene = await play(view, { webSocketPingInterval: 30 });
  const wire = await scene.open();
  assert.deepEqual(await frames(wire.send(...handshake())), ["ping"]);
  const [entry] = await scene.entriesOf(1);
  assert(entry?.outcome.kind === "cancelled" && entry.outcome.reason instanceof ConnectionCut);
  assert.match(entry.outcome.reason.message, /: the client answered no ping for 30 ms$/);
  assert.equal(view.ended, entry.outcome.reason);
  await assertEmpty(scene);
});

test("serve() pings a client as long as it answers, with a pong or with anything else", async () => {
  const view = new View(async (connection) => {
    await connection.accept();
    for (;;) await connection.receive();
  });
  await using scene = await play(view, { webSocketPingInterval: 200 });
  const wire = await scene.open();
  wire.send(...handshake());
  for (const answer of [
    frame("", { opcode: 10 }),
    frame("a message"),
    frame("half", { fin: false }),
    frame("", { opcode: 10 }),
  ]) {
    const { length } = wire.received;
    await wire.until(new RegExp(`^[^]{${length}}[^]*\\x89\\0$`));
    wire.send(answer);
  }
  assert.deepEqual((await frames(wire, "ping")).slice(0, 4), ["ping", "ping", "ping", "ping"]);
  assert.equal(scene.server.statistics().requests, 1);
});

test("serve() does not hold it against a client that its messages are not received", async () => {
  const view = new View(async (connection, it) => {
    await connection.accept();
    await it.released.wait();
    for (;;) await connection.receive();
  });
  await using scene = await play(view, { bodyBuffer: 1000, webSocketPingInterval: 30 });
  const wire = await scene.open();
  wire.send(...handshake()).send(frame("x".repeat(100_000)).repeat(3));
  // Pings that it does not answer, since its answers would not be read.
  await wire.until(/(?:\x89\0){4}/);
  view.released.set();
  wire.send(closeFrame(1000));
  assert.deepEqual((await scene.entriesOf(1))[0]?.outcome, { kind: "served" });
});

test("serve() sends no ping if the interval is Infinity", async () => {
  const view = new View((connection) => connection.accept().then(() => connection.receive()));
  await using scene = await play(view, { webSocketPingInterval: Infinity });
  const wire = await scene.open();
  wire.send(...handshake()).send(frame("end") + closeFrame(1000));
  assert.deepEqual(await frames(wire), ["close 1000"]);
});

test("serve() cuts a client that does not answer a Close in its time", async () => {
  const view = new View((connection) => connection.accept());
  await using scene = await play(view, { webSocketCloseTimeout: 50 });
  const wire = await scene.open();
  assert.deepEqual(await frames(wire.send(...handshake())), ["close 1000"]);
  assert.deepEqual((await scene.entriesOf(1))[0]?.outcome, { kind: "served" });
  await assertEmpty(scene);
});

test("serve() cuts a client that closes the WebSocket and not the connection", async () => {
  const view = new View((connection) => connection.accept().then(() => connection.receive()));
  await using scene = await play(view, { webSocketCloseTimeout: 50 });
  const wire = await scene.open();
  assert.deepEqual(await frames(wire.send(...handshake()).send(closeFrame(1000))), ["close 1000"]);
  await scene.entriesOf(1);
  assert(view.ended instanceof WebSocketClosed);
  await assertEmpty(scene);
});

test("serve() gives a slow client all that was sent before the Close, whatever the time to answer that", async () => {
  const view = new View(async (connection) => {
    await connection.accept();
    await connection.send("x".repeat(20_000_000));
  });
  await using scene = await play(view, { webSocketCloseTimeout: 20 });
  const wire = await scene.open();
  wire.send(...handshake()).pause();
  await sleep(100);
  wire.resume();
  const received = await wire.untilLength(20_000_000);
  assert(received.length >= 20_000_000);
  wire.send(closeFrame(1000));
  assert.deepEqual((await scene.entriesOf(1))[0]?.outcome, { kind: "served" });
});

test("close() sends 1001 to each WebSocket, and lets a view that is told of it end", async () => {
  const view = new View(states[1]![1]);
  await using scene = await play(view, { drainTimeout: 60_000 });
  const wire = await scene.open();
  wire.send(...handshake());
  await view.entered.wait();
  const closing = scene.server.close();
  assert.deepEqual(await frames(wire, "close 1001"), ["close 1001"]);
  wire.send(closeFrame(1001));
  await closing;
  assert.deepEqual(scene.entries[0]?.outcome, { kind: "served" });
  assert(view.ended instanceof WebSocketClosed && view.ended.code === 1001);
});

test("close() cancels a view with ServerShutdown that goes on after the 1001", async () => {
  const view = new View(states[4]![1]);
  await using scene = await play(view, { drainTimeout: 50 });
  const wire = await scene.open();
  wire.send(...handshake());
  await view.entered.wait();
  const closing = scene.server.close();
  assert.deepEqual(await frames(wire), ["close 1001"]);
  await closing;
  const { outcome } = scene.entries[0]!;
  assert(outcome.kind === "cancelled" && outcome.reason instanceof ServerShutdown);
  assert.equal(view.ended, outcome.reason);
  assert(view.isCleaned);
});

test("close() sends 1001 to a WebSocket that is accepted while it waits", async () => {
  const view = new View(async (connection, it) => {
    it.entered.set();
    await it.released.wait();
    await connection.accept();
    await connection.receive();
  });
  await using scene = await play(view, { drainTimeout: 60_000 });
  const wire = await scene.open();
  wire.send(...handshake());
  await view.entered.wait();
  const closing = scene.server.close();
  view.released.set();
  assert.deepEqual(await frames(wire, "close 1001"), ["close 1001"]);
  wire.send(closeFrame(1001));
  await closing;
  assert(view.ended instanceof WebSocketClosed && view.ended.code === 1001);
});

test("close() ends within a bound if a client neither reads nor answers", async () => {
  const view = new View(states[3]![1]);
  await using scene = await play(view, { drainTimeout: 50, cancelGrace: 50 });
  const wire = await scene.open();
  wire.send(...handshake()).pause();
  await view.entered.wait();
  await atRest(() => view.sent);
  await scene.server.close();
  assert(view.ended instanceof WebSocketClosed && view.ended.code === 1001);
  assert.deepEqual(scene.server.statistics(), { connections: 0, requests: 0 });
});

test("serve() cuts a client that takes none of its messages for long", async () => {
  const view = new View(states[3]![1]);
  await using scene = await play(view, { writeTimeout: 100 });
  const wire = await scene.open();
  wire.send(...handshake()).pause();
  const [entry] = await scene.entriesOf(1);
  assert(entry?.outcome.kind === "cancelled" && entry.outcome.reason instanceof ConnectionCut);
  assert.match(entry.outcome.reason.message, /took nothing of the response for 100 ms$/);
});

async function assertVanished(scene: Scene, view: View): Promise<void> {
  const [entry] = await scene.entriesOf(1);
  assert(entry?.outcome.kind === "cancelled");
  assert(entry.outcome.reason instanceof ClientDisconnected, String(entry.outcome.reason));
  assert.equal(view.ended, entry.outcome.reason);
  assert(view.isCleaned);
  await assertEmpty(scene);
}

/** Waits until nothing is left of the connections. */
async function assertEmpty({ server }: Scene): Promise<void> {
  while (server.statistics().connections > 0) await sleep(5);
  assert.deepEqual(server.statistics(), { connections: 0, requests: 0 });
}
