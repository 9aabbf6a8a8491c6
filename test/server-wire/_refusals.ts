// What the server answers in place of the application, on the wire and in the access log.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientDisconnected, ConnectionCut } from "../../src/http/index.ts";
import { Gate } from "../../src/server/gate.fixture.ts";
import { testedEngine } from "./_engine.ts";
import { countBody, echoTarget, play, statuses } from "./_wire.ts";

const host = "Host: a";
const chunked = "Transfer-Encoding: chunked";

const isOurs = testedEngine() === "pottle";
/** A request that node:http refuses before it knows its first line. */
const known = isOurs ? "POST /x" : "- -";
const knownGet = isOurs ? "GET /x" : "- -";
const readAsOne = "the parser of node:http reads several blanks as one, and gives no bytes to look at";
const waitsForHeaders = "the parser of node:http waits for headers behind a line without a version";

/** Requests with what is wrong with them, how they are named in the access log, and why an engine cannot tell. */
type Refused = [fault: string, lines: readonly string[], status: number, logged: string, skip?: string];

function onlyOverNodeHttp(...row: Refused): Refused[] {
  return isOurs ? [] : [row];
}

const refused: readonly Refused[] = [
  ["two blanks before the target", ["GET  /x HTTP/1.1", host, "", ""], 400, "- -", readAsOne],
  ["two blanks behind the target", ["GET /x  HTTP/1.1", host, "", ""], 400, "- -", readAsOne],
  ["a line of HTTP/0.9", ["GET /x", ""], 400, "- -", waitsForHeaders],
  ["no Host", ["GET /x HTTP/1.1", "", ""], 400, "GET /x"],
  ["two equal Hosts", ["GET /x HTTP/1.1", host, host, "", ""], 400, "GET /x"],
  ["two different Hosts", ["GET /x HTTP/1.1", host, "host: b", "", ""], 400, "GET /x"],
  ["two Hosts in HTTP/1.0", ["GET /x HTTP/1.0", host, "host: b", "", ""], 400, "GET /x"],
  ["a Host with a blank", ["GET /x HTTP/1.1", "Host: a b", "", ""], 400, "GET /x"],
  ["a Host with a tab", ["GET /x HTTP/1.1", "Host: a\tb", "", ""], 400, "GET /x"],
  ["a Host that is a list", ["GET /x HTTP/1.1", "Host: a, b", "", ""], 400, "GET /x"],
  ["a Host with a slash", ["GET /x HTTP/1.1", "Host: a/b", "", ""], 400, "GET /x"],
  ["a Host with a backslash", ["GET /x HTTP/1.1", "Host: a\\b", "", ""], 400, "GET /x"],
  ["a Host with user info", ["GET /x HTTP/1.1", "Host: me@a", "", ""], 400, "GET /x"],
  ["a Host with a query", ["GET /x HTTP/1.1", "Host: a?b", "", ""], 400, "GET /x"],
  ["a Host with a fragment", ["GET /x HTTP/1.1", "Host: a#b", "", ""], 400, "GET /x"],
  ["a Host with a port that is none", ["GET /x HTTP/1.1", "Host: a:b", "", ""], 400, "GET /x"],
  ["a Host beyond ASCII", ["GET /x HTTP/1.1", "Host: \xe4", "", ""], 400, "GET /x"],
  [
    "a coding before chunked",
    ["POST /x HTTP/1.1", host, "Transfer-Encoding: gzip, chunked", "", "0", "", ""],
    501,
    "POST /x",
  ],
  [
    "a coding in a header before chunked",
    ["POST /x HTTP/1.1", host, "Transfer-Encoding: gzip", chunked, "", "0", "", ""],
    501,
    "POST /x",
  ],
  ["a coding that is not chunked", ["POST /x HTTP/1.1", host, "Transfer-Encoding: gzip", "", "x"], 501, "POST /x"],
  ["chunked twice", ["POST /x HTTP/1.1", host, "Transfer-Encoding: chunked, chunked", "", "0", "", ""], 400, known],
  ["chunked in HTTP/1.0", ["POST /x HTTP/1.0", host, chunked, "", "0", "", ""], 400, "POST /x"],
  ["a length and chunked", ["POST /x HTTP/1.1", host, "Content-Length: 5", chunked, "", "0", "", ""], 400, known],
  ["two lengths", ["POST /x HTTP/1.1", host, "Content-Length: 5", "Content-Length: 6", "", ""], 400, known],
  ["a negative length", ["POST /x HTTP/1.1", host, "Content-Length: -5", "", ""], 400, known],
  ["HTTP/2.0 in text", ["GET /x HTTP/2.0", host, "", ""], 400, "GET /x"],
  ...onlyOverNodeHttp("the preface of HTTP/2", ["PRI * HTTP/2.0", "", "SM", "", ""], 400, "- -"),
  ["HTTP/1.2", ["GET /x HTTP/1.2", host, "", ""], 400, knownGet],
  ["HTTP/0.9 with an empty line", ["GET /x", "", ""], 400, isOurs ? "- -" : "GET /x"],
  ["HTTP/0.9 in words", ["GET /x HTTP/0.9", host, "", ""], 400, "GET /x"],
  ["a blank before the colon", ["GET /x HTTP/1.1", "Host : a", "", ""], 400, knownGet],
  ["a folded header", ["GET /x HTTP/1.1", host, "X: a", " b", "", ""], 400, knownGet],
  // Methods are case-sensitive, and an unknown one is for the application to refuse.
  ...onlyOverNodeHttp("a method in lower case", ["get /x HTTP/1.1", host, "", ""], 400, "- -"),
  ["no HTTP at all", ["nonsense", "", ""], 400, "- -"],
  [
    "an expectation that is unknown",
    ["POST /x HTTP/1.1", host, "Expect: miracles", "Content-Length: 2", "", "ab"],
    417,
    "POST /x",
  ],
  ["CONNECT", ["CONNECT a:1 HTTP/1.1", host, "", ""], 501, "CONNECT a:1"],
];

for (const [fault, lines, status, logged, skip = false] of refused) {
  test(`serve() answers ${fault} with ${status}, and logs it`, { skip: !isOurs && skip }, async () => {
    let calls = 0;
    await using scene = await play((exchange) => {
      calls++;
      return echoTarget(exchange);
    });
    const wire = await scene.open();
    wire.send(...lines);
    const received = await wire.closed();
    assert.deepEqual(statuses(received), [status], received);
    assert.match(received, /\r\nConnection: close\r\n/);
    assert.match(received, /\r\nDate: /);
    const [{ method, target, outcome, ...entry }] = (await scene.entriesOf(1)) as [(typeof scene.entries)[0]];
    assert(outcome.kind === "refused" && outcome.reason.length > 5, outcome.kind);
    assert.deepEqual(
      [`${method} ${target}`, entry.status, entry.peer?.address, calls],
      [logged, status, "127.0.0.1", 0],
    );
    assert(received.endsWith(`: ${outcome.reason}\n`), received);
    assert.equal(entry.bytes, received.length - received.indexOf("\r\n\r\n") - 4);
  });
}

const accepted: readonly (readonly string[])[] = [
  ["GET /x HTTP/1.1", "Host: a.example:8080", "", ""],
  ["GET /x HTTP/1.1", "Host: [::1]:80", "", ""],
  ["GET /x HTTP/1.1", "Host: under_score", "", ""],
  ["GET /x HTTP/1.1", "Host:", "", ""],
  ["GET /x HTTP/1.0", "", ""],
  ...(isOurs ? [["get /x HTTP/1.1", host, "", ""]] : []),
  ["POST /x HTTP/1.1", host, "Transfer-Encoding: Chunked", "", "0", "", ""],
];

for (const lines of accepted) {
  test(`serve() serves ${lines.slice(0, 2).join(", ")}`, async () => {
    await using scene = await play(echoTarget);
    assert.deepEqual(statuses(await (await scene.open()).send(...lines).until(/\/x$/)), [200]);
  });
}

test("serve() answers HEAD with a bad Host without a body", async () => {
  await using scene = await play(echoTarget);
  const received = await (await scene.open()).send("HEAD /x HTTP/1.1", "Host: a b", "", "").closed();
  assert.deepEqual(statuses(received), [400]);
  assert(received.endsWith("\r\n\r\n"), received);
});

test("serve() logs half a head whose client says that no more will come", async () => {
  await using scene = await play(echoTarget);
  const wire = await scene.open();
  wire.send("GET /x HT").halfClose();
  assert.deepEqual(statuses(await wire.closed()), [400]);
  const [entry] = await scene.entriesOf(1);
  assert.deepEqual(entry?.outcome, { kind: "refused", reason: "the request ends in its middle" });
});

/** Lets everything that was sent before arrive. If it does not, the test is weaker, and not wrong. */
async function roundTrip(): Promise<void> {
  await using scene = await play(echoTarget);
  await (await scene.open()).send("GET /there HTTP/1.0", "", "").closed();
}

/** What stands behind a good request, and what is answered besides it. */
const tails: readonly [tail: string, good: readonly string[], behind: string, answers: readonly number[]][] = [
  ["junk", ["GET /good HTTP/1.1", host], "junk junk\r\n\r\n", [200, 400]],
  ["a request without Host", ["GET /good HTTP/1.1", host], "GET /bad HTTP/1.1\r\n\r\n", [200, 400]],
  ["CONNECT", ["GET /good HTTP/1.1", host], "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", [200, 501]],
  [
    "an unknown expectation",
    ["GET /good HTTP/1.1", host],
    "GET /bad HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n",
    [200, 417],
  ],
  ["junk, behind Connection: close", ["GET /good HTTP/1.1", host, "Connection: close"], "junk\r\n\r\n", [200]],
  [
    "a request, behind Connection: close",
    ["GET /good HTTP/1.1", host, "Connection: close"],
    "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
    [200],
  ],
  ["junk, behind HTTP/1.0", ["GET /good HTTP/1.0"], "junk\r\n\r\n", [200]],
];

for (const [tail, good, behind, answers] of tails) {
  for (const when of ["at once", "later"] as const) {
    test(`serve() finishes and answers a good request before ${tail}, sent ${when}`, async () => {
      const gate = new Gate();
      await using scene = await play(gate);
      const wire = await scene.open();
      if (when === "at once") wire.send(...good, "", behind);
      else wire.send(...good, "", "");
      await gate.entered.wait();
      if (when === "later") wire.send(behind);
      await roundTrip();
      gate.open.set();
      const received = await wire.closed();
      assert.deepEqual(statuses(received), answers);
      assert.match(received, /\/good/);
      const entries = await scene.entriesOf(answers.length);
      // A request is over a little after its response has left.
      const ends = entries.map(({ status, outcome }) => `${status} ${outcome.kind}`).toSorted();
      assert.deepEqual(ends, ["200 served", `${answers[1]} refused`].slice(0, answers.length));
      assert.equal(gate.reason, undefined);
    });
  }
}

test("serve() answers every request before junk, and in their order", async () => {
  const gate = new Gate();
  await using scene = await play(gate);
  const wire = await scene.open();
  const good = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
  wire.send(good("/1") + good("/2") + good("/3") + "junk\r\n\r\n" + good("/4"));
  await gate.entered.wait();
  await roundTrip();
  gate.open.set();
  const received = await wire.closed();
  assert.deepEqual(statuses(received), [200, 200, 200, 400]);
  assert.deepEqual(received.match(/\/\d$|\/\d(?=HTTP)/gm), ["/1", "/2", "/3"]);
});

test("serve() serves nothing behind a refused request", async () => {
  await using scene = await play(echoTarget);
  const wire = await scene.open();
  wire.send("GET /bad HTTP/1.1", "Host: a b", "", "GET /next HTTP/1.1", host, "", "");
  assert.deepEqual(statuses(await wire.closed()), [400]);
  assert.equal((await scene.entriesOf(1)).length, 1);
});

test("serve() answers a large body behind a bad head without resetting the connection", async () => {
  await using scene = await play(echoTarget);
  const wire = await scene.open();
  wire.send("POST /bad HTTP/1.1", "Host: a b", "Content-Length: 3000000", "", "x".repeat(3_000_000));
  assert.match(await wire.closed(), /^HTTP\/1\.1 400 .*Host header is not a name/s);
});

for (const [title, begun] of [
  ["before its answer", false],
  ["in the middle of its answer", true],
] as const) {
  test(`serve() cancels a request whose body is malformed ${title} with ConnectionCut`, async () => {
    await using scene = await play(async (exchange) => {
      if (!begun) return countBody(exchange);
      await exchange.respond(
        200,
        [],
        (async function* () {
          yield "begun";
          while ((await exchange.read()) !== undefined);
          yield "never";
        })(),
      );
    });
    const wire = await scene.open();
    wire.send("POST /x HTTP/1.1", host, chunked, "", "2", "ab", "");
    if (begun) await wire.until(/begun/);
    wire.send("zz", "");
    const received = await wire.closed();
    assert.deepEqual(statuses(received), [begun ? 200 : 400]);
    assert(!begun || !received.endsWith("0\r\n\r\n"), received);
    const [{ outcome, status }] = (await scene.entriesOf(1)) as [(typeof scene.entries)[0]];
    assert(outcome.kind === "cancelled" && outcome.reason instanceof ConnectionCut, outcome.kind);
    assert.match(outcome.reason.message, isOurs ? /: the size of a chunk is malformed$/ : /: not HTTP \(/);
    assert.deepEqual([status, outcome.reason.status], begun ? [200, undefined] : [400, 400]);
  });
}

test("serve() tells a client that leaves in the middle of its body from a malformed one", async () => {
  await using scene = await play(countBody);
  const wire = await scene.open();
  wire.send("POST /x HTTP/1.1", host, "Content-Length: 9", "", "half");
  wire.halfClose();
  const [{ outcome }] = (await scene.entriesOf(1)) as [(typeof scene.entries)[0]];
  assert(outcome.kind === "cancelled" && outcome.reason instanceof ClientDisconnected);
  await wire.closed();
});

for (const [title, tail] of [
  ["nothing", ""],
  ["half a head", "GET /half HT"],
  ["half a body", "POST /half HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"],
  ["an upgrade", "GET /up HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"],
] as const) {
  test(`serve() leaves no request of a client that closed its half behind ${title}`, async () => {
    const gate = new Gate();
    await using scene = await play((exchange) =>
      exchange.target === "/waits" ? gate.handle(exchange) : echoTarget(exchange),
    );
    const wire = await scene.open();
    wire.send("GET /waits HTTP/1.1", host, "", "GET /ready HTTP/1.1", host, "", tail);
    await gate.entered.wait();
    await roundTrip();
    wire.halfClose();
    await wire.closed();
    // Ours begins a request when the one before it is answered.
    const parallel = ["/half", "/ready", "/waits"].slice(tail.startsWith("POST") ? 0 : 1);
    const expected = isOurs ? ["/waits"] : parallel;
    const entries = await scene.entriesOf(expected.length);
    const cancelled = entries.filter(({ outcome }) => outcome.kind === "cancelled").map(({ target }) => target);
    assert.deepEqual(cancelled.toSorted(), expected);
    assert.equal(scene.server.statistics().connections, 0);
  });
}

test("serve() serves nothing behind the last response on a connection, or cancels it with ConnectionCut", async () => {
  const gate = new Gate();
  await using scene = await play((exchange) =>
    exchange.target === "/last" ? exchange.respond(200, ["Connection", "close"], "last") : gate.handle(exchange),
  );
  const wire = await scene.open();
  wire.send("GET /last HTTP/1.1", host, "", "GET /behind HTTP/1.1", host, "", "");
  assert.deepEqual(statuses(await wire.closed()), [200]);
  if (isOurs) return assert.equal(gate.entered.isSet(), false);
  const behind = (await scene.entriesOf(2)).find(({ target }) => target === "/behind");
  assert(behind?.outcome.kind === "cancelled" && behind.outcome.reason instanceof ConnectionCut);
  assert.match(behind.outcome.reason.message, /: the response before it was the last on the connection$/);
});

test("serve() serves nothing behind a response that breaks off, or cancels it with ConnectionCut", async () => {
  const gate = new Gate();
  await using scene = await play(
    (exchange) => {
      if (exchange.target === "/behind") return gate.handle(exchange);
      return exchange.respond(
        200,
        [],
        (async function* () {
          yield "begun";
          if (!isOurs) await gate.entered.wait();
          throw new Error("in the middle");
        })(),
      );
    },
    { onError: () => undefined },
  );
  const wire = await scene.open();
  wire.send("GET /breaks HTTP/1.1", host, "", "GET /behind HTTP/1.1", host, "", "");
  await wire.closed();
  if (isOurs) return assert.equal(gate.entered.isSet(), false);
  const entries = await scene.entriesOf(2);
  const behind = entries.find(({ target }) => target === "/behind");
  assert(behind?.outcome.kind === "cancelled" && behind.outcome.reason instanceof ConnectionCut);
  assert.match(behind.outcome.reason.message, /: a response before it was broken off$/);
});

test("serve() cancels what it does not wait for any longer with ConnectionCut", async () => {
  const gate = new Gate();
  const scene = await play(async (exchange) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    exchange.onDisconnect(() => resolve());
    await gate.handle(exchange).catch(() => promise);
  });
  const wire = await scene.open();
  wire.send("GET /x HTTP/1.1", host, "", "");
  await gate.entered.wait();
  await scene.server.close();
  const [{ outcome }] = (await scene.entriesOf(1)) as [(typeof scene.entries)[0]];
  assert(outcome.kind === "cancelled" && outcome.reason instanceof ConnectionCut);
  assert.match(outcome.reason.message, /: the server is shutting down$/);
});
