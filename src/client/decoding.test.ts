import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { ClientSession } from "./session.ts";
import { ContentTypeError, InvalidJsonError } from "./errors.ts";
import { serve, type TestServer, until } from "./server.fixture.ts";

const limited = { timeout: 5_000 };

interface Served {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  readonly status?: number;
}

/** Serves the entries of `pages` by their index; `/whole/…` in one piece, `/pieces/…` byte by byte. */
function servePages(context: { after(fn: () => void): void }, pages: readonly Served[]): Promise<TestServer> {
  return serve(context, (request, response) => {
    const [, how, index] = (request.url ?? "").split("/");
    const { headers = {}, body, status = 200 } = pages[Number(index)]!;
    response.writeHead(status, headers);
    if (how === "whole") response.end(body);
    else sendPieces(response, body);
  });
}

function sendPieces(response: ServerResponse, body: Uint8Array | string): void {
  for (let at = 0; at < body.length; at += 7) response.write(body.slice(at, at + 7));
  setImmediate(() => response.end());
}

const text = "pottle, ".repeat(5_000);
const codings: readonly [coding: string, bytes: Uint8Array][] = [
  ["gzip", gzipSync(text)],
  ["x-gzip", gzipSync(text)],
  ["deflate", deflateSync(text)],
  ["deflate", deflateRawSync(text)],
  ["br", brotliCompressSync(text)],
  ["zstd", zstdCompressSync(text)],
  ["deflate, GZIP", gzipSync(deflateSync(text))],
  ["identity", Buffer.from(text)],
  ["gzip, gzip", Buffer.concat([gzipSync(gzipSync(text))])],
  ["gzip", Buffer.concat([gzipSync(text.slice(0, 100)), gzipSync(text.slice(100))])],
];

test("ClientResponse decodes each coding, however its bytes arrive", limited, async (context) => {
  const pages = codings.map(([coding, body]) => ({ headers: { "Content-Encoding": coding }, body }));
  const { url } = await servePages(context, pages);
  await using session = new ClientSession({ baseUrl: url });
  for (const [index, [coding]] of codings.entries()) {
    for (const how of ["whole", "pieces"]) {
      assert.equal(await (await session.get(`${how}/${index}`)).text(), text, `${coding} in ${how}`);
      const pieces: Uint8Array[] = [];
      for await (const piece of (await session.get(`${how}/${index}`)).body) pieces.push(piece);
      assert.equal(Buffer.concat(pieces).toString(), text);
    }
  }
});

test(
  "ClientResponse leaves a body with an unknown coding as it is, and an empty one empty",
  limited,
  async (context) => {
    const { url } = await servePages(context, [
      { headers: { "Content-Encoding": "rot13" }, body: "cbggyr" },
      { headers: { "Content-Encoding": "gzip, rot13" }, body: "cbggyr" },
      { headers: { "Content-Encoding": "gzip" }, body: "" },
      { headers: { "Content-Encoding": "br" }, body: "", status: 204 },
    ]);
    await using session = new ClientSession({ baseUrl: url });
    const texts = [];
    for (let n = 0; n < 4; n++) texts.push(await (await session.get(`whole/${n}`)).text());
    assert.deepEqual(texts, ["cbggyr", "cbggyr", "", ""]);
    assert.equal(await (await session.head("whole/0")).text(), "");
  },
);

test("ClientResponse gives what has been decoded before more arrives", limited, async (context) => {
  const whole = gzipSync("first");
  const { url } = await serve(context, (_, response) => {
    response.writeHead(200, { "Content-Encoding": "gzip" });
    response.write(whole);
    context.after(() => response.end());
  });
  await using session = new ClientSession();
  await using response = await session.get(url);
  for await (const piece of response.body) {
    assert.equal(Buffer.from(piece).toString(), "first");
    break;
  }
});

for (const bytes of [
  gzipSync(text).subarray(0, 90),
  Buffer.concat([gzipSync(text).subarray(0, 60), Buffer.alloc(99, 1)]),
]) {
  test(
    `ClientResponse refuses a body of ${bytes.length} bytes that cannot be decoded to its end`,
    limited,
    async (context) => {
      const { url } = await servePages(context, [{ headers: { "Content-Encoding": "gzip" }, body: bytes }]);
      await using session = new ClientSession({ baseUrl: url });
      for (const how of ["whole", "pieces"]) {
        const response = await session.get(`${how}/0`);
        const expected = { name: "ClientPayloadError", message: /as it is not gzip/ };
        await assert.rejects(response.text(), expected);
        await assert.rejects(response.text(), expected, "and no part of it is given later");
      }
      assert.equal(session.statistics().inUse, 0);
    },
  );
}

const utf16 = Buffer.from("\uFEFFgrüße", "utf16le");
for (const [what, type, body, expected] of [
  ["UTF-8 by default", undefined, "grüße", "grüße"],
  ["the charset of its type", "text/html; charset=iso-8859-1", Buffer.from("grüße", "latin1"), "grüße"],
  ["a quoted charset", 'text/html; x=y; Charset="windows-1252"', Buffer.from([0x80]), "€"],
  ["its byte order mark", "text/html; charset=utf-8", utf16, "grüße"],
  ["a mark of UTF-8, which is left out", "text/plain", "\uFEFFx", "x"],
  ["UTF-8 where the charset is unknown", "text/html; charset=klingon", "ü", "ü"],
  ["U+FFFD for what is none", "text/plain; charset=utf-8", Buffer.from([0x61, 0xff]), "a\uFFFD"],
] as const) {
  test(`ClientResponse.text() reads ${what}`, limited, async (context) => {
    const { url } = await servePages(context, [{ headers: type === undefined ? {} : { "Content-Type": type }, body }]);
    await using session = new ClientSession({ baseUrl: url });
    assert.equal(await (await session.get("whole/0")).text(), expected);
  });
}

test("ClientResponse.json() parses whatever the type, and says what was wrong", limited, async (context) => {
  const { url } = await servePages(context, [
    { headers: { "Content-Type": "text/plain" }, body: "[1]" },
    { headers: { "Content-Type": "text/html" }, body: "<p>Sorry" },
    { headers: { "Content-Type": "application/problem+json" }, body: "{" },
    { body: "nope" },
  ]);
  await using session = new ClientSession({ baseUrl: url });
  const json = async (n: number): Promise<unknown> => (await session.get(`whole/${n}`)).json();
  assert.deepEqual(await json(0), [1]);
  await assert.rejects(json(1), (error: ContentTypeError) => {
    assert.ok(error instanceof ContentTypeError);
    return error.message.endsWith("/whole/1 as JSON as its type is another: text/html");
  });
  await assert.rejects(json(2), InvalidJsonError);
  await assert.rejects(json(3), InvalidJsonError);
});

test("ClientResponse.body is read once, by one", limited, async (context) => {
  const { url } = await servePages(context, [{ body: "x" }]);
  await using session = new ClientSession({ baseUrl: url });
  const response = await session.get("whole/0");
  for await (const piece of response.body) assert.equal(piece.length, 1);
  await assert.rejects(response.text(), { name: "InvalidStateError", message: /as it was read already$/ });
  await assert.rejects(async () => {
    for await (const piece of response.body) assert.fail(String(piece));
  }, /was read already/);
});

for (const [coding, bytes] of codings.slice(2, 6)) {
  test(
    `ClientResponse lets go of its connection where more follows what is ${coding} (${bytes.length} bytes)`,
    limited,
    async (context) => {
      const { url } = await serve(context, (_, response) => {
        response.writeHead(200, { "Content-Encoding": coding });
        response.write(Buffer.concat([bytes, Buffer.alloc(3_000_000)]));
        context.after(() => void response.end());
      });
      await using session = new ClientSession();
      assert.equal(await (await session.get(url)).text(), text);
      await until(() => session.statistics().inUse === 0);
    },
  );
}
