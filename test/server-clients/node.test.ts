// Node's own clients: fetch and WebSocket.

import assert from "node:assert/strict";
import { once } from "node:events";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { before, test } from "node:test";
import { first } from "../../src/base/certificates.fixture.ts";
import { readAll } from "../gateway-scene.ts";
import { connectHttp2 } from "../server-http2/_client.ts";
import { Served } from "./_served.ts";

// They take no certificates but those of the process.
before(() => setDefaultCACertificates([...getCACertificates(), first.cert]));

for (const isSecure of [false, true]) {
  const how = isSecure ? "by TLS" : "in the clear";

  test(`Node's fetch is answered ${how}`, async () => {
    await using served = await Served.open({ isSecure });
    const { url } = served;
    // Which of them it chooses by TLS depends on the version of Node.
    const hello = isSecure ? /^Hello by HTTP\/(1\.1|2) and https$/ : /^Hello by HTTP\/1\.1 and http$/;
    assert.match(await (await fetch(url)).text(), hello);
    assert.equal(await (await fetch(`${url}/pieces`)).text(), "one two three");
    assert.equal((await (await fetch(`${url}/large`)).bytes()).length, 10_000_000);
    const posted = await fetch(`${url}/length`, { method: "POST", body: "é".repeat(10) });
    assert.equal(await posted.text(), "20 bytes");
    const part = await fetch(`${url}/static/letters.txt`, { headers: { Range: "bytes=0-2" } });
    assert.deepEqual([part.status, await part.text()], [206, "abc"]);
  });

  test(`Node's fetch uploads a stream ${how}`, async () => {
    await using served = await Served.open({ isSecure });
    const body = ReadableStream.from(["a", "bc", "def"].map((piece) => Buffer.from(piece)));
    const response = await fetch(`${served.url}/length`, { method: "POST", body, duplex: "half" });
    assert.equal(await response.text(), "6 bytes");
  });

  test(`Node's fetch cancels its request when it is aborted ${how}`, async () => {
    await using served = await Served.open({ isSecure });
    const stop = served.stops.at("aborted");
    const leaving = new AbortController();
    const response = assert.rejects(fetch(`${served.url}/wait/aborted`, { signal: leaving.signal }), {
      name: "AbortError",
    });
    await stop.entered.wait();
    leaving.abort();
    await response;
    assert.deepEqual(await served.outcomes(1), ["cancelled"]);
    assert(stop.isClean);
  });

  test(`Node's WebSocket is answered ${how}`, async () => {
    // Over HTTP/2, which Node 26 chooses by TLS, its client does not end the stream, and waits for the server to cut it.
    await using served = await Served.open({ isSecure, webSocketCloseTimeout: 1_000 });
    const socket = new WebSocket(served.url.replace("http", "ws"));
    await eventOf(socket, "open");
    socket.send("é");
    assert.equal(((await eventOf(socket, "message")) as MessageEvent).data, "é");
    socket.close(3001, "bye");
    const { code, wasClean } = (await eventOf(socket, "close")) as CloseEvent;
    assert.deepEqual([code, wasClean], [3001, true]);
    assert.deepEqual(await served.outcomes(1), ["served"]);
  });
}

for (const isSecure of [false, true]) {
  test(`Node's client of HTTP/2 has short streams served beside a large response, ${isSecure ? "by TLS" : "in the clear"}`, async () => {
    await using served = await Served.open({ isSecure });
    const client = await connectHttp2(served.server.address.port, isSecure, first.cert);
    const get = async (target: string): Promise<string> => readAll(await client.request({ method: "GET", target }));
    const [large, ...streams] = await Promise.all([get("/large"), get("/pieces"), get("/pieces")]);
    assert.deepEqual([large?.length, streams], [10_000_000, ["one two three", "one two three"]]);
    // All of it has come: that is no reason to say that its client has left.
    assert.deepEqual(await served.outcomes(3), ["served", "served", "served"]);
    client.leave();
  });
}

test("a WebSocket over HTTP/2 has its key answered, if it sends one", async () => {
  await using served = await Served.open();
  const client = await connectHttp2(served.server.address.port);
  const headers = { ":method": "CONNECT", ":protocol": "websocket", ":path": "/", "sec-websocket-version": "13" };
  // That of RFC 6455.
  const key = { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };
  for (const [more, accept] of [
    [{}, undefined],
    [key, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
  ] as const) {
    const stream = client.session.request({ ...headers, ...more }, { endStream: false });
    const [response] = (await once(stream, "response")) as [Record<string, unknown>];
    assert.deepEqual([response[":status"], response["sec-websocket-accept"]], [200, accept]);
    stream.close();
  }
  client.leave();
});

function eventOf(socket: WebSocket, name: "open" | "message" | "close"): Promise<Event> {
  return new Promise((resolve, reject) => {
    socket.addEventListener(name, resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error(`The socket failed before ${name}`)), { once: true });
  });
}
