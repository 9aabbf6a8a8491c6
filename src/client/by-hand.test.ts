// A real server cannot make several events happen in one turn, so here the test itself answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, isCancelled } from "../asyncio/index.ts";
import { findUncollected } from "../base/garbage.fixture.ts";
import type { ClientResponse } from "./response.ts";
import { ClientSession } from "./session.ts";
import type { DispatchController, DispatchHandler } from "./undici.ts";
import { SessionClosedError } from "./errors.ts";

/** A dispatcher that lets the test answer each request. */
class Hand {
  readonly handlers: DispatchHandler[] = [];
  aborted = 0;
  paused = 0;
  readonly controller: DispatchController = {
    abort: () => void this.aborted++,
    pause: () => void this.paused++,
    resume: () => void this.paused--,
  };

  dispatch(_: object, handler: DispatchHandler): boolean {
    handler.onRequestStart(this.controller);
    this.handlers.push(handler);
    return true;
  }

  /** Answers the request with the number `index`. */
  head(index: number): DispatchHandler {
    const handler = this.handlers[index]!;
    handler.onResponseStart(this.controller, 200, {});
    return handler;
  }
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setImmediate(resolve));
}

test("a request that is answered and cancelled in one turn leaves no response behind", async () => {
  const hand = new Hand();
  await using session = new ClientSession({ dispatcher: hand });
  const task = createTask(() => session.get("http://a/"));
  await until(() => hand.handlers.length === 1);
  hand.head(0);
  task.cancel();
  await assert.rejects(task, isCancelled);
  assert.equal(session.statistics().inUse, 0);
  assert.equal(hand.aborted, 1);
});

test("a request that is given a connection in the turn in which the session closes is refused", async () => {
  const hand = new Hand();
  const session = new ClientSession({ dispatcher: hand, limit: 1 });
  const first = createTask(() => session.get("http://a/"));
  await until(() => hand.handlers.length === 1);
  const second = createTask(() => session.get("http://a/"));
  await until(() => session.statistics().waiting === 1);
  hand.head(0).onResponseEnd();
  await session.close();
  assert.equal((await first).status, 200);
  await assert.rejects(second, SessionClosedError);
  assert.equal(hand.handlers.length, 1);
  assert.equal(session.statistics().inUse, 0);
});

test("a body that nobody reads is paused at 64 KiB, and goes on when it is read", async () => {
  const hand = new Hand();
  await using session = new ClientSession({ dispatcher: hand });
  const task = createTask(() => session.get("http://a/"));
  await until(() => hand.handlers.length === 1);
  const handler = hand.head(0);
  const response = await task;
  handler.onResponseData(hand.controller, Buffer.alloc(65_535));
  assert.equal(hand.paused, 0);
  handler.onResponseData(hand.controller, Buffer.alloc(1));
  assert.equal(hand.paused, 1);
  for await (const piece of response.body) {
    assert.equal(piece.length, 65_535);
    assert.equal(hand.paused, 0);
    break;
  }
});

test("a request whose time limit is 0 is not sent", async () => {
  const hand = new Hand();
  await using session = new ClientSession({ dispatcher: hand });
  await assert.rejects(session.get("http://a/", { timeout: 0 }), { name: "ClientTimeoutError" });
  assert.equal(hand.handlers.length, 0);
});

test("what is told of a request that is over is not heard", async () => {
  const hand = new Hand();
  await using session = new ClientSession({ dispatcher: hand });
  const task = createTask(() => session.get("http://a/"));
  await until(() => hand.handlers.length === 1);
  const handler = hand.handlers[0]!;
  task.cancel();
  await assert.rejects(task, isCancelled);
  handler.onResponseStart(hand.controller, 200, {});
  handler.onResponseData(hand.controller, Buffer.alloc(1_000_000));
  handler.onResponseEnd();
  handler.onResponseError(hand.controller, new Error("late"));
  handler.onRequestStart(hand.controller);
  assert.equal(hand.aborted, 2, "one that begins after it was given up is ended");
  assert.deepEqual(session.statistics(), { open: 0, inUse: 0, idle: 0, waiting: 0 });
});

test("a scope that lives on keeps no response that is over", async () => {
  const hand = new Hand();
  await using session = new ClientSession({ dispatcher: hand });
  const refs: WeakRef<ClientResponse>[] = [];
  const bodies: WeakRef<Uint8Array>[] = [];
  await createTask(async () => {
    for (let n = 0; n < 3; n++) await ask(n);
  });
  async function ask(n: number): Promise<void> {
    const asked = createTask(() => session.get("http://a/"));
    await until(() => hand.handlers.length === n + 1);
    const handler = hand.head(n);
    const response = await asked;
    const piece = Buffer.alloc(1_000);
    handler.onResponseData(hand.controller, piece);
    handler.onResponseEnd();
    bodies.push(new WeakRef(await response.bytes()));
    refs.push(new WeakRef(response));
  }
  hand.handlers.length = 0;
  assert.deepEqual(await findUncollected([...refs, ...bodies]), []);
});

test("a request comes to its end in whichever microtask its session is closed", { timeout: 5_000 }, async () => {
  for (let turns = 0; turns < 10; turns++) {
    const session = new ClientSession({ dispatcher: new Hand() });
    const asked = assert.rejects(session.get("http://a/"), SessionClosedError);
    for (let n = 0; n < turns; n++) await Promise.resolve();
    await session.close();
    await asked;
    assert.equal(session.statistics().inUse, 0);
  }
});
