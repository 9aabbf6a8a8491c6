import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { setExceptionHandler, timeout } from "../../src/asyncio/index.ts";
import { findLeaks, takeFootprint } from "../../src/asyncio/testing/index.ts";
import { WebSocketClosed } from "../../src/http/index.ts";
import { serve } from "../../src/server/index.ts";
import { createApplication } from "./_application.ts";
import { judge } from "./_judge.ts";
import { request, text } from "./_requests.ts";
import { fuzzRequests } from "./fuzz.ts";

const numRuns = 80;

test("Pottle answers requests of hostile clients without failing, hanging, leaking, or sending their markup", async () => {
  const unobserved: unknown[] = [];
  const before = setExceptionHandler((context) => void unobserved.push(context.error));
  const footprint = takeFootprint();
  try {
    await fuzzRequests({ runs: 700 });
  } finally {
    setExceptionHandler(before);
  }
  assert.deepEqual(unobserved, []);
  assert.deepEqual(
    findLeaks(footprint).filter((leak) => !leak.includes("FSReqPromise")),
    [],
  );
});

/** A text with a character changed, cut off, or put in. */
function changed(valid: string): fc.Arbitrary<string> {
  const at = fc.nat(valid.length - 1);
  return fc.oneof(
    at.map((length) => valid.slice(0, length)),
    fc
      .tuple(at, fc.constantFrom("A", ".", "-", "_", "", "AA"))
      .map(([i, one]) => valid.slice(0, i) + one + valid.slice(i + 1)),
    text.map((other) => other.replaceAll(/[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/g, "")),
    at.map((i) => `${valid.slice(i)}${valid.slice(0, i)}`),
  );
}

for (const onServer of [false, true]) {
  const where = onServer ? "a store" : "cookies";

  test(`sessions in ${where} take no cookie, and csrf() no token, that was changed, cut or replayed`, async () => {
    const { app } = createApplication(onServer);
    const client = app.testClient();
    const page = await client.get("/login");
    const [, token = ""] = /name="csrf_token"\s+value="([^"]+)"/.exec(page.text()) ?? [];
    const visitor = `session=${client.cookies.get("session") ?? ""}`;
    const log = (cookie: string, csrf: string) =>
      app
        .testClient({ useCookies: false })
        .post("/login", { headers: { cookie }, form: { name: "ada", csrf_token: csrf } });
    await fc.assert(
      fc.asyncProperty(changed(token), async (bad) => {
        // Several texts have the same bytes.
        const isSame = Buffer.from(bad, "base64url").equals(Buffer.from(token, "base64url"));
        if (!isSame) assert.equal((await log(visitor, bad)).status, 403);
      }),
      { numRuns },
    );
    const loggedIn = await log(visitor, token);
    assert.equal(loggedIn.status, 302);
    const [pair = ""] = (loggedIn.headers.get("set-cookie") ?? "").split(";");
    const cookie = pair.slice("session=".length);
    const who = async (value: string): Promise<unknown> =>
      (await app.testClient({ useCookies: false }).get("/who", { headers: { cookie: `session=${value}` } })).json();
    assert.deepEqual(await who(cookie), { id: "ada" });
    await fc.assert(
      fc.asyncProperty(changed(cookie), async (bad) => {
        if (bad.replaceAll('"', "") !== cookie) assert.deepEqual(await who(bad), { id: null });
      }),
      { numRuns },
    );
    // The session from before the login, and the token of it, are worth nothing after it.
    assert.deepEqual(await who(visitor.slice("session=".length)), { id: null });
    assert.equal((await log(`session=${cookie}`, token)).status, 403);
  });
}

test("WebSocket views answer any message, or close for it by a code that is not of a failure", async () => {
  const { app, broadcast } = createApplication(true);
  const message = fc.oneof(text, fc.uint8Array({ maxLength: 20 }), fc.json());
  const path = fc.constantFrom("/socket", "/json", "/topic/__proto__", "/topic/constructor");
  await fc.assert(
    fc.asyncProperty(path, fc.array(message, { minLength: 1, maxLength: 4 }), async (where, messages) => {
      const code = await timeout(5_000, async () => {
        await using socket = app.testClient().websocket(where);
        try {
          for (const one of messages) {
            await socket.send(one);
            await socket.receive();
          }
          await socket.close();
        } catch (error) {
          if (!(error instanceof WebSocketClosed)) throw error;
        }
        return socket.closeCode;
      });
      assert.notEqual(code, 1011);
    }),
    { numRuns },
  );
  assert.equal(broadcast.statistics().subscribers, 0);
});

test("a server answers the bytes of hostile clients, and the next client after each", async () => {
  const { app } = createApplication(true);
  await using server = await serve(app, { port: 0, host: "127.0.0.1" });
  const { port } = server.address as { readonly port: number };
  await fc.assert(
    fc.asyncProperty(request, fc.nat(400), async ({ method, target, headers, body }, cut) => {
      const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      const length = body.length > 0 && cut % 4 > 0 ? `Content-Length: ${body.length}\r\n` : "";
      const head = `${method} ${target} HTTP/1.1\r\nHost: here.example\r\n${length}${lines}Connection: close\r\n\r\n`;
      const bytes = Buffer.concat([Buffer.from(head, "latin1"), body]);
      const answer = await exchange(port, cut % 5 === 0 ? bytes.subarray(0, cut) : bytes);
      assert.doesNotMatch(answer, /^HTTP\/1\.1 5(?!05|01)/, head);
    }),
    { numRuns: 30 },
  );
  const answer = await exchange(port, Buffer.from("GET / HTTP/1.1\r\nHost: here.example\r\nConnection: close\r\n\r\n"));
  assert.match(answer, /^HTTP\/1\.1 200 /);
});

/** Sends bytes, ends, and returns what comes back until the server closes. */
async function exchange(port: number, bytes: Uint8Array): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const pieces: Buffer[] = [];
  socket.on("data", (piece: Buffer) => pieces.push(piece)).on("error", () => {});
  socket.write(bytes);
  // A request that is not whole is waited for: its client leaves.
  const leaving = setTimeout(() => socket.end(), 200);
  await timeout(10_000, () => once(socket, "close"));
  clearTimeout(leaving);
  return Buffer.concat(pieces).toString("latin1");
}

test("stores of sessions and limits hold no more than they may, whatever clients send", async () => {
  const { app, store, limits } = createApplication(true);
  const client = app.testClient({ useCookies: false });
  for (let i = 0; i < 150; i++) {
    judge(await client.get("/login"));
    await client.get("/limited", { headers: { "X-Key": `key ${i}` } });
  }
  assert.ok(store.statistics().sessions <= 100);
  assert.ok(limits.statistics().keys <= 100);
});
