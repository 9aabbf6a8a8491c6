import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { safeFilename } from "./safe-filename.ts";

for (const [given, safe] of [
  ["a.txt", "a.txt"],
  ["My cool movie.mov", "My cool movie.mov"],
  ["../../../etc/passwd", "passwd"],
  ["..\\..\\boot.ini", "boot.ini"],
  ["/", "upload"],
  ["", "upload"],
  ["..", "upload"],
  [" . . ", "upload"],
  [".bashrc", "bashrc"],
  ["a\0b\r\n.txt", "ab.txt"],
  ["a\u202egnp.exe", "agnp.exe"],
  ["a:b|c?.txt", "a_b_c_.txt"],
  ["trailing. ", "trailing"],
  ["CON", "_CON"],
  ["com1.txt", "_com1.txt"],
  ["conference.txt", "conference.txt"],
  ["u\u0308.txt", "ü.txt"],
  [`${"x".repeat(300)}.txt`, `${"x".repeat(251)}.txt`],
  [`${"é".repeat(200)}.jpeg`, `${"é".repeat(125)}.jpeg`],
] as const) {
  test(`safeFilename() makes ${JSON.stringify(safe.slice(0, 20))} of ${JSON.stringify(given.slice(0, 20))}`, () => {
    assert.equal(safeFilename(given), safe);
  });
}

test("safeFilename() makes a name that stays in its folder, of whatever length a file system takes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (name) => {
      const safe = safeFilename(name);
      assert.match(safe, /^[^./\\\0][^/\\\0]*$/);
      assert.ok(Buffer.byteLength(safe) <= 255);
      assert.equal(safeFilename(safe), safe);
    }),
  );
});
