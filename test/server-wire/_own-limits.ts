// The limits that only our own engine has, and what it does with requests that are sent without waiting.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { ConnectionCut } from "../../src/http/index.ts";
import { Gate } from "../../src/server/gate.fixture.ts";
import { countBody, echoTarget, play, statuses } from "./_wire.ts";

const host = "Host: a";
const get = (target: string): string => `GET ${target} HTTP/1.1\r\n${host}\r\n\r\n`;

for (const [option, limit, head, status] of [
  ["maxRequestLine", 100, (size: number) => [`GET /${"x".repeat(size - 14)} HTTP/1.1`, host], 414],
  ["maxHeaderSize", 100, (size: number) => ["GET / HTTP/1.1", host, `X: ${"x".repeat(size - host.length - 7)}`], 431],
  ["maxHeaderCount", 5, (size: number) => ["GET / HTTP/1.1", host, ...Array<string>(size - 1).fill("X: y")], 431],
] as const) {
  test(`serve() takes ${option} as it is given, and refuses one more with ${status}`, async () => {
    await using scene = await play(echoTarget, { [option]: limit });
    const exact = await scene.open();
    assert.deepEqual(statuses(await exact.send(...head(limit), "", "").until(/\r\n\r\n./s)), [200]);
    const above = await scene.open();
    assert.deepEqual(statuses(await above.send(...head(limit + 1), "", "").closed()), [status]);
    const entry = (await scene.entriesOf(2)).find(({ outcome }) => outcome.kind === "refused");
    assert.equal(entry?.status, status);
  });
}

test("serve() closes a connection after maxRequestsPerConnection, and says so", async () => {
  await using scene = await play(echoTarget, { maxRequestsPerConnection: 3 });
  const wire = await scene.open();
  wire.send(get("/1") + get("/2") + get("/3") + get("/4"));
  const received = await wire.closed();
  assert.deepEqual(statuses(received), [200, 200, 200]);
  assert.equal(received.match(/^Connection: close\r$/gm)?.length, 1);
  assert.match(received, /Connection: close\r\n\r\n\/3$/);
});

test("serve() answers one connection more than maxConnections with 503, logs it, and takes the next when one has left", async () => {
  await using scene = await play(echoTarget, { maxConnections: 1 });
  const first = await scene.open();
  await first.send(get("/1")).until(/\/1$/);
  const second = await scene.open();
  const received = await second.closed();
  assert.deepEqual(statuses(received), [503]);
  const entry = (await scene.entriesOf(2))[1]!;
  assert(entry.outcome.kind === "refused");
  assert.deepEqual(
    [entry.status, entry.peer?.address, entry.outcome.reason],
    [503, "127.0.0.1", "the server has 1 connections, which is all that it takes"],
  );
  first.leave();
  for (;;) {
    const wire = await scene.open();
    if (statuses(await wire.send(get("/2")).until(/\r\n\r\n./s))[0] === 200) break;
  }
});

test("serve() answers a body that drips more slowly than minBodyRate with 408, and cancels its request", async (context) => {
  await using scene = await play(countBody, { minBodyRate: 1_000 });
  const slow = await scene.open();
  const fast = await scene.open();
  slow.send("POST /slow HTTP/1.1", host, "Content-Length: 1000000", "", "");
  fast.send("POST /fast HTTP/1.1", host, "Content-Length: 1000000", "", "");
  let left = 1_000_000;
  const timer = setInterval(() => {
    slow.send("x");
    const piece = Math.min(left, 20_000);
    if (piece > 0) fast.send("x".repeat(piece));
    left -= piece;
  }, 100);
  context.after(() => clearInterval(timer));
  const begun = performance.now();
  assert.deepEqual(statuses(await slow.closed()), [408]);
  const elapsed = performance.now() - begun;
  assert(elapsed > 4_500 && elapsed < 20_000, `${elapsed} ms`);
  await fast.until(/1000000 bytes$/);
  const entry = (await scene.entriesOf(2)).find(({ target }) => target === "/slow")!;
  assert(entry.outcome.kind === "cancelled" && entry.outcome.reason instanceof ConnectionCut);
  assert.match(entry.outcome.reason.message, /the body of the request arrives too slowly$/);
});

test("serve() begins a request when the one before it is answered, and reads on meanwhile", async () => {
  const gate = new Gate();
  const begun: string[] = [];
  await using scene = await play((exchange) => {
    begun.push(exchange.target);
    return exchange.target === "/waits" ? gate.handle(exchange) : echoTarget(exchange);
  });
  const wire = await scene.open();
  wire.send(get("/waits") + get("/2"));
  await gate.entered.wait();
  wire.send(get("/3"));
  wire.send(get("/4").slice(0, 9));
  await (await scene.open()).send(get("/other")).until(/\/other$/);
  assert.deepEqual(begun, ["/waits", "/other"]);
  wire.leave();
  const entries = await scene.entriesOf(2);
  assert.deepEqual(entries.map(({ target, outcome }) => `${target} ${outcome.kind}`).sort(), [
    "/other served",
    "/waits cancelled",
  ]);
  assert.deepEqual(begun, ["/waits", "/other"]);
});

test("serve() answers a thousand requests that come in one piece, in their order", async () => {
  await using scene = await play(async (exchange) => {
    if (exchange.target.endsWith("7")) await Promise.resolve();
    await exchange.respond(200, [], `<${exchange.target}>`);
  });
  const targets = Array.from({ length: 1_000 }, (_, i) => `/${i}`);
  const wire = await scene.open();
  wire.send(targets.map(get).join(""));
  const received = await wire.until(/<\/999>$/);
  assert.deepEqual(
    [...received.matchAll(/<(.*?)>/g)].map(([, target]) => target),
    targets,
  );
});

test("serve() sends an early answer while a body still comes, and then closes the connection without a reset", async () => {
  await using scene = await play((exchange) => exchange.respond(413, ["Connection", "close"], "too large"));
  const wire = await scene.open();
  wire.send("POST /x HTTP/1.1", host, "Content-Length: 9000000", "", "");
  await wire.until(/too large$/);
  for (let i = 0; i < 10; i++) wire.send("x".repeat(100_000));
  assert.match(await wire.closed(), /too large$/);
  assert.equal(wire.error, undefined);
});

test("serve() frames a stream for HTTP/1.0 by the end of the connection", async () => {
  await using scene = await play((exchange) =>
    exchange.respond(
      200,
      [],
      (async function* () {
        yield "one ";
        yield "two";
      })(),
    ),
  );
  const wire = await scene.open();
  const received = await wire.send("GET / HTTP/1.0", "Connection: keep-alive", "", "").closed();
  assert.match(received, /\r\nConnection: close\r\n\r\none two$/);
  assert.doesNotMatch(received, /chunked/i);
});

test("serve() keeps a connection of HTTP/1.0 that asks for it", async () => {
  await using scene = await play(echoTarget);
  const wire = await scene.open();
  const lines = ["GET /1 HTTP/1.0", "Connection: keep-alive", "", ""];
  assert.match(await wire.send(...lines).until(/\/1$/), /\r\nConnection: keep-alive\r\n/);
  wire.send("GET /2 HTTP/1.0", "", "");
  assert.match(await wire.closed(), /\/2$/);
});

test("serve() counts the time for a head from its connection, also if the process was busy just before", async () => {
  const headersTimeout = 400;
  // The limits are looked after every 20 ms. The look that is due while the process is busy comes after the connection.
  const busyTime = 38;
  await using scene = await play(echoTarget, { headersTimeout });
  const neighbour = await scene.open();
  const times = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      neighbour.send(get(`/${i}`));
      await delay(50 * i + 1);
      const until = performance.now() + busyTime;
      while (performance.now() < until);
      const begun = performance.now();
      const silent = await scene.open();
      assert.deepEqual(statuses(await silent.closed()), [408]);
      return performance.now() - begun;
    }),
  );
  for (const time of times) assert(time >= headersTimeout, `let go after ${time} ms`);
});
