// What stands beside the body: trailers of requests and responses, and 103 Early Hints.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Exchange, InvalidHeaderError, type RawHeaders } from "../../src/http/index.ts";
import { countBody, play, statuses } from "./_wire.ts";

const host = "Host: a";

async function* pieces(): AsyncGenerator<string> {
  yield "one";
}

function streamWith(trailers: RawHeaders): (exchange: Exchange) => Promise<void> {
  return (exchange) => exchange.respond(200, [], pieces(), { trailers: () => trailers });
}

test("serve() sends trailers behind a stream to a client that takes them", async () => {
  await using scene = await play(streamWith(["X-Sum", "3", "X-More", "a"]));
  const wire = await scene.open();
  wire.send("GET / HTTP/1.1", host, "TE: trailers", "", "");
  assert.match(await wire.until(/X-More: a\r\n\r\n$/), /\r\n3\r\none\r\n0\r\nX-Sum: 3\r\nX-More: a\r\n\r\n$/);
  wire.send("GET / HTTP/1.1", host, "TE: gzip;q=0.5 , Trailers", "", "");
  await wire.until(/X-More: a\r\n\r\n[^]*X-More: a\r\n\r\n$/);
});

test("serve() drops trailers that a client has not asked for", async () => {
  await using scene = await play(streamWith(["X-Sum", "3"]));
  const wire = await scene.open();
  wire.send("GET / HTTP/1.1", host, "TE: gzip", "", "");
  assert.doesNotMatch(await wire.until(/\r\n0\r\n\r\n$/), /X-Sum/);
});

for (const [title, trailers] of [
  ["Content-Length", ["Content-Length", "3"]],
  ["a line break", ["X", "a\r\nb"]],
  ["half a pair", ["X"]],
] as const) {
  test(`serve() breaks off a stream whose trailers have ${title}`, async () => {
    const errors: unknown[] = [];
    await using scene = await play(streamWith(trailers), { onError: (error) => errors.push(error) });
    const wire = await scene.open();
    wire.send("GET / HTTP/1.1", host, "TE: trailers", "", "");
    assert.doesNotMatch(await wire.closed(), /\r\n0\r\n/);
    await scene.entriesOf(1);
    assert(errors[0] instanceof InvalidHeaderError);
  });
}

test("serve() refuses trailers for a body that is no stream", async () => {
  let error: unknown;
  await using scene = await play(async (exchange) => {
    await exchange.respond(200, [], "text", { trailers: () => [] }).catch((problem: unknown) => (error = problem));
    await exchange.respond(200, [], "other");
  });
  const wire = await scene.open();
  await wire.send("GET / HTTP/1.1", host, "", "").until(/other$/);
  assert.match(String(error), /^TypeError: Cannot respond as a body with trailers must be an async iterable/);
});

test("serve() hands over the trailers of a request once its body was read", async () => {
  const seen: RawHeaders[] = [];
  await using scene = await play(async (exchange) => {
    seen.push([...exchange.trailers]);
    await countBody(exchange);
    seen.push([...exchange.trailers]);
  });
  const wire = await scene.open();
  wire.send("POST / HTTP/1.1", host, "Transfer-Encoding: chunked", "", "3", "abc", "0", "X-Sum: 3", "", "");
  await wire.until(/3 bytes$/);
  await scene.entriesOf(1);
  assert.deepEqual(seen, [[], ["X-Sum", "3"]]);
});

test("serve() sends 103 Early Hints before the response, as often as it is asked to", async () => {
  const sent: boolean[] = [];
  await using scene = await play(async (exchange) => {
    sent.push(exchange.sendEarlyHints(["Link", "</a.css>; rel=preload"]));
    sent.push(exchange.sendEarlyHints(["Link", "</b.css>; rel=preload", "Link", "</c.css>; rel=preload"]));
    assert.throws(() => exchange.sendEarlyHints(["Link", "a\r\nb"]), InvalidHeaderError);
    const responded = exchange.respond(200, [], "done");
    sent.push(exchange.sendEarlyHints(["Link", "</d.css>; rel=preload"]));
    await responded;
  });
  const wire = await scene.open();
  const received = await wire.send("GET / HTTP/1.1", host, "", "").until(/done$/);
  assert.deepEqual(statuses(received), [103, 103, 200]);
  assert.match(received, /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a\.css>; rel=preload\r\n\r\n/i);
  assert.match(received, /c\.css/);
  const old = await scene.open();
  assert.deepEqual(statuses(await old.send("GET / HTTP/1.0", "", "").closed()), [200]);
  assert.deepEqual(sent, [true, true, false, false, false, false]);
});
