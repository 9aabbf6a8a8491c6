import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contentDisposition } from "./content-disposition.ts";

for (const [filename, header] of [
  ["a b.txt", 'attachment; filename="a b.txt"'],
  ['a"b\\.txt', 'attachment; filename="a\\"b\\\\.txt"'],
  ["é.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A9.txt"],
  ["a\r\nb", "attachment; filename=\"a__b\"; filename*=UTF-8''a%0D%0Ab"],
  ["100%", "attachment; filename=\"100%\"; filename*=UTF-8''100%25"],
] as const) {
  test(`contentDisposition() writes ${JSON.stringify(filename)}`, () => {
    assert.equal(contentDisposition(filename), header);
  });
}

test("contentDisposition() writes what may stand in a header, whatever the name", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => assert.match(contentDisposition(name), /^[\x20-\x7e]+$/)),
  );
});
