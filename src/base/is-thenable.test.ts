import assert from "node:assert/strict";
import { test } from "node:test";
import { isThenable } from "./is-thenable.ts";

test("isThenable() is true for exactly what await waits for", () => {
  // oxlint-disable-next-line unicorn/no-thenable -- that is the question
  const object = { then: () => undefined };
  for (const value of [Promise.resolve(), object, Object.assign(() => undefined, object)]) {
    assert.equal(isThenable<unknown>(value), true);
  }
  // oxlint-disable-next-line unicorn/no-thenable -- a value that a client sent may be so
  for (const value of [undefined, null, 7, "then", {}, { then: 7 }, () => undefined]) {
    assert.equal(isThenable<unknown>(value), false);
  }
});
