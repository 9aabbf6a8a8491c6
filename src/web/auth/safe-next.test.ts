import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { redirect } from "../message/redirect.ts";
import { safeNext } from "./safe-next.ts";

for (const target of ["/", "/todos?page=2#x", "/é", "/a//b", "/?next=//evil.example", "/@evil.example"]) {
  test(`safeNext() passes ${target}`, () => assert.equal(safeNext(target, "/home"), target));
}

for (const target of [
  null,
  undefined,
  "",
  "todos",
  "//evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  " /x",
  "https://evil.example",
  "javascript:alert(1)",
  "/a\\b",
  "/a\u0085",
  "/\u009f",
  `/${"x".repeat(3_000)}`,
  ["/x"] as never,
]) {
  test(`safeNext() does not pass ${JSON.stringify(target)?.slice(0, 40)}`, () => {
    assert.equal(safeNext(target, "/home"), "/home");
  });
}

test("safeNext() never leads to another origin", () => {
  const piece = fc.constantFrom(
    "/",
    "\\",
    "\t",
    "\n",
    "\r",
    ".",
    "..",
    "@",
    ":",
    "evil.example",
    "?",
    "#",
    "%2f",
    " ",
    "é",
  );
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join("")),
      (target) => {
        assert.equal(new URL(safeNext(target), "https://own.example/login").origin, "https://own.example");
      },
    ),
    { numRuns: 2_000 },
  );
});

test("safeNext() refuses a fallback that leads elsewhere", () => {
  assert.throws(() => safeNext("/", "//evil.example"), RangeError);
});

test("safeNext() passes nothing that redirect() refuses", () => {
  const text = fc.string({ unit: "binary", maxLength: 20 });
  fc.assert(
    fc.property(text, (rest) => {
      const location = redirect(safeNext(`/${rest}`)).headers.get("Location") ?? "";
      assert.equal(new URL(location, "https://here.example/").origin, "https://here.example");
    }),
    { numRuns: 500 },
  );
});
