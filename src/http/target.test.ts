import assert from "node:assert/strict";
import { test } from "node:test";
import { splitTarget } from "./target.ts";

const table: [target: string, path: string, query: string][] = [
  ["/", "/", ""],
  ["/a/b", "/a/b", ""],
  ["/a?x=1&y=2", "/a", "x=1&y=2"],
  ["/a?x=1?y=2", "/a", "x=1?y=2"],
  ["/a?", "/a", ""],
  ["//a//b", "//a//b", ""],
  ["/a%2Fb%3F", "/a%2Fb%3F", ""],
  ["*", "*", ""],
  ["http://example.org/a?x=1", "/a", "x=1"],
  ["http://example.org", "/", ""],
  ["HTTP://example.org?x", "/", "x"],
  ["example", "/example", ""],
];

for (const [target, path, query] of table) {
  test(`splitTarget() takes ${target} apart`, () => {
    assert.deepEqual(splitTarget(target), { path, query });
  });
}
