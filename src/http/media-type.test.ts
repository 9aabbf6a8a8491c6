import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMediaType } from "./media-type.ts";

test("parseMediaType() reads type and parameters", () => {
  const type = parseMediaType('Multipart/Form-Data; Boundary="a b"; charset=utf-8');
  assert.equal(type?.essence, "multipart/form-data");
  assert.deepEqual(Object.fromEntries(type?.parameters ?? []), { boundary: "a b", charset: "utf-8" });
});

for (const header of [undefined, "", "text", "/", "text/", "te xt/plain"]) {
  test(`parseMediaType() finds no media type in ${JSON.stringify(header)}`, () => {
    assert.equal(parseMediaType(header), undefined);
  });
}
