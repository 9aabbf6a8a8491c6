import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Pottle } from "../app/pottle.ts";
import type { TestResponse } from "../testing/test-response.ts";
import { sendFile, type SendFileOptions, sendFromDirectory } from "./send-file.ts";
import type { StaticOptions } from "./static-files.ts";

const place = mkdtempSync(join(tmpdir(), "pottle-send-"));
after(() => rmSync(place, { recursive: true }));
const large = Buffer.alloc(200_000, "0123456789");
writeFileSync(join(place, "a.txt"), "0123456789");
writeFileSync(join(place, "large.bin"), large);
writeFileSync(join(place, "main.css"), "plain");
writeFileSync(join(place, "main.css.br"), "as br");
writeFileSync(join(place, "main.css.gz"), "as gzip");
writeFileSync(join(place, "index.html"), "index");
writeFileSync(join(place, "index.html.zst"), "index as zstd");
writeFileSync(join(place, "out.css"), "plain");
writeFileSync(join(tmpdir(), "pottle-secret.br"), "secret");
symlinkSync(join(tmpdir(), "pottle-secret.br"), join(place, "out.css.br"));
utimesSync(join(place, "a.txt"), 784_111_777, 784_111_777);

type Sent = Parameters<typeof sendFile>[0];

async function send(
  file: Sent | (() => Sent),
  options?: SendFileOptions,
  headers: Record<string, string> = {},
): Promise<TestResponse> {
  const app = new Pottle({ dirname: place });
  app.get("/", () => sendFile(typeof file === "function" ? file() : file, options));
  return await app.testClient().get("/", { headers });
}

test("sendFile() sends bytes with a tag, a type and parts", async () => {
  const response = await send(Buffer.from("a,b"), { downloadName: "é.csv" });
  assert.deepEqual([response.status, response.text()], [200, "a,b"]);
  assert.equal(response.headers.get("content-type"), "text/csv; charset=utf-8");
  assert.equal(response.headers.get("content-disposition"), "inline; filename=\"_.csv\"; filename*=UTF-8''%C3%A9.csv");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  const etag = response.headers.get("etag") ?? "";
  assert.equal((await send(Buffer.from("a,b"), {}, { "If-None-Match": etag })).status, 304);
  assert.equal((await send(Buffer.from("a,b"), { etag: false })).headers.has("etag"), false);
  const part = await send(Buffer.from("a,b"), {}, { Range: "bytes=-1", "If-Range": etag });
  assert.deepEqual(
    [part.status, part.text(), part.headers.get("content-type")],
    [206, "b", "application/octet-stream"],
  );
});

test("sendFile() sends a stream, of which there are no parts", async () => {
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from("ab");
    yield Buffer.from("c");
  };
  const options = { mimetype: "text/x-own", etag: "v1", asAttachment: true };
  const response = await send(stream, options, { Range: "bytes=0-0" });
  assert.deepEqual([response.status, response.text()], [200, "abc"]);
  assert.equal(response.headers.get("content-disposition"), 'attachment; filename="file"');
  assert.equal((await send(stream, options, { "If-None-Match": '"v1"' })).status, 304);
});

test("sendFile() takes a date, an age and a tag of one's own, and can ignore conditions", async () => {
  const lastModified = new Date(784_111_777_000);
  const options: SendFileOptions = { lastModified, maxAge: 60_000, etag: "v1" };
  for (const file of ["a.txt", Buffer.from("0123456789")]) {
    const { headers } = await send(file, options);
    assert.equal(headers.get("last-modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert.equal(headers.get("cache-control"), "public, max-age=60");
    assert.equal(headers.get("etag"), '"v1"');
    const conditions = { "If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT", Range: "bytes=0-1" };
    assert.equal((await send(file, options, conditions)).status, 304);
    const whole = await send(file, { ...options, conditional: false }, conditions);
    assert.deepEqual([whole.status, whole.text(), whole.headers.has("accept-ranges")], [200, "0123456789", false]);
  }
});

test("sendFile() sends several parts of a file, small or large", async () => {
  for (const [file, content] of [
    ["a.txt", Buffer.from("0123456789")],
    ["large.bin", large],
  ] as const) {
    const last = content.length - 1;
    const response = await send(file, {}, { Range: `bytes=5-${last - 2}, 0-1` });
    const [, boundary = ""] = /boundary=(.*)$/.exec(response.headers.get("content-type") ?? "") ?? [];
    const type = file === "a.txt" ? "text/plain; charset=utf-8" : "application/octet-stream";
    const part = (start: number, end: number): string =>
      `--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: bytes ${start}-${end}/${content.length}\r\n\r\n${content.subarray(start, end + 1).toString()}\r\n`;
    assert.equal(response.text(), `${part(0, 1)}${part(5, last - 2)}--${boundary}--\r\n`);
    assert.equal(response.status, 206);
    assert.equal(response.headers.get("content-length"), String(response.text().length));
  }
});

test("sendFile() answers 412 and 416 without the file", async () => {
  const demanded = await send("a.txt", {}, { "If-Match": '"other"' });
  assert.deepEqual([demanded.status, demanded.text(), demanded.headers.has("content-type")], [412, "", false]);
  const beyond = await send("a.txt", {}, { Range: "bytes=10-" });
  assert.deepEqual([beyond.status, beyond.headers.get("content-range")], [416, "bytes */10"]);
  assert.doesNotMatch(beyond.text(), /0123456789/);
});

test("sendFile() refuses what is not a file, and options of the wrong kind", async () => {
  const app = new Pottle();
  const errors: unknown[] = [];
  const bad: [unknown, object][] = [
    [7, {}],
    [{}, {}],
    [null, {}],
    [Buffer.from(""), { etag: 5 }],
    [Buffer.from(""), { etag: 'a"b' }],
    [Buffer.from(""), { maxAge: -1 }],
    [Buffer.from(""), { lastModified: new Date(NaN) }],
  ];
  app.get("/", async () => {
    for (const [file, options] of bad)
      await sendFile(file as string, options).catch((error: unknown) => errors.push(error));
    return "";
  });
  await app.testClient().get("/");
  assert.deepEqual(
    errors.map((error) => (error as Error).name),
    ["TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "RangeError", "RangeError"],
  );
});

test("sendFromDirectory() takes the options of sendFile()", async () => {
  const app = new Pottle({ dirname: place });
  app.get("/<path:path>", ({ path }) => sendFromDirectory(".", path, { asAttachment: true, maxAge: 1000 }));
  const { headers } = await app.testClient().get("/a.txt");
  assert.equal(headers.get("content-disposition"), 'attachment; filename="a.txt"');
  assert.equal(headers.get("cache-control"), "public, max-age=1");
});

function getStatic(path: string, headers: Record<string, string>, options: StaticOptions): Promise<TestResponse> {
  const app = new Pottle({ dirname: place });
  app.static("/", ".", options);
  return app.testClient().get(path, { headers });
}

const choices: readonly (readonly [accept: string | undefined, text: string, coding: string | undefined])[] = [
  [undefined, "plain", undefined],
  ["", "plain", undefined],
  ["br, gzip", "as br", "br"],
  ["gzip, br;q=0.9", "as gzip", "gzip"],
  ["gzip", "as gzip", "gzip"],
  ["zstd", "plain", undefined],
  ["*", "as br", "br"],
  ["br;q=0, *", "as gzip", "gzip"],
  ["gzip;q=0.1, identity", "plain", undefined],
  ["identity;q=0", "plain", undefined],
];
for (const [accept, text, coding] of choices) {
  test(`app.static() with precompressed sends ${text} to a client that accepts ${accept}`, async () => {
    const response = await getStatic("/main.css", accept === undefined ? {} : { "Accept-Encoding": accept }, {
      precompressed: true,
    });
    assert.deepEqual([response.text(), response.headers.get("content-encoding")], [text, coding]);
    assert.equal(response.headers.get("content-type"), "text/css; charset=utf-8");
    assert.equal(response.headers.get("vary"), "Accept-Encoding");
  });
}

test("app.static() with precompressed has another tag for each coding, which conditions see", async () => {
  const options: StaticOptions = { precompressed: ["gzip"] };
  const plain = (await getStatic("/main.css", {}, options)).headers.get("etag") ?? "";
  const response = await getStatic("/main.css", { "Accept-Encoding": "br, gzip" }, options);
  const etag = response.headers.get("etag") ?? "";
  assert.deepEqual([response.text(), etag.endsWith('-gzip"')], ["as gzip", true]);
  const headers = { "Accept-Encoding": "gzip", "If-None-Match": etag };
  const fresh = await getStatic("/main.css", headers, options);
  assert.deepEqual([fresh.status, fresh.headers.get("vary")], [304, "Accept-Encoding"]);
  assert.equal((await getStatic("/main.css", { ...headers, "If-None-Match": plain }, options)).status, 200);
  const part = await getStatic("/main.css", { "Accept-Encoding": "gzip", Range: "bytes=0-1" }, options);
  assert.deepEqual([part.status, part.text(), part.headers.get("content-encoding")], [206, "as", "gzip"]);
});

test("app.static() with precompressed has it for an index, follows no link out, and is off by default", async () => {
  const accept = { "Accept-Encoding": "zstd, br" };
  assert.equal((await getStatic("/", accept, { precompressed: true })).text(), "index as zstd");
  assert.equal((await getStatic("/out.css", accept, { precompressed: true })).text(), "plain");
  const off = await getStatic("/main.css", accept, {});
  assert.deepEqual([off.text(), off.headers.has("vary")], ["plain", false]);
  assert.throws(() => new Pottle().static("/", ".", { precompressed: ["deflate"] as never }), TypeError);
});
