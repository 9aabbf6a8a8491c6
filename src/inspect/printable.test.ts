import assert from "node:assert/strict";
import { test } from "node:test";
import { printable } from "./printable.ts";

test("printable() escapes what speaks to a terminal, and leaves letters of all languages", () => {
  assert.equal(printable("a\u001b[31m\nb\u009b\u202ec"), "a\\u001b[31m\\u000ab\\u009b\\u202ec");
  assert.equal(printable("naïve – 日本語"), "naïve – 日本語");
});

test("printable() cuts what is too long", () => {
  assert.equal(printable("x".repeat(1_000)).length, 201);
});
