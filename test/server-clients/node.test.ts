// Node's own clients: fetch and WebSocket.

import assert from "node:assert/strict";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { before, test } from "node:test";
import { first } from "../../src/server/listening/certificates.fixture.ts";
import { Served } from "./_served.ts";

// They take no certificates but those of the process.
before(() => setDefaultCACertificates([...getCACertificates(), first.cert]));

for (const isSecure of [false, true]) {
  const how = isSecure ? "by TLS" : "in the clear";

  test(`Node's fetch is answered ${how}`, async () => {
    await using served = await Served.open({ isSecure });
    const { url } = served;
    const hello = `Hello by HTTP/1.1 and ${isSecure ? "https" : "http"}`;
    assert.equal(await (await fetch(url)).text(), hello);
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
    const response = await fetch(`${served.url}/length`, { method: "POST", body, duplex: "half" } as RequestInit);
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
    await using served = await Served.open({ isSecure });
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

function eventOf(socket: WebSocket, name: "open" | "message" | "close"): Promise<Event> {
  return new Promise((resolve, reject) => {
    socket.addEventListener(name, resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error(`The socket failed before ${name}`)), { once: true });
  });
}
