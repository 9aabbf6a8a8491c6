import assert from "node:assert/strict";
import { test } from "node:test";
import { findFault, type Http2RequestHead, readRequestHead } from "./request-head.ts";

const pseudo = [":method", "GET", ":scheme", "https", ":path", "/a?b", ":authority", "a.example"];

function read(...more: string[]): Http2RequestHead {
  return readRequestHead([...pseudo, ...more]);
}

test("readRequestHead() tells pseudo headers from headers, and makes the authority the first of them", () => {
  const { size, ...head } = read("accept", "*/*");
  assert.deepEqual(head, {
    method: "GET",
    target: "/a?b",
    authority: "a.example",
    protocol: undefined,
    rawHeaders: ["host", "a.example", "accept", "*/*"],
  });
  assert(size >= [...pseudo, "accept", "*/*"].join("").length);
});

test("readRequestHead() leaves a host alone", () => {
  assert.deepEqual(read("accept", "*/*", "host", "b.example").rawHeaders, ["accept", "*/*", "host", "b.example"]);
});

test("readRequestHead() joins the crumbs of a cookie where the first one stood", () => {
  const { rawHeaders } = read("cookie", "a=1", "accept", "*/*", "cookie", "b=2", "cookie", "c=3");
  assert.deepEqual(rawHeaders, ["host", "a.example", "cookie", "a=1; b=2; c=3", "accept", "*/*"]);
});

test("readRequestHead() takes the authority as the target of a CONNECT, unless it has a path", () => {
  const plain = readRequestHead([":method", "CONNECT", ":authority", "a.example:443"]);
  assert.deepEqual([plain.target, plain.protocol], ["a.example:443", undefined]);
  const extended = readRequestHead([...pseudo.with(1, "CONNECT"), ":protocol", "websocket"]);
  assert.deepEqual([extended.target, extended.protocol], ["/a?b", "websocket"]);
});

test("findFault() accepts a host that is the authority, whatever its case", () => {
  assert.equal(findFault(read()), undefined);
  assert.equal(findFault(read("host", "A.Example")), undefined);
});

for (const [title, fields, reason] of [
  ["a host that is another", ["host", "b.example"], /is not the authority/],
  ["two hosts", ["host", "a.example", "host", "a.example"], /2 Host headers/],
] as const) {
  test(`findFault() refuses ${title}`, () => {
    const fault = findFault(read(...fields));
    assert.deepEqual([fault?.status, fault?.method, fault?.target], [400, "GET", "/a?b"]);
    assert.match(fault!.reason, reason);
  });
}

test("findFault() refuses a request without a host", () => {
  assert.match(findFault(readRequestHead([":method", "GET", ":path", "/"]))!.reason, /no Host header/);
});
