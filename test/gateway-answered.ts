/** What is right: requests of every kind that are answered, each followed by another on the same connection. */

import assert from "node:assert/strict";
import { createTask, Event, sleep } from "../src/asyncio/index.ts";
import type { Exchange } from "../src/http/index.ts";
import { type DefineCase, megabyte, Parked, plain, readAll, readText } from "./gateway-scene.ts";

const parked = new Parked();
const demand = new Event();

/** Defines the cases of requests that are answered. */
export function testAnswered(gateway: DefineCase): void {
  for (const method of ["GET", "DELETE"]) {
    gateway(
      `${method} is answered, and the connection goes on`,
      respondHello,
      async ({ connection, entry, implementer }) => {
        for (let i = 0; i < 3; i++) {
          const call = await connection.request({ method, target: "/a?b=c" });
          const { status, headers } = await call.head();
          assert.equal(status, 200);
          assert.equal(headers[headers.indexOf("Content-Length") + 1], "5");
          assert.equal(await readAll(call), "Hello");
          const { milliseconds, peer, ...rest } = await entry();
          assert.deepEqual(rest, { method, target: "/a?b=c", status: 200, bytes: 5, outcome: { kind: "served" } });
          assert(milliseconds >= 0);
          assert.equal(peer !== undefined, implementer.hasPeer ?? true);
        }
      },
    );
  }

  gateway("a body is handed over whole", echo, async ({ connection, entry }) => {
    for (const length of [0, 1, 3 * megabyte]) {
      const call = await connection.request({ method: "POST", target: "/", body: "x".repeat(length) });
      assert.equal((await readAll(call)).length, length);
      assert.deepEqual((await entry()).outcome, { kind: "served" });
    }
  });

  gateway("a body that comes in pieces is handed over as it comes", countPieces, async ({ connection }) => {
    const call = await connection.request({ method: "POST", target: "/", body: 30 });
    for (let i = 0; i < 3; i++) await call.send(Buffer.alloc(10));
    assert.equal(await readAll(call), "30");
    const again = await connection.request({ method: "POST", target: "/", body: "after" });
    assert.equal(await readAll(again), "5");
  });

  for (const length of [5, megabyte, 3 * megabyte]) {
    gateway(
      `a body of ${length} bytes that nobody reads leaves the request alone`,
      respondHello,
      async ({ connection, entry }) => {
        const call = await connection.request({ method: "POST", target: "/", body: "x".repeat(length) });
        assert.equal(await readAll(call), "Hello");
        assert.deepEqual((await entry()).outcome, { kind: "served" });
        const again = await connection.request({ method: "GET", target: "/" });
        assert.equal(await readAll(again), "Hello");
      },
    );
  }

  gateway("a stream arrives piece by piece", streamOnDemand, async ({ connection, entry }) => {
    const call = await connection.request({ method: "GET", target: "/" });
    assert.equal((await call.head()).status, 200);
    for (const piece of ["one", "two"]) {
      demand.set();
      assert.equal(await readText(call), piece);
    }
    demand.set();
    assert.equal(await call.read(), undefined);
    const { outcome, bytes } = await entry();
    assert.deepEqual([outcome, bytes], [{ kind: "served" }, 6]);
    const again = await connection.request({ method: "HEAD", target: "/" });
    assert.equal(await readAll(again), "");
  });

  gateway("a large response to a client that reads is served", respondLarge, async ({ connection, entry }) => {
    const call = await connection.request({ method: "GET", target: "/" });
    assert.equal((await readAll(call)).length, 50 * megabyte);
    assert.deepEqual((await entry()).outcome, { kind: "served" });
  });

  gateway(
    "requests that are sent without waiting are answered in their order",
    respondTarget,
    async ({ connection, entry }) => {
      // The first one takes the longest.
      const targets = ["/30", "/10", "/0"];
      const calls = await Promise.all(targets.map((target) => connection.request({ method: "GET", target })));
      for (const [index, call] of calls.entries()) assert.equal(await readAll(call), targets[index]);
      for (let i = 0; i < 3; i++) assert.deepEqual((await entry()).outcome, { kind: "served" });
    },
  );

  gateway("HEAD, 204 and 304 have no body, and the connection goes on", respondStatus, async ({ connection }) => {
    const cases: [method: string, target: string, length: string | undefined][] = [
      ["HEAD", "/200", "5"],
      ["GET", "/204", undefined],
      ["GET", "/304", "5"],
      ["GET", "/205", "0"],
    ];
    for (const [method, target, length] of cases) {
      const call = await connection.request({ method, target });
      const { status, headers } = await call.head();
      assert.equal(status, Number(target === "/200" ? 200 : target.slice(1)));
      const at = headers.indexOf("Content-Length");
      assert.equal(at < 0 ? undefined : headers[at + 1], length, `${method} ${target}`);
      assert.equal(await readAll(call), "");
    }
    assert.equal(await readAll(await connection.request({ method: "GET", target: "/200" })), "Hello");
  });

  gateway("two tasks cannot read one body at once", readTwice, async ({ connection }) => {
    const call = await connection.request({ method: "POST", target: "/", body: 5 });
    await parked.entered();
    await call.send(Buffer.from("12345"));
    assert.match(await readAll(call), /^InvalidStateError: .*another task is waiting/);
  });
}

function respondHello(exchange: Exchange): Promise<void> {
  return exchange.respond(200, plain, "Hello");
}

async function echo(exchange: Exchange): Promise<void> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await exchange.read(); chunk; chunk = await exchange.read()) chunks.push(chunk);
  assert.equal(await exchange.read(), undefined);
  await exchange.respond(200, plain, Buffer.concat(chunks));
}

async function countPieces(exchange: Exchange): Promise<void> {
  let length = 0;
  for (let chunk = await exchange.read(); chunk; chunk = await exchange.read()) length += chunk.byteLength;
  await exchange.respond(200, plain, String(length));
}

async function streamOnDemand(exchange: Exchange): Promise<void> {
  async function* pieces(): AsyncGenerator<string> {
    for (const piece of ["one", "two"]) {
      await demand.wait();
      demand.clear();
      yield piece;
    }
    await demand.wait();
    demand.clear();
  }
  await exchange.respond(200, plain, pieces());
}

function respondLarge(exchange: Exchange): Promise<void> {
  return exchange.respond(200, plain, Buffer.alloc(50 * megabyte));
}

async function respondTarget(exchange: Exchange): Promise<void> {
  await sleep(Number(exchange.target.slice(1)));
  await exchange.respond(200, plain, exchange.target);
}

function respondStatus(exchange: Exchange): Promise<void> {
  return exchange.respond(Number(exchange.target.slice(1)), plain, "Hello");
}

async function readTwice(exchange: Exchange): Promise<void> {
  const first = createTask(() => exchange.read());
  await sleep(0);
  const error: unknown = await exchange.read().catch((caught: unknown) => caught);
  parked.enter();
  await first;
  await exchange.respond(200, plain, String(error));
}
