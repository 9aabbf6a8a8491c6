import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseCookies } from "./cookie.ts";
import { formatSetCookie } from "./set-cookie.ts";

const headers: readonly (readonly [header: string, pairs: readonly (readonly [string, string])[]])[] = [
  ["", []],
  ["a=1", [["a", "1"]]],
  [
    "a=1; b=2;c=3 ;  d = 4 ",
    [
      ["a", "1"],
      ["b", "2"],
      ["c", "3"],
      ["d", "4"],
    ],
  ],
  [
    "a=1; a=2",
    [
      ["a", "1"],
      ["a", "2"],
    ],
  ],
  ["a=", [["a", ""]]],
  ["a", [["a", ""]]],
  ["a=b=c", [["a", "b=c"]]],
  ["=1; ; ;=", []],
  ['a="b c"', [["a", "b c"]]],
  ['a="\\"\\\\\\054\\073"', [["a", '"\\,;']]],
  ['a="', [["a", '"']]],
  ['a=""', [["a", ""]]],
  ['a="b', [["a", '"b']]],
  ['a="\\303\\251"', [["a", "é"]]],
  ['a="\\377"', [["a", "\ufffd"]]],
  ["a=\xc3\xa9", [["a", "é"]]],
  ["a=\xff", [["a", "\ufffd"]]],
  ["a=%20", [["a", "%20"]]],
  ["__proto__=1", [["__proto__", "1"]]],
];
for (const [header, pairs] of headers) {
  test(`parseCookies() reads ${JSON.stringify(header)}`, () => {
    assert.deepEqual([...parseCookies(header)], pairs);
  });
}

test("CookieList gives the first of several values, or all", () => {
  const cookies = parseCookies("a=1; b=2; a=3");
  assert.equal(cookies.get("a"), "1");
  assert.deepEqual(cookies.getAll("a"), ["1", "3"]);
  assert.equal(cookies.has("b"), true);
  assert.equal(cookies.get("c"), undefined);
  assert.equal(cookies.has("toString"), false);
  assert.equal(cookies.size, 3);
});

test("parseCookies() never throws", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (header) => void parseCookies(header)));
});

test("parseCookies() reads back every value that formatSetCookie() wrote", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary-ascii" }), (text, ascii) => {
      for (const value of [text, ascii]) {
        const header = formatSetCookie("a", value.toWellFormed());
        assert.match(header, /^[\x20-\x7e]*; HttpOnly; Path=\/; SameSite=Lax$/);
        assert.equal(parseCookies(header.replace(/; HttpOnly.*/, "")).get("a"), value.toWellFormed());
      }
    }),
  );
});
