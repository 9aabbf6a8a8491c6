import assert from "node:assert/strict";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { test } from "node:test";
import { isToken, isFieldValue } from "./field-syntax.ts";

function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

test("isToken() and isFieldValue() agree with Node on each character", () => {
  for (let code = 0; code < 0x200; code++) {
    const text = `a${String.fromCharCode(code)}b`;
    const both = [isToken(text), isFieldValue(text)];
    assert.deepEqual(
      both,
      [passes(() => validateHeaderName(text)), passes(() => validateHeaderValue("a", text))],
      text,
    );
  }
});

test("isToken() wants a character at least, isFieldValue() none", () => {
  assert.deepEqual([isToken(""), isFieldValue("")], [false, true]);
});
