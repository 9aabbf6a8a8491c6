import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, gather } from "../../asyncio/index.ts";
import { MemoryExchange, serveExchange } from "../../http/index.ts";
import { jsonify, Pottle } from "../index.ts";

test("HttpRequest.body gives the chunks of a body as they come, and is consumed then", async () => {
  const app = new Pottle();
  const chunks: string[] = [];
  let came = Promise.withResolvers<void>();
  app.post("/", async (_, request) => {
    for await (const chunk of request.body) {
      chunks.push(Buffer.from(chunk).toString());
      came.resolve();
    }
    return `${(await request.bytes()).length} left`;
  });
  const exchange = new MemoryExchange({ method: "POST", target: "/" });
  const serving = createTask(() => serveExchange(app, exchange));
  for (const text of ["one", "two"]) {
    came = Promise.withResolvers<void>();
    exchange.upload.push(Buffer.from(text));
    await came.promise;
  }
  assert.deepEqual(chunks, ["one", "two"]);
  exchange.upload.end();
  assert.equal((await exchange.head()).status, 200);
  assert.equal(Buffer.from((await exchange.download.read()) ?? []).toString(), "0 left");
  await serving;
});

test("HttpRequest.bytes(), text() and json() called at once read the body once", async () => {
  const app = new Pottle();
  app.post("/", async (_, request) => {
    const [bytes, text, json, again] = await gather(
      () => request.bytes(),
      () => request.text(),
      () => request.json(),
      () => request.json(),
    );
    return [bytes.length, text, json, again, await request.text()];
  });
  const response = await app.testClient().post("/", { json: { a: 1 } });
  assert.deepEqual(response.json(), [7, '{"a":1}', { a: 1 }, { a: 1 }, '{"a":1}']);
});

test("jsonify() makes JSON of one value, and an array of several", async () => {
  const app = new Pottle();
  app.get("/one", () => jsonify({ a: 1 }));
  app.get("/text", () => jsonify("a"));
  app.get("/several", () => jsonify(1, "b", null));
  const client = app.testClient();
  for (const [path, text] of [
    ["/one", '{"a":1}'],
    ["/text", '"a"'],
    ["/several", '[1,"b",null]'],
  ] as const) {
    const response = await client.get(path);
    assert.deepEqual([response.text(), response.headers.get("Content-Type")], [text, "application/json"]);
  }
});
