import assert from "node:assert/strict";
import { test } from "node:test";
import { pack, unpack } from "./_thread-error.ts";

/** Transfers a value as if to another thread. */
function cross(value: unknown): unknown {
  return unpack(structuredClone(pack(value)));
}

test("pack() and unpack() keep a chain of 100,000 causes", () => {
  let error = new Error("0");
  for (let i = 1; i < 100_000; i++) error = new Error(String(i), { cause: error });
  let depth = 1;
  let crossed = cross(error) as Error;
  assert.equal(crossed.message, "99999");
  for (; crossed.cause !== undefined; depth++) crossed = crossed.cause as Error;
  assert.deepEqual([depth, crossed.message], [100_000, "0"]);
});

test("pack() and unpack() keep an error once that is reached on many ways", () => {
  let error = new Error("0");
  for (let i = 1; i < 100; i++) error = Object.assign(new AggregateError([error, error], String(i)), { same: error });
  assert.equal(pack(error).errors.length, 100);
  const { errors, same } = cross(error) as AggregateError & { same: unknown };
  assert.equal(errors[0], errors[1]);
  assert.equal(errors[0], same);
});

test("pack() and unpack() keep circles", () => {
  const one = new TypeError("one");
  const other = new RangeError("other", { cause: one });
  one.cause = other;
  const crossed = cross(one) as Error;
  assert.equal((crossed.cause as Error).message, "other");
  assert.equal((crossed.cause as Error).cause, crossed);
});

test("pack() says so where an error or a value cannot be read", () => {
  const hostile = new Error("m");
  Object.defineProperty(hostile, "message", {
    get() {
      throw new TypeError("no message for you");
    },
  });
  assert.match((cross(hostile) as Error).message, /cannot be read, as reading it throws .*no message for you/);
  const proxy = new Proxy(() => {}, {
    get() {
      throw new Error("no");
    },
    getPrototypeOf() {
      throw new Error("no");
    },
  });
  assert.equal(typeof cross(proxy), "string");
  const odd = Object.assign(new Error("m"), { __proto__: null, stack: [] as never });
  assert.ok(cross(odd) instanceof Error);
});
