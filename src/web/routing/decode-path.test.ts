import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePath } from "./decode-path.ts";

const good: [path: string, decoded: string][] = [
  ["/", "/"],
  ["/a/b", "/a/b"],
  ["/a%2Fb", "/a/b"],
  ["/a%20b", "/a b"],
  ["/%C3%A9", "/é"],
  ["/\xc3\xa9", "/é"],
  ["/%25", "/%"],
  ["/a+b", "/a+b"],
];

for (const [path, decoded] of good) {
  test(`decodePath() decodes ${JSON.stringify(path)}`, () => assert.equal(decodePath(path), decoded));
}

for (const path of ["/%", "/%zz", "/%FF", "/%C3", "/a%2", "/\xff"]) {
  test(`decodePath() refuses ${JSON.stringify(path)}`, () => {
    assert.throws(() => decodePath(path), {
      name: "PathDecodeError",
      message: `Cannot decode the path as it must be percent-encoded UTF-8: current value is ${JSON.stringify(path)}`,
    });
  });
}
