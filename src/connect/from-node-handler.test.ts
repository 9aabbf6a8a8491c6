import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { Event, sleep } from "../asyncio/index.ts";
import { Pottle, request as currentRequest, type TestClient } from "../web/index.ts";
import { fromNodeHandler, type NodeHandler } from "./index.ts";

function clientOf(handler: NodeHandler): TestClient {
  const app = new Pottle(import.meta);
  app.mount("/", fromNodeHandler(handler));
  return app.testClient();
}

test("fromNodeHandler() gives the request as Node does, and sends what is written with its length", async () => {
  const client = clientOf((req, res) => {
    const { method, url, httpVersion, headers, headersDistinct, complete } = req;
    res.statusCode = 201;
    res.setHeader("Content-Type", "application/json");
    res.end(JSON.stringify({ method, url, httpVersion, headers, distinct: headersDistinct, complete }));
  });
  const headers: [string, string][] = [
    ["X-A", "1"],
    ["x-a", "2"],
    ["Cookie", "a=1"],
    ["cookie", "b=2"],
    ["Host", "one"],
    ["__proto__", "data"],
  ];
  const response = await client.get("/a%20b?x=1", { headers });
  assert.equal(response.status, 201);
  const seen = response.json<Record<string, unknown>>();
  assert.deepEqual(
    [seen["method"], seen["url"], seen["httpVersion"], seen["complete"]],
    ["GET", "/a%20b?x=1", "1.1", false],
  );
  const expected = JSON.parse('{"x-a":"1, 2","cookie":"a=1; b=2","host":"one","__proto__":"data"}') as object;
  assert.deepEqual(seen["headers"], expected);
  assert.deepEqual((seen["distinct"] as Record<string, string[]>)["x-a"], ["1", "2"]);
  assert.equal(response.headers.get("Content-Length"), String(response.text().length));
  assert.equal(response.headers.get("Connection"), undefined);
});

test("fromNodeHandler() streams the body of the request in, and that of the response out, with backpressure", async () => {
  const client = clientOf((req, res) => void pipeline(req, res));
  async function* body(): AsyncGenerator<string> {
    for (let i = 0; i < 50; i++) yield "x".repeat(10_000);
  }
  const response = await client.post("/", { body: body() });
  assert.equal(response.text().length, 500_000);
  assert.equal(response.headers.get("Transfer-Encoding"), undefined);
});

test("fromNodeHandler() holds a stream back while its client does not read, and goes on when it does", async () => {
  let written = 0;
  const client = clientOf(async (_req, res) => {
    async function* pieces(): AsyncGenerator<Buffer> {
      for (; written < 100; written++) yield Buffer.alloc(50_000);
    }
    await pipeline(Readable.from(pieces()), res);
  });
  const call = client.open("GET", "/");
  await call.head();
  for (let i = 0; i < 20; i++) await sleep(1);
  assert.ok(written < 20, `${written} pieces were taken while nobody read`);
  let size = 0;
  for (let piece = await call.read(); piece !== undefined; piece = await call.read()) size += piece.byteLength;
  assert.equal(size, 5_000_000);
  assert.equal((await call.over()).outcome.kind, "served");
});

test("fromNodeHandler() answers HEAD, 204 and 304 without a body", async () => {
  const client = clientOf((req, res) => {
    res.statusCode = Number(req.url!.slice(1));
    res.end(res.statusCode === 200 ? "a body" : undefined);
  });
  assert.deepEqual([(await client.head("/200")).text(), (await client.get("/304")).text()], ["", ""]);
  assert.equal((await client.get("/204")).status, 204);
});

test("fromNodeHandler() lets its code know where it is mounted", async () => {
  const app = new Pottle(import.meta);
  app.mount(
    "/old",
    fromNodeHandler((req, res) => {
      const { url, originalUrl, baseUrl } = req as IncomingMessage & { originalUrl: string; baseUrl: string };
      res.end(JSON.stringify([url, originalUrl, baseUrl]));
    }),
  );
  assert.deepEqual((await app.testClient().get("/old/x?y")).json(), ["/x?y", "/old/x?y", "/old"]);
});

test("fromNodeHandler() ignores a Transfer-Encoding, and sends trailers and hints", async () => {
  const client = clientOf((_req, res) => {
    res.writeEarlyHints({ link: ["</a.css>; rel=preload", "</b.css>; rel=preload"] });
    res.writeHead(200, { "Transfer-Encoding": "chunked", "X-A": "1" });
    res.write("one ");
    res.addTrailers({ "X-Sum": "7" });
    res.end("two");
  });
  const response = await client.get("/");
  assert.deepEqual([response.text(), response.headers.get("X-A")], ["one two", "1"]);
});

test("fromNodeHandler() answers an error before the response with 500, and reports it", async (context) => {
  context.mock.method(console, "error", () => undefined);
  const client = clientOf(() => {
    throw new Error("not today");
  });
  const response = await client.get("/");
  assert.equal(response.status, 500);
  assert.ok(response.outcome.kind === "failed" && (response.outcome.error as Error).message === "not today");
});

test("fromNodeHandler() answers with 500 if the response is destroyed before it has begun", async (context) => {
  context.mock.method(console, "error", () => undefined);
  const response = await clientOf((_req, res) => void res.destroy()).get("/");
  assert.equal(response.status, 500);
});

test("fromNodeHandler() tells its code that the client has left, and cancels what waits in it", async () => {
  const heard: string[] = [];
  const begun = new Event();
  const client = clientOf(async (req, res) => {
    req.on("aborted", () => heard.push("aborted")).on("close", () => heard.push("request closed"));
    res.on("close", () => heard.push(`response closed, ended: ${res.writableEnded}`));
    begun.set();
    try {
      await sleep(60_000);
    } finally {
      heard.push("finally");
    }
  });
  const call = client.open("POST", "/");
  await begun.wait();
  call.disconnect();
  assert.equal((await call.over()).outcome.kind, "cancelled");
  await sleep(0);
  assert.deepEqual(heard.sort(), ["aborted", "finally", "request closed", "response closed, ended: false"]);
});

test("fromNodeHandler() closes request and response after one that was served, also if its body was not read", async () => {
  const heard: string[] = [];
  const client = clientOf((req, res) => {
    req.on("aborted", () => heard.push("aborted")).on("close", () => heard.push("request closed"));
    res.on("finish", () => heard.push("finish")).on("close", () => heard.push("response closed"));
    res.end("ok");
  });
  assert.equal((await client.post("/", { body: "x".repeat(100) })).text(), "ok");
  await sleep(0);
  assert.deepEqual(heard.sort(), ["finish", "request closed", "response closed"]);
});

test("fromNodeHandler() runs its code in the context of the request", async () => {
  const client = clientOf((_req: IncomingMessage, res: ServerResponse) => {
    setImmediate(() => res.end(currentRequest().path));
  });
  assert.equal((await client.get("/path")).text(), "/path");
});

test("fromNodeHandler() refuses what is no function", () => {
  assert.throws(() => fromNodeHandler(7 as never), /Cannot make an application of a function for node:http as /);
});
