import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Pottle } from "../app/pottle.ts";
import type { TestResponse } from "../testing/test-response.ts";
import { makeResponse } from "./from-result.ts";
import type { HttpResponse } from "./http-response.ts";

const digits = "0123456789";

/** Asks for a response with headers, which is made conditional. */
async function get(
  make: () => HttpResponse,
  headers: Record<string, string> = {},
  completeLength?: number,
): Promise<TestResponse> {
  const app = new Pottle();
  const options = { acceptRanges: true, ...(completeLength === undefined ? {} : { completeLength }) };
  app.get("/", (_, request) => make().makeConditional(request, options));
  return await app.testClient().get("/", { headers });
}

function tagged(): HttpResponse {
  return makeResponse(digits).setEtag("v1");
}

test("HttpResponse.makeConditional() answers with all of it, and says that it has parts", async () => {
  const response = await get(tagged);
  assert.deepEqual([response.status, response.text(), response.headers.get("accept-ranges")], [200, digits, "bytes"]);
});

test("HttpResponse.makeConditional() answers 304 without a body, and keeps what a cache needs", async () => {
  const make = (): HttpResponse => {
    const response = tagged();
    response.vary.add("Accept");
    response.cacheControl.set({ maxAge: 1000 });
    return response;
  };
  const response = await get(make, { "If-None-Match": 'W/"v1"' });
  assert.deepEqual([response.status, response.text()], [304, ""]);
  assert.deepEqual(Object.fromEntries(response.headers), {
    ETag: '"v1"',
    Vary: "Accept",
    "Cache-Control": "max-age=1",
  });
});

test("HttpResponse.makeConditional() answers 412 without a body, and closes a stream", async () => {
  let state = "unused";
  const stream: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false, value: (state = "read") }),
      return: async () => ({ done: true, value: (state = "closed") }),
    }),
  };
  const response = await get(() => makeResponse(stream).setEtag("v1"), { "If-Match": '"v2"' });
  assert.deepEqual([response.status, response.text(), state], [412, "", "closed"]);
  assert.equal(response.headers.get("content-length"), "0");
  const plain = await get(tagged, { "If-Match": '"v2"' });
  assert.deepEqual([plain.status, plain.text(), plain.headers.has("content-type")], [412, "", false]);
});

test("HttpResponse.makeConditional() leaves other methods and statuses alone", async () => {
  const app = new Pottle();
  app.route("/", { methods: ["GET", "POST"] }, (_, request) => {
    return makeResponse(digits, request.args.has("x") ? 201 : 200)
      .setEtag("v1")
      .makeConditional(request);
  });
  const headers = { "If-None-Match": '"v1"', Range: "bytes=0-1" };
  assert.equal((await app.testClient().post("/", { headers })).status, 200);
  assert.equal((await app.testClient().get("/?x", { headers })).status, 201);
});

test("HttpResponse.makeConditional() sends a part, of a stream too", async () => {
  const stream = async function* (): AsyncGenerator<string> {
    yield "012";
    yield "3456";
    yield "789";
  };
  for (const make of [tagged, () => makeResponse(stream()).setEtag("v1")]) {
    const response = await get(make, { Range: "bytes=2-7", "If-Range": '"v1"' }, 10);
    assert.deepEqual([response.status, response.text()], [206, "234567"]);
    assert.equal(response.headers.get("content-range"), "bytes 2-7/10");
    assert.equal(response.headers.get("content-length"), "6");
    assert.equal((await get(make, { Range: "bytes=2-7", "If-Range": '"v0"' }, 10)).status, 200);
  }
  const unknown = await get(() => makeResponse(stream()), { Range: "bytes=0-1" });
  assert.deepEqual([unknown.status, unknown.headers.has("accept-ranges")], [200, false]);
});

test("HttpResponse.makeConditional() answers a part that is not there with 416 and the size", async () => {
  const response = await get(tagged, { Range: "bytes=10-" });
  assert.deepEqual([response.status, response.headers.get("content-range")], [416, "bytes */10"]);
});

/** The parts of a body in multipart/byteranges. */
function readParts(response: TestResponse): { range: string; type: string; text: string }[] {
  const boundary = /^multipart\/byteranges; boundary=(.*)$/.exec(response.headers.get("content-type") ?? "")?.[1];
  assert.ok(boundary !== undefined);
  const pieces = `\r\n${response.text()}`.split(`\r\n--${boundary}`);
  assert.equal(pieces[0], "");
  assert.equal(pieces.at(-1), "--\r\n");
  return pieces.slice(1, -1).map((piece) => {
    const [, type = "", range = "", text = ""] =
      /^\r\nContent-Type: (.*)\r\nContent-Range: (.*)\r\n\r\n([^]*)$/.exec(piece) ?? [];
    return { range, type, text };
  });
}

test("HttpResponse.makeConditional() sends several parts, of a stream too", async () => {
  const stream = async function* (): AsyncGenerator<string> {
    for (const digit of digits) yield digit;
  };
  for (const make of [tagged, () => makeResponse(stream())]) {
    const response = await get(make, { Range: "bytes=0-1, -2, 4-4" }, 10);
    assert.equal(response.status, 206);
    assert.equal(response.headers.has("content-range"), false);
    assert.deepEqual(readParts(response), [
      { range: "bytes 0-1/10", type: "text/html; charset=utf-8", text: "01" },
      { range: "bytes 4-4/10", type: "text/html; charset=utf-8", text: "4" },
      { range: "bytes 8-9/10", type: "text/html; charset=utf-8", text: "89" },
    ]);
    assert.equal(response.headers.get("content-length"), String(Buffer.byteLength(response.text())));
  }
});

test("HttpResponse.makeConditional() cuts the same parts out of a stream, however it comes in pieces", async () => {
  const cuts = fc.array(fc.nat(10), { maxLength: 6 });
  const range = fc.tuple(fc.nat(12), fc.nat(12)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  await fc.assert(
    fc.asyncProperty(cuts, fc.array(range, { minLength: 1, maxLength: 4 }), async (points, ranges) => {
      const sorted = [0, ...points.toSorted((a, b) => a - b), 10];
      const stream = async function* (): AsyncGenerator<string> {
        for (const [i, end] of sorted.slice(1).entries()) yield digits.slice(sorted[i], end);
      };
      const headers = { Range: `bytes=${ranges.join(",")}` };
      const [whole, pieces] = [await get(tagged, headers), await get(() => makeResponse(stream()), headers, 10)];
      assert.equal(whole.status, pieces.status);
      if (whole.headers.get("content-type")?.startsWith("multipart") !== true || whole.status !== 206) {
        if (whole.status === 206) assert.equal(whole.text(), pieces.text());
      } else assert.deepEqual(readParts(whole), readParts(pieces));
    }),
  );
});

test("HttpResponse.addEtag() is the same for the same body, and keeps a tag that is there", () => {
  const tag = makeResponse("a").addEtag().etag;
  assert.match(tag ?? "", /^"[\w-]{27}"$/);
  assert.equal(makeResponse("a", 201).addEtag().etag, tag);
  assert.notEqual(makeResponse("b").addEtag().etag, tag);
  assert.equal(makeResponse("a").addEtag({ weak: true }).etag, `W/${tag}`);
  assert.equal(makeResponse("a").setEtag("own").addEtag().etag, '"own"');
  assert.equal(makeResponse("a").setEtag("own").addEtag({ overwrite: true }).etag, tag);
  assert.throws(() => makeResponse((async function* () {})()).addEtag(), /Cannot add an ETag as the body must be/);
  assert.throws(() => makeResponse("").setEtag('a"\r\nX: y'), TypeError);
});

test("HttpResponse has its dates and its part as values", () => {
  const response = makeResponse("");
  const date = new Date(784_111_777_000);
  Object.assign(response, { lastModified: date, expires: date, date });
  response.contentRange = { unit: "bytes", start: 0, end: 1, size: 10 };
  for (const name of ["Last-Modified", "Expires", "Date"]) {
    assert.equal(response.headers.get(name), "Sun, 06 Nov 1994 08:49:37 GMT");
  }
  assert.deepEqual([response.lastModified, response.expires, response.date], [date, date, date]);
  assert.deepEqual(response.contentRange, { unit: "bytes", start: 0, end: 1, size: 10 });
  response.lastModified = undefined;
  assert.equal(response.headers.has("last-modified"), false);
  assert.throws(() => (response.expires = new Date(NaN)), RangeError);
  assert.equal(response.contentType?.essence, "text/html");
  assert.deepEqual([...response.allow.add("GET", "HEAD")], ["GET", "HEAD"]);
});
