import assert from "node:assert/strict";
import { test } from "node:test";
import { toPrintable } from "./printable.ts";

const cases: [kind: string, text: string, printed: string][] = [
  ["letters of every language", "naïve – 日本語 العربية 🎉", "naïve – 日本語 العربية 🎉"],
  ["ends of lines", "a\r\nb\u0085c\u2028d\u2029", "a\\u000d\\u000ab\\u0085c\\u2028d\\u2029"],
  ["terminal sequences", "\u001b[31m\u009b\u0007\u007f", "\\u001b[31m\\u009b\\u0007\\u007f"],
  ["overrides of direction", "\u202etxt\u2066.\u200f", "\\u202etxt\\u2066.\\u200f"],
  ["characters without width", "a\u200bb\u2060c\ufeffd\u00ad", "a\\u200bb\\u2060c\\ufeffd\\u00ad"],
  ["tags beyond the basic plane", "a\u{e0041}", "a\\u{e0041}"],
  ["halves of a surrogate pair", "a\ud83cb", "a\\ud83cb"],
];

for (const [kind, text, printed] of cases) {
  test(`toPrintable() of ${kind}`, () => assert.equal(toPrintable(text), printed));
}
