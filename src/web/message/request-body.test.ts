import assert from "node:assert/strict";
import { test } from "node:test";
import { Pottle } from "../app/pottle.ts";

test("HttpRequest.body that is announced as too large is refused before the response begins", async () => {
  const app = new Pottle();
  app.post("/echo", (_, request) => request.body);
  const client = app.testClient();
  assert.equal((await client.post("/echo", { headers: { "Content-Length": "99999999999" } })).status, 413);
  assert.equal((await client.post("/echo", { body: "small" })).text(), "small");
});
