// Every limit of the server that the docs name, by the clock: not before it, and not long after.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createTask, Event, isCancelled, sleep } from "../../src/asyncio/index.ts";
import { ConnectionCut, type Exchange, ServerShutdown } from "../../src/http/index.ts";
import type { ServeOptions } from "../../src/server/index.ts";
import { Gate } from "../../src/server/gate.fixture.ts";
import { countBody, echoTarget, play, type Scene, statuses, type Wire } from "./_wire.ts";

/** What a busy machine may add. It is far less than the half minute that a server takes which looks seldom. */
const slack = 5_000;
const host = "Host: a";

/** Runs `body`, and checks that it took no less than `limit` milliseconds and not much more. */
async function takes(limit: number, body: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await body();
  const elapsed = performance.now() - start;
  assert(elapsed >= limit && elapsed < limit + slack, `it took ${Math.round(elapsed)} ms instead of ${limit} ms`);
}

/** Sends `text` every few milliseconds until the connection has ended. */
function drip(context: TestContext, wire: Wire, text: string): void {
  const timer = setInterval(() => (wire.isClosed ? clearInterval(timer) : wire.send(text)), 20);
  context.after(() => clearInterval(timer));
}

interface LateCase {
  readonly title: string;
  readonly options: ServeOptions;
  readonly limit: number;
  readonly send: (wire: Wire, context: TestContext) => void;
}

const lateCases: readonly LateCase[] = [
  { title: "a silent connection", options: { headersTimeout: 400 }, limit: 400, send: () => undefined },
  {
    title: "half a head",
    options: { headersTimeout: 400 },
    limit: 400,
    send: (wire) => void wire.send("GET / HTTP/1.1", host),
  },
  {
    title: "a dripped head",
    options: { headersTimeout: 400 },
    limit: 400,
    send: (wire, context) => drip(context, wire.send("GET / HTTP/1.1", host, "X: "), "x"),
  },
  {
    title: "a head that is late for the whole request",
    options: { requestTimeout: 400 },
    limit: 400,
    send: (wire) => void wire.send("GET / HTTP/1.1", host),
  },
  {
    title: "half a body",
    options: { requestTimeout: 600, headersTimeout: 300 },
    limit: 600,
    send: (wire) => void wire.send("POST / HTTP/1.1", host, "Content-Length: 9", "", "half"),
  },
  {
    title: "a dripped body",
    options: { requestTimeout: 600 },
    limit: 600,
    send: (wire, context) => drip(context, wire.send("POST / HTTP/1.1", host, "Content-Length: 99999", "", ""), "x"),
  },
  {
    title: "a chunked body without an end",
    options: { requestTimeout: 600 },
    limit: 600,
    send: (wire) => void wire.send("POST / HTTP/1.1", host, "Transfer-Encoding: chunked", "", "2", "xx", ""),
  },
];

for (const { title, options, limit, send } of lateCases) {
  test(`serve() answers ${title} with 408 after ${limit} ms`, async (context) => {
    await using scene = await play(countBody, options);
    await takes(limit, async () => {
      const wire = await scene.open();
      send(wire, context);
      assert.deepEqual(statuses(await wire.closed()), [408]);
    });
    const [entry] = await scene.entriesOf(1);
    assert.equal(entry?.status, 408);
    assert.notEqual(entry?.outcome.kind, "served");
  });
}

test("serve() answers half a head behind an answered request with 408", async () => {
  await using scene = await play(echoTarget, { headersTimeout: 400, keepAliveTimeout: 200 });
  const wire = await scene.open();
  wire.send("GET /a HTTP/1.1", host, "", "");
  await wire.until(/\/a$/);
  await takes(400, async () => {
    wire.send("GET /b HTTP/1.1", host);
    assert.deepEqual(statuses(await wire.closed()), [200, 408]);
  });
});

test("serve() cancels a request whose body is late with ConnectionCut", async () => {
  const seen: unknown[] = [];
  await using scene = await play(
    async (exchange) => {
      exchange.onDisconnect((reason) => seen.push(reason));
      await countBody(exchange);
    },
    { requestTimeout: 300 },
  );
  (await scene.open()).send("POST /late HTTP/1.1", host, "Content-Length: 9", "", "half");
  const [entry] = await scene.entriesOf(1);
  const { outcome, method, target, status } = entry!;
  assert(outcome.kind === "cancelled" && outcome.reason instanceof ConnectionCut);
  assert.match(outcome.reason.message, /^Server cut the connection to 127.* the request did not arrive in time$/);
  assert.deepEqual([method, target, status, seen], ["POST", "/late", 408, [outcome.reason]]);
});

test("serve() does not cut a request whose view takes longer than the time to send it", async () => {
  const gate = new Gate();
  await using scene = await play(gate, { requestTimeout: 100, headersTimeout: 100 });
  const wire = await scene.open();
  wire.send("GET /slow HTTP/1.1", host, "", "");
  await gate.entered.wait();
  await sleep(400);
  gate.open.set();
  assert.deepEqual(statuses(await wire.until(/\/slow$/)), [200]);
});

test("serve() closes a connection that is kept without a request after keepAliveTimeout", async () => {
  const limit = 400;
  await using scene = await play(echoTarget, { keepAliveTimeout: limit });
  const times: number[] = [];
  // A busy machine may add to one of them.
  for (let i = 0; i < 5; i++) {
    const wire = await scene.open();
    const start = performance.now();
    wire.send("GET /a HTTP/1.1", host, "", "");
    assert.deepEqual(statuses(await wire.closed()), [200]);
    times.push(performance.now() - start);
  }
  const fastest = Math.min(...times);
  assert(fastest >= limit && fastest < limit + 500, `it took ${times.map(Math.round).join(", ")} ms`);
});

const megabyte = 2 ** 20;

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(65_536);
}

const bodies: readonly [title: string, respond: (exchange: Exchange) => Promise<void>][] = [
  ["a body of 30 MB", (exchange) => exchange.respond(200, [], Buffer.alloc(30 * megabyte))],
  ["an endless stream", (exchange) => exchange.respond(200, [], endless())],
];

for (const [title, respond] of bodies) {
  test(`serve() cuts a client that does not read ${title} after writeTimeout`, async () => {
    const reasons: unknown[] = [];
    await using scene = await play(
      (exchange) => {
        exchange.onDisconnect((reason) => reasons.push(reason));
        return respond(exchange);
      },
      { writeTimeout: 500 },
    );
    const wire = await scene.open();
    wire.pause();
    await takes(500, async () => {
      wire.send("GET / HTTP/1.1", host, "", "");
      await scene.entriesOf(1);
    });
    const [{ outcome, status }] = scene.entries as [(typeof scene.entries)[0]];
    assert(outcome.kind === "cancelled" && outcome.reason instanceof ConnectionCut, outcome.kind);
    assert.match(outcome.reason.message, /the client took nothing of the response for 500 ms$/);
    assert.deepEqual([status, reasons], [200, [outcome.reason]]);
    wire.resume();
    await wire.closed();
    await until(() => scene.server.statistics().connections === 0);
  });
}

test("serve() cuts a client that closed its half and does not read what is on its way", async () => {
  await using scene = await play((exchange) => exchange.respond(200, [], Buffer.alloc(30 * megabyte)), {
    writeTimeout: 300,
  });
  const wire = await scene.open();
  wire.pause();
  wire.send("GET / HTTP/1.1", host, "", "");
  wire.halfClose();
  await scene.entriesOf(1);
  await until(() => scene.server.statistics().connections === 0);
});

test("serve() does not cut a client that reads slowly, nor a stream that has nothing to send", async () => {
  const more = new Event();
  await using scene = await play(
    (exchange) => {
      if (exchange.target === "/large") return exchange.respond(200, [], Buffer.alloc(60 * megabyte));
      return exchange.respond(
        200,
        [],
        (async function* () {
          yield "one ";
          await more.wait();
          yield "two";
        })(),
      );
    },
    { writeTimeout: 1_000 },
  );
  const [quiet, slow] = [await scene.open(), await scene.open()];
  quiet.send("GET /quiet HTTP/1.1", host, "", "");
  slow.send("GET /large HTTP/1.1", host, "", "");
  // A little, six times in nearly two seconds; then all.
  for (let i = 0; i < 6; i++) {
    const before = slow.bytesRead;
    slow.resume();
    await until(() => slow.bytesRead >= before + megabyte);
    slow.pause();
    await sleep(300);
  }
  slow.resume();
  const [entry] = await scene.entriesOf(1);
  assert.equal(entry?.outcome.kind, "served");
  more.set();
  assert.match(await quiet.until(/two/), /two/);
});

test("serve() gives running requests drainTimeout before it cancels them", async () => {
  const gate = new Gate();
  const scene = await play(gate, { drainTimeout: 400 });
  const wire = await scene.open();
  wire.send("GET / HTTP/1.1", host, "", "");
  await gate.entered.wait();
  await takes(400, () => scene.server.close());
  assert(gate.reason instanceof ServerShutdown);
  assert.deepEqual(statuses(wire.received), [503]);
});

test("serve() cancels a request that goes on again after cancelGrace", async () => {
  const times: number[] = [];
  const entered = new Event();
  await using scene = await play(
    async () => {
      entered.set();
      try {
        await sleep(60_000);
      } catch (error) {
        assert(isCancelled(error));
        times.push(performance.now());
      }
      try {
        await sleep(60_000);
      } finally {
        times.push(performance.now());
      }
    },
    { cancelGrace: 400 },
  );
  const wire = await scene.open();
  wire.send("GET / HTTP/1.1", host, "", "");
  await entered.wait();
  wire.leave();
  await scene.entriesOf(1);
  const [first = 0, second = 0] = times;
  assert(second - first >= 395 && second - first < 400 + slack, `${second - first} ms`);
});

test("serve() drops eight times bodyBuffer of a body that is not wanted, and then cuts the connection", async () => {
  const bodyBuffer = 16_384;
  await using scene = await play(echoTarget, { bodyBuffer });
  const wire = await scene.open();
  wire.send("POST /x HTTP/1.1", host, "Content-Length: 1000000", "", "");
  await wire.until(/\/x$/);
  await scene.entriesOf(1);
  wire.send("x".repeat(8 * bodyBuffer));
  // The server has read it when the same is so for a request that was sent later.
  await (await scene.open()).send("GET /y HTTP/1.0", "", "").closed();
  assert.equal(wire.isClosed, false);
  wire.send("x");
  assert.deepEqual(statuses(await wire.closed()), [200]);
});

for (const [title, size, status] of [
  ["15 KiB", 15 * 1_024, 200],
  ["20 KiB", 20 * 1_024, 431],
] as const) {
  test(`serve() answers a head of ${title} with ${status}`, async () => {
    await using scene = await play(echoTarget);
    const wire = await scene.open();
    wire.send("GET / HTTP/1.1", host, `X: ${"x".repeat(size)}`, "", "");
    assert.deepEqual(statuses(await wire.until(/\r\n\r\n./s)), [status]);
    const [entry] = await scene.entriesOf(1);
    assert.deepEqual([entry?.status, entry?.outcome.kind], [status, status === 200 ? "served" : "refused"]);
  });
}

for (const name of ["keepAliveTimeout", "headersTimeout", "requestTimeout", "writeTimeout"]) {
  test(`serve() takes Infinity for ${name}, and refuses 0, NaN and text`, async () => {
    const lifted = { requestTimeout: Infinity, [name]: Infinity };
    await using scene = await play(echoTarget, lifted);
    const wire = await scene.open();
    wire.send("GET /a HTTP/1.1", host, "", "");
    assert.match(await wire.until(/\/a$/), /\/a$/);
    for (const [value, error] of [
      [0, "RangeError"],
      [NaN, "RangeError"],
      ["5", "TypeError"],
    ] as const) {
      await assert.rejects(play(echoTarget, { [name]: value }), {
        name: error,
        message: `Cannot serve as '${name}' must be a number of milliseconds > 0: current value is ${JSON.stringify(value) === "null" ? "NaN" : JSON.stringify(value)}`,
      });
    }
  });
}

test("serve() refuses a headersTimeout above requestTimeout, and has none by default", async () => {
  await using scene: Scene = await play(echoTarget, { requestTimeout: 1_000 });
  assert.equal(scene.server.statistics().requests, 0);
  await assert.rejects(play(echoTarget, { requestTimeout: 1_000, headersTimeout: 2_000 }), {
    name: "RangeError",
    message:
      "Cannot serve as 'headersTimeout' must not be above 'requestTimeout', which is 1000: current value is 2000",
  });
});

/** Waits for what no event tells. */
async function until(condition: () => boolean): Promise<void> {
  const task = createTask(async () => {
    while (!condition()) await sleep(5);
  });
  await task;
}
