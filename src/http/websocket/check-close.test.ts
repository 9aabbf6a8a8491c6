import assert from "node:assert/strict";
import { test } from "node:test";
import { checkClose } from "./check-close.ts";

test("checkClose() lets the codes through that may be sent, and no others", () => {
  const sendable: number[] = [];
  for (let code = 0; code < 6000; code++) {
    try {
      checkClose(code, "");
      sendable.push(code);
    } catch (error) {
      assert(error instanceof RangeError);
    }
  }
  const own = Array.from({ length: 2000 }, (_, i) => 3000 + i);
  assert.deepEqual(sendable, [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, ...own]);
});

test("checkClose() counts a reason in bytes", () => {
  checkClose(1000, `${"é".repeat(61)}a`);
  assert.throws(() => checkClose(1000, "é".repeat(62)), /'reason' must be a string of at most 123 bytes of UTF-8/);
  assert.throws(() => checkClose(1000, null as never), TypeError);
  assert.throws(() => checkClose("1000" as never, ""), TypeError);
  assert.throws(() => checkClose(1000.5, ""), RangeError);
});
