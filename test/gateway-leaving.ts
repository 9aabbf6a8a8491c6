/** Clients that leave at every point of a request, and what becomes of what the request had started. */

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { createTask, currentSignal, Event, sleep, uncancellable } from "../src/asyncio/index.ts";
import { type Application, ClientDisconnected, type Exchange } from "../src/http/index.ts";
import {
  assertDisconnected,
  type ContractRequest,
  type DefineCase,
  megabyte,
  Parked,
  plain,
  readAll,
  Streams,
  until,
} from "./gateway-scene.ts";

const parked = new Parked();
const streams = new Streams();
const children = { fed: false, cancelled: false };
const heard: string[] = [];
let masked: unknown;

const sleepers: [title: string, handle: Application["handle"], request: ContractRequest][] = [
  ["that waits on GET", parked.wait, { method: "GET", target: "/" }],
  ["that waits after it read the body", parked.readAndWait, { method: "POST", target: "/", body: "x".repeat(100) }],
  ["that waits with a small body unread", parked.wait, { method: "POST", target: "/", body: "x" }],
  ["that waits with 1 MB of body unread", parked.wait, { method: "POST", target: "/", body: "x".repeat(megabyte) }],
];

/** Defines the cases of clients that leave. */
export function testLeaving(gateway: DefineCase): void {
  for (const [title, handle, request] of sleepers) {
    for (const how of ["leave", "halfClose"] as const) {
      gateway(`a request ${title} is cancelled by ${how}()`, handle, async ({ connection, entry, implementer }) => {
        await connection.request(request);
        await parked.entered();
        connection[how]();
        const { outcome, status, bytes } = await entry();
        assert(
          outcome.kind === "cancelled" && outcome.reason instanceof ClientDisconnected,
          `outcome is ${outcome.kind}`,
        );
        const { hasPeer = true } = implementer;
        const message = hasPeer ? /^Client [^ ]+ disconnected after \d+ ms$/ : /^Client disconnected after \d+ ms$/;
        assert.match(outcome.reason.message, message);
        assert.deepEqual([status, bytes, parked.cleaned], [undefined, 0, true]);
      });
    }
    gateway(`a request ${title} is served if its client stays`, handle, async ({ connection, entry }) => {
      const call = await connection.request(request);
      await parked.entered();
      parked.release();
      assert.equal(await readAll(call), "woken");
      assert.deepEqual((await entry()).outcome, { kind: "served" });
    });
  }

  gateway("an upload that is aborted midway cancels who reads it", readBody, async ({ connection, entry }) => {
    const call = await connection.request({ method: "POST", target: "/", body: 1_000 });
    await call.send(Buffer.alloc(10));
    connection.leave();
    assertDisconnected(await entry());
  });

  for (const how of ["leave", "halfClose"] as const) {
    gateway(`a stream is closed by ${how}()`, endlessStream, async ({ connection, entry }) => {
      const call = await connection.request({ method: "GET", target: "/" });
      await call.read();
      assert.equal(streams.open, 1);
      connection[how]();
      assertDisconnected(await entry());
      assert.equal(streams.open, 0);
    });
  }

  gateway("a stream waits for a client that does not read", endlessStream, async ({ connection, entry }) => {
    const before = streams.pieces;
    const call = await connection.request({ method: "GET", target: "/" });
    await call.head();
    await until(() => streams.waits(before));
    assert(streams.pieces - before < 1_000, `${streams.pieces - before} pieces were made`);
    connection.leave();
    assertDisconnected(await entry());
    assert.equal(streams.open, 0);
  });

  gateway("a large response to a client that left ends the request", respondLarge, async ({ connection, entry }) => {
    const call = await connection.request({ method: "GET", target: "/" });
    await call.head();
    connection.leave();
    assertDisconnected(await entry());
  });

  gateway(
    "requests that were sent without waiting are all cancelled if the client leaves",
    parked.wait,
    async ({ connection, entry, implementer }) => {
      const running = Math.min(3, implementer.atOnce);
      for (let i = 0; i < 3; i++) {
        await connection.request({ method: "GET", target: `/${i}` });
        if (i < running) await parked.entered();
      }
      connection.leave();
      for (let i = 0; i < running; i++) assertDisconnected(await entry());
    },
  );

  gateway("tasks that a request started end with it, after its body", startChildren, async ({ connection, entry }) => {
    const call = await connection.request({ method: "GET", target: "/" });
    assert.equal(await readAll(call), "fed by a child");
    assert.deepEqual((await entry()).outcome, { kind: "served" });
    assert.deepEqual(children, { fed: true, cancelled: true });
  });

  gateway("tasks that a request started are cancelled with it", startChildren, async ({ connection, entry }) => {
    await connection.request({ method: "GET", target: "/wait" });
    await parked.entered();
    connection.leave();
    assertDisconnected(await entry());
    assert.deepEqual(children, { fed: false, cancelled: true });
  });

  gateway("one catch {} does not keep a request alive", swallow, async ({ connection, entry }) => {
    await connection.request({ method: "GET", target: "/" });
    await parked.entered();
    connection.leave();
    assertDisconnected(await entry());
  });

  gateway(
    "onDisconnect() calls at once if the client has left already, and once",
    listenLate,
    async ({ connection, entry }) => {
      await connection.request({ method: "GET", target: "/" });
      await parked.entered();
      connection.leave();
      assertDisconnected(await entry());
      assert.deepEqual(heard, ["early", "late"]);
    },
  );

  gateway(
    "a platform function that is aborted by the client's leaving is no failure",
    platformWait,
    async ({ connection, entry }) => {
      await connection.request({ method: "GET", target: "/" });
      await parked.entered();
      connection.leave();
      assertDisconnected(await entry());
    },
  );

  gateway(
    "a client that leaves ends also what cannot be cancelled: a read",
    readMasked,
    async ({ connection, entry }) => {
      await connection.request({ method: "POST", target: "/", body: 5 });
      await parked.entered();
      connection.leave();
      assertDisconnected(await entry());
      assert(masked instanceof ClientDisconnected);
    },
  );

  gateway(
    "a client that leaves ends also what cannot be cancelled: a response",
    respondMasked,
    async ({ connection, entry }) => {
      const call = await connection.request({ method: "GET", target: "/" });
      await call.head();
      connection.leave();
      assertDisconnected(await entry());
      assert(masked instanceof ClientDisconnected);
    },
  );
}

function endlessStream(exchange: Exchange): Promise<void> {
  return exchange.respond(200, plain, streams.endless());
}

function respondLarge(exchange: Exchange): Promise<void> {
  return exchange.respond(200, plain, Buffer.alloc(50 * megabyte));
}

async function startChildren(exchange: Exchange): Promise<void> {
  Object.assign(children, { fed: false, cancelled: false });
  createTask(async () => {
    try {
      await sleep(60_000);
    } finally {
      await sleep(1);
      children.cancelled = true;
    }
  });
  if (exchange.target === "/wait") await parked.wait(exchange);
  const fed = new Event();
  createTask(async () => {
    await sleep(5);
    children.fed = true;
    fed.set();
  });
  await exchange.respond(
    200,
    plain,
    (async function* () {
      await fed.wait();
      yield "fed by a child";
    })(),
  );
}

async function swallow(): Promise<void> {
  parked.enter();
  for (;;) {
    try {
      await sleep(60_000);
    } catch {
      // The first cancellation gets lost here. Those that insist end the loop below.
      for (;;) await sleep(1);
    }
  }
}

async function listenLate(exchange: Exchange): Promise<void> {
  heard.length = 0;
  exchange.onDisconnect(() => heard.push("early"));
  try {
    await parked.wait(exchange);
  } finally {
    exchange.onDisconnect(() => heard.push("late"));
  }
}

async function platformWait(): Promise<void> {
  parked.enter();
  await setTimeout(60_000, undefined, { signal: currentSignal() });
}

async function readMasked(exchange: Exchange): Promise<void> {
  parked.enter();
  masked = await uncancellable(() => exchange.read()).catch((error: unknown) => error);
}

async function respondMasked(exchange: Exchange): Promise<void> {
  const large = Buffer.alloc(50 * megabyte);
  masked = await uncancellable(() => exchange.respond(200, plain, large)).catch((error: unknown) => error);
}

async function readBody(exchange: Exchange): Promise<void> {
  while ((await exchange.read()) !== undefined);
  await exchange.respond(200, plain, "read");
}
