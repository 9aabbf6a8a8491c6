import assert from "node:assert/strict";
import { test } from "node:test";
import { percentDecode } from "./percent-decode.ts";

for (const [text, decoded] of [
  ["", ""],
  ["/a/b", "/a/b"],
  ["a%20b%2Fc", "a b/c"],
  ["stra%C3%9Fe", "straße"],
  ["stra\xc3\x9fe", "straße"],
  ["%e2%98\x83", "☃"],
] as const) {
  test(`percentDecode() reads ${JSON.stringify(text)}`, () => {
    assert.equal(percentDecode(text), decoded);
  });
}

for (const text of ["%", "%zz", "%ff", "\xff", "%C3"]) {
  test(`percentDecode() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => percentDecode(text), URIError);
  });
}
