// What a client asks for besides its answer: `100 Continue`, and another protocol.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientDisconnected, type Exchange } from "../../src/http/index.ts";
import { Gate } from "../../src/server/gate.fixture.ts";
import { countBody, echoTarget, play, statuses } from "./_wire.ts";

const host = "Host: a";
const expecting = ["POST /x HTTP/1.1", host, "Expect: 100-continue", "Content-Length: 4", "", ""];

test("serve() sends 100 Continue when the body is asked for, and not before", async () => {
  const gate = new Gate();
  await using scene = await play(async (exchange) => {
    gate.entered.set();
    await gate.open.wait();
    await countBody(exchange);
  });
  const wire = await scene.open();
  wire.send(...expecting);
  await gate.entered.wait();
  await (await scene.open()).send("nonsense", "", "").closed();
  assert.equal(wire.received, "");
  gate.open.set();
  assert.equal(await wire.until(/\r\n\r\n/), "HTTP/1.1 100 Continue\r\n\r\n");
  wire.send("four");
  assert.deepEqual(statuses(await wire.until(/bytes/)), [100, 200]);
  wire.send("GET / HTTP/1.1", host, "", "");
  assert.deepEqual(statuses(await wire.until(/0 bytes/)), [100, 200, 200]);
});

test("serve() sends no 100 Continue if the body is not wanted, and closes the connection", async () => {
  await using scene = await play((exchange) => exchange.respond(413, [], "too large"));
  const received = await (await scene.open()).send(...expecting).closed();
  assert.deepEqual(statuses(received), [413]);
  assert.match(received, /\r\nConnection: close\r\n/);
});

test("serve() sends no 100 Continue to a client that has sent its body, or has none", async () => {
  const gate = new Gate();
  await using scene = await play(async (exchange) => {
    gate.entered.set();
    await gate.open.wait();
    await countBody(exchange);
  });
  const [sent, empty] = [await scene.open(), await scene.open()];
  sent.send(...expecting).send("four");
  empty.send("POST /x HTTP/1.1", host, "Expect: 100-continue", "Content-Length: 0", "", "");
  await gate.entered.wait();
  await (await scene.open()).send("nonsense", "", "").closed();
  gate.open.set();
  assert.deepEqual(statuses(await sent.until(/4 bytes/)), [200]);
  assert.deepEqual(statuses(await empty.until(/0 bytes/)), [200]);
});

test("serve() sends 100 Continue behind the responses before it", async () => {
  const gate = new Gate();
  await using scene = await play((exchange) =>
    exchange.target === "/first" ? gate.handle(exchange) : countBody(exchange),
  );
  const wire = await scene.open();
  wire.send("GET /first HTTP/1.1", host, "", "").send(...expecting);
  await gate.entered.wait();
  await (await scene.open()).send("nonsense", "", "").closed();
  assert.equal(wire.received, "");
  gate.open.set();
  assert.deepEqual(statuses(await wire.until(/Continue\r\n\r\n/)), [200, 100]);
  wire.send("four");
  assert.deepEqual(statuses(await wire.until(/4 bytes/)), [200, 100, 200]);
});

const upgrade = ["Connection: Upgrade", "Upgrade: websocket"];

for (const when of ["at once", "later"] as const) {
  test(`serve() answers a request that asks for an upgrade as any other, and one behind it that is sent ${when}`, async () => {
    await using scene = await play(echoTarget);
    const wire = await scene.open();
    const next = ["GET /next HTTP/1.1", host, "", ""];
    wire.send("GET /up HTTP/1.1", host, ...upgrade, "", when === "at once" ? next.join("\r\n") : "");
    if (when === "later") {
      await wire.until(/\/up$/);
      wire.send(...next);
    }
    assert.deepEqual(statuses(await wire.until(/\/next$/)), [200, 200]);
    wire.send("POST /third HTTP/1.1", host, "Content-Length: 2", "", "ab");
    assert.deepEqual(statuses(await wire.until(/\/third$/)), [200, 200, 200]);
    assert.deepEqual(
      (await scene.entriesOf(3)).map(({ outcome }) => outcome.kind),
      ["served", "served", "served"],
    );
  });
}

test("serve() answers a request that asks for an upgrade in its turn", async () => {
  const gate = new Gate();
  await using scene = await play(gate);
  const wire = await scene.open();
  const ask = (target: string, ...more: string[]): string =>
    [`GET ${target} HTTP/1.1`, host, ...more, "", ""].join("\r\n");
  wire.send(ask("/1") + ask("/2", ...upgrade) + ask("/3", ...upgrade) + ask("/4") + "junk\r\n\r\n");
  await gate.entered.wait();
  gate.open.set();
  const received = await wire.closed();
  assert.deepEqual(statuses(received), [200, 200, 200, 200, 400]);
  assert.deepEqual(received.match(/\/\d$|\/\d(?=HTTP)/gm), ["/1", "/2", "/3", "/4"]);
});

test("serve() streams an answer to a request that asks for an upgrade", async () => {
  const size = 5 * 2 ** 20;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < size; sent += 65_536) yield Buffer.alloc(65_536, "x");
  }
  const respond = (exchange: Exchange): Promise<void> =>
    exchange.target === "/up"
      ? exchange.respond(200, ["Content-Length", String(size)], pieces())
      : echoTarget(exchange);
  await using scene = await play(respond);
  const wire = await scene.open();
  wire.send("GET /up HTTP/1.1", host, ...upgrade, "", "GET /next HTTP/1.1", host, "", "");
  const received = await wire.until(/\/next$/);
  assert.deepEqual(statuses(received), [200, 200]);
  assert(received.length > size);
});

test("serve() closes the connection behind an upgrade that is the last request on it", async () => {
  await using scene = await play(echoTarget);
  const received = await (
    await scene.open()
  )
    .send("GET /up HTTP/1.1", host, "Connection: close, Upgrade", "Upgrade: websocket", "", "")
    .closed();
  assert.deepEqual(statuses(received), [200]);
  assert.match(received, /\r\nConnection: close\r\n/);
});

for (const how of ["leave", "halfClose"] as const) {
  test(`serve() cancels a request that asks for an upgrade by ${how}()`, async () => {
    const gate = new Gate();
    await using scene = await play(gate);
    const wire = await scene.open();
    wire.send("GET /up HTTP/1.1", host, ...upgrade, "", "");
    await gate.entered.wait();
    wire[how]();
    await scene.entriesOf(1);
    assert(gate.reason instanceof ClientDisconnected);
    await wire.closed();
  });
}

test("serve() answers a request with a body that asks for an upgrade, and closes the connection behind it", async () => {
  await using scene = await play(countBody);
  const received = await (
    await scene.open()
  )
    .send("POST /up HTTP/1.1", host, ...upgrade, "Content-Length: 4", "", "four")
    .closed();
  assert.deepEqual(statuses(received), [200]);
  assert.match(received, /4 bytes$/);
});
