import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Pottle } from "../app/pottle.ts";
import { isTooDeep } from "./json-depth.ts";

const nested = (depth: number): string => `${'{"a":['.repeat(depth / 2)}{}${"]}".repeat(depth / 2)}`;
const headers = { "Content-Type": "application/json" };

test("HttpRequest.json() refuses what is nested so deeply that a view could not send it back", async () => {
  const app = new Pottle();
  app.post("/", async (_, request) => ({ got: await request.json() }));
  app.post("/silent", async (_, request) => [(await request.json({ silent: true })) ?? "none"]);
  const client = app.testClient();
  assert.equal((await client.post("/", { headers, body: nested(998) })).status, 200);
  for (const body of [
    nested(1_002),
    "[".repeat(100_000),
    nested(100_000),
    `${'{"":'.repeat(5_000)}1${"}".repeat(5_000)}`,
  ]) {
    const response = await client.post("/", { headers, body });
    assert.equal(response.status, 400);
    assert.deepEqual((await client.post("/silent", { headers, body })).json(), ["none"]);
  }
});

test("HttpWebSocket.receiveJson() refuses what is nested so deeply", async () => {
  const app = new Pottle();
  app.websocket("/", async (_, socket) => {
    for (;;) await socket.sendJson(await socket.receiveJson());
  });
  await using socket = app.testClient().websocket("/");
  await socket.send(nested(998));
  assert.equal(await socket.receive(), nested(998));
  await socket.send(nested(100_000));
  await assert.rejects(socket.receive(), { name: "WebSocketClosed", code: 1007 });
});

test("isTooDeep() does not take brackets in strings for brackets", () => {
  const padding = "x".repeat(2_000);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify([value, `${"[".repeat(3_000)}\\"[`, '\\"', { "[{\\": padding }]);
      assert.equal(isTooDeep(text), false);
      assert.equal(isTooDeep(`${"[".repeat(1_000)}${text}${"]".repeat(1_000)}`), true);
    }),
  );
  assert.equal(isTooDeep(`"${"\\".repeat(100_000)}`), false);
});
