import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliDecompressSync, constants, createGunzip, gunzipSync, zstdDecompressSync } from "node:zlib";
import { createTask, Event, sleep } from "../../asyncio/index.ts";
import { checkLeaks } from "../../asyncio/testing/index.ts";
import { makeResponse, Pottle } from "../index.ts";
import { compress, type CompressOptions, etags } from "./index.ts";

const text = "Hello ".repeat(1_000);

function appWith(options?: CompressOptions): Pottle {
  const app = new Pottle(import.meta);
  compress(app, options);
  app.get("/", () => text);
  app.post("/", () => makeResponse(text).setCookie("a", "1"));
  app.get("/small", () => "x".repeat(1_023));
  app.get("/bytes", () => makeResponse(Buffer.from(text), 200, { "Content-Type": "image/png" }));
  app.get("/encoded", () => makeResponse(text, 200, { "Content-Encoding": "x" }));
  app.get("/as-it-is", () => makeResponse(text, 200, { "Cache-Control": "no-transform" }));
  app.get("/cookie", () => makeResponse(text).setCookie("a", "1"));
  app.get("/tag", () => makeResponse(text, 200, { ETag: '"1"' }));
  app.get("/json", () => ({ text }));
  return app;
}

const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync };

test("compress() encodes by each coding what the client takes, the preferred one first", async () => {
  const client = appWith().testClient();
  const asked: [accept: string, coding: keyof typeof decoders][] = [
    ["gzip", "gzip"],
    ["br", "br"],
    ["zstd", "zstd"],
    ["gzip, deflate, br, zstd", "zstd"],
    ["gzip;q=1, br;q=0.5", "gzip"],
    ["*", "zstd"],
  ];
  for (const [accept, coding] of asked) {
    const response = await client.get("/", { headers: { "Accept-Encoding": accept } });
    assert.equal(response.headers.get("Content-Encoding"), coding);
    assert.equal(response.headers.get("Vary"), "Accept-Encoding");
    assert.equal(response.headers.get("Content-Length"), String(response.bytes().byteLength));
    assert.equal(Buffer.from(decoders[coding](response.bytes())).toString(), text);
  }
});

test("compress() leaves alone what the client does not take, and what is not to be compressed", async () => {
  const client = appWith().testClient();
  const plain: [path: string, accept: string][] = [
    ["/", ""],
    ["/", "deflate"],
    ["/", "gzip;q=0"],
    ["/", "identity, gzip;q=0.5"],
    ["/small", "gzip"],
    ["/bytes", "gzip"],
    ["/as-it-is", "gzip"],
  ];
  for (const [path, accept] of plain) {
    const { headers } = await client.get(path, { headers: { "Accept-Encoding": accept } });
    assert.equal(headers.get("Content-Encoding"), undefined, `${path} for ${accept}`);
  }
  const encoded = await client.get("/encoded", { headers: { "Accept-Encoding": "gzip" } });
  assert.equal(encoded.headers.get("Content-Encoding"), "x");
  assert.equal((await client.get("/")).headers.get("Vary"), "Accept-Encoding");
  assert.equal((await client.get("/small")).headers.get("Vary"), undefined);
});

test("compress() leaves a response alone that sets a cookie, if its request has a query or a body", async () => {
  const client = appWith().testClient();
  const headers = { "Accept-Encoding": "gzip" };
  const coding = async (path: string): Promise<string | undefined> =>
    (await client.get(path, { headers })).headers.get("Content-Encoding");
  assert.deepEqual(
    [await coding("/cookie"), await coding("/cookie?q=guess"), await coding("/?q=1")],
    ["gzip", undefined, "gzip"],
  );
  const posted = await client.post("/", { headers, body: "guess" });
  assert.equal(posted.headers.get("Content-Encoding"), undefined);
});

test("compress() leaves a response alone if the client does not say which codings it knows", async () => {
  const app = new Pottle(import.meta);
  compress(app, { minimumSize: 1 });
  app.get("/", () => "Hello");
  const response = await app.testClient().get("/");
  assert.deepEqual([response.headers.get("Content-Encoding"), response.text()], [undefined, "Hello"]);
  assert.equal(response.headers.get("Vary"), "Accept-Encoding");
});

test("compress() weakens an ETag, and etags() compares before it compresses", async () => {
  const app = appWith();
  etags(app);
  const client = app.testClient();
  const headers = { "Accept-Encoding": "gzip" };
  assert.equal((await client.get("/tag", { headers })).headers.get("ETag"), 'W/"1"');
  const first = await client.get("/json", { headers });
  const etag = first.headers.get("ETag")!;
  assert.match(etag, /^W\/"[\w-]+"$/);
  const second = await client.get("/json", { headers: { ...headers, "If-None-Match": etag } });
  assert.deepEqual([second.status, second.bytes().byteLength], [304, 0]);
});

test("compress() lets a 304 say what its 200 says: a cache puts its headers in the place of those that it has", async () => {
  const app = appWith();
  etags(app);
  const client = app.testClient();
  for (const coding of ["gzip", "identity"]) {
    const headers = { "Accept-Encoding": coding };
    const full = await client.get("/json", { headers });
    const etag = full.headers.get("ETag")!;
    const none = await client.get("/json", { headers: { ...headers, "If-None-Match": etag } });
    assert.equal(none.status, 304);
    for (const name of ["ETag", "Vary"]) assert.deepEqual(none.headers.getAll(name), full.headers.getAll(name), coding);
  }
});

test("compress() answers HEAD as GET, without a body", async () => {
  const response = await appWith()
    .testClient()
    .head("/", { headers: { "Accept-Encoding": "gzip" } });
  assert.equal(response.headers.get("Content-Encoding"), "gzip");
  assert.equal(response.headers.get("Content-Length"), undefined);
});

for (const coding of ["gzip", "br", "zstd"] as const) {
  test(`compress() sends each piece of a stream by ${coding} when it comes`, async () => {
    const app = new Pottle(import.meta);
    compress(app);
    const next = new Event();
    app.get("/", () => ({
      async *[Symbol.asyncIterator]() {
        yield "one ";
        await next.wait();
        yield "x".repeat(300_000);
      },
    }));
    app.afterRequest((response) => void response.headers.set("Content-Type", "text/event-stream"));
    const call = app.testClient().open("GET", "/", { headers: { "Accept-Encoding": coding } });
    const pieces: Uint8Array[] = [];
    assert.deepEqual((await call.head()).headers.includes("Content-Length"), false);
    pieces.push((await call.read())!);
    if (coding === "gzip") assert.equal(await begun(pieces[0]!), "one ");
    next.set();
    for (let piece = await call.read(); piece !== undefined; piece = await call.read()) pieces.push(piece);
    const whole = Buffer.from(decoders[coding](Buffer.concat(pieces))).toString();
    assert.equal(whole, `one ${"x".repeat(300_000)}`);
    assert.equal((await call.over()).outcome.kind, "served");
  });
}

/** What a client sees of a body by gzip that has only begun. */
function begun(bytes: Uint8Array): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  gunzip.on("data", (data: Buffer) => resolve(data.toString()));
  gunzip.end(bytes);
  return promise;
}

test("compress() closes a stream whose client leaves, and passes its error on", async (context) => {
  context.mock.method(console, "error", () => undefined);
  const closed: string[] = [];
  const app = new Pottle(import.meta);
  compress(app);
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) {
        yield "data ";
        await sleep(1);
      }
    } finally {
      closed.push("closed");
    }
  }
  async function* failing(): AsyncGenerator<string> {
    yield "one";
    throw new Error("broken");
  }
  app.get("/endless", () => endless());
  app.get("/failing", () => failing());
  app.afterRequest((response) => void response.headers.set("Content-Type", "text/plain"));
  await checkLeaks(async () => {
    const headers = { "Accept-Encoding": "gzip" };
    const call = app.testClient().open("GET", "/endless", { headers });
    await call.read();
    call.disconnect();
    assert.equal((await call.over()).outcome.kind, "cancelled");
    const failed = createTask(() => app.testClient().get("/failing", { headers }));
    await assert.rejects(async () => await failed, /ResponseAborted|broken off/);
  });
  assert.deepEqual(closed, ["closed"]);
});

test("compress() refuses codings that are not known, and sizes that are none", () => {
  assert.throws(() => appWith({ codings: ["deflate" as never] }), /'codings' must be one of zstd, br, gzip/);
  assert.throws(() => appWith({ codings: [] }), /'codings' must have one/);
  assert.throws(() => appWith({ minimumSize: -1 }), /'minimumSize' must be a whole number/);
});
