import assert from "node:assert/strict";
import { test } from "node:test";
import { complete } from "./complete.ts";

const names = {
  sleep() {},
  slept: 1,
  asyncio: { sleep() {}, "not-a-name": 1 },
  get danger(): never {
    throw new Error("a getter was called");
  },
  holder: {
    get inner(): never {
      throw new Error("a getter was called");
    },
  },
  nothing: null,
};

for (const [line, hits, replaced] of [
  ["await sle", ["sleep", "slept"], "sle"],
  ["asyncio.s", ["asyncio.sleep"], "asyncio.s"],
  ["f(asyncio.no", [], "asyncio.no"],
  ["encodeURIC", ["encodeURIComponent"], "encodeURIC"],
  ["JSON.str", ["JSON.stringify"], "JSON.str"],
  ["slept.toFi", ["slept.toFixed"], "slept.toFi"],
  ["nothing.a", [], "nothing.a"],
  ["missing.a", [], "missing.a"],
  ["dang", ["danger"], "dang"],
  ["holder.inner.a", [], "holder.inner.a"],
] as const) {
  test(`complete() completes ${line}`, () => {
    assert.deepEqual(complete(line, names), [hits, replaced]);
  });
}

test("complete() offers every name when nothing is typed yet", () => {
  const [hits] = complete("await ", names);
  assert.ok(hits.includes("asyncio") && hits.includes("fetch"));
});
