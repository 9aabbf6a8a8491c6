import assert from "node:assert/strict";
import { test } from "node:test";
import { toResponseHead } from "./response-head.ts";

test("toResponseHead() puts the status first, and keeps the order and the count of the headers", () => {
  const headers = ["Set-Cookie", "a=1", "X-One", "1", "set-cookie", "b=2"];
  assert.deepEqual(toResponseHead(404, headers), [
    ":status",
    "404",
    "set-cookie",
    "a=1",
    "x-one",
    "1",
    "set-cookie",
    "b=2",
  ]);
});

for (const name of [
  "Connection",
  "keep-alive",
  "Proxy-Connection",
  "Transfer-Encoding",
  "UPGRADE",
  "te",
  "HTTP2-Settings",
]) {
  test(`toResponseHead() drops ${name}`, () => {
    assert.deepEqual(toResponseHead(200, [name, "x", "etag", "y"]), [":status", "200", "etag", "y"]);
  });
}

for (const [value, sent] of [
  [" a", "a"],
  ["a\t ", "a"],
  [" \t", ""],
  ["a b", "a b"],
  ["", ""],
  ["\u00A0a\u00A0", "\u00A0a\u00A0"],
] as const) {
  test(`toResponseHead() sends the value ${JSON.stringify(value)} as ${JSON.stringify(sent)}`, () => {
    assert.deepEqual(toResponseHead(200, ["x", value]), [":status", "200", "x", sent]);
  });
}

test("toResponseHead() refuses a head that Node would close the connection for", () => {
  assert.doesNotThrow(() => toResponseHead(200, ["x", "v".repeat(64_900)]));
  assert.throws(() => toResponseHead(200, ["x", "v".repeat(65_000)]), {
    name: "InvalidHeaderError",
    message:
      "Cannot send the headers as over HTTP/2 they must take at most 65000 bytes, each counted with 12 more: current value is 65013",
  });
});
