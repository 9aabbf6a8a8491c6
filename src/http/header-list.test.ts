import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findHeader, HeaderList } from "./header-list.ts";

test("HeaderList keeps order and spelling, and compares names without regard to case", () => {
  const headers = new HeaderList(["X-One", "1", "x-two", "2", "X-ONE", "3"]);
  assert.equal(headers.get("x-one"), "1");
  assert.deepEqual(headers.getAll("X-one"), ["1", "3"]);
  assert.deepEqual(
    [...headers],
    [
      ["X-One", "1"],
      ["x-two", "2"],
      ["X-ONE", "3"],
    ],
  );
  assert.equal(headers.has("X-Three"), false);
  assert.equal(headers.size, 3);
});

test("HeaderList is made from each of its sources alike", () => {
  const flat = ["a", "1", "b", "2", "b", "3"];
  const sources = [
    flat,
    [
      ["a", "1"],
      ["b", "2"],
      ["b", "3"],
    ] as const,
    { a: "1", b: ["2", "3"] },
    new HeaderList(flat),
  ];
  for (const source of sources) assert.deepEqual(new HeaderList(source).raw, flat);
  assert.deepEqual(new HeaderList(new Headers({ A: "1" })).raw, ["a", "1"]);
});

test("HeaderList.set() replaces every value, append() adds one, delete() says whether there was one", () => {
  const headers = new HeaderList(["a", "1", "A", "2", "b", "3"]);
  headers.set("a", "4").append("B", "5");
  assert.deepEqual(headers.raw, ["b", "3", "a", "4", "B", "5"]);
  assert.equal(headers.delete("b"), true);
  assert.equal(headers.delete("b"), false);
  assert.deepEqual(headers.raw, ["a", "4"]);
});

test("HeaderList refuses a name without a value", () => {
  assert.throws(() => new HeaderList(["a"]), { name: "RangeError", message: /each name must have a value.*\["a"\]/ });
});

test("HeaderList does not change the list that it was made from", () => {
  const source = ["a", "1"];
  new HeaderList(source).append("b", "2");
  assert.deepEqual(source, ["a", "1"]);
});

test("findHeader() finds what HeaderList.get() finds", () => {
  const name = fc.constantFrom("a", "A", "b", "ab", "AB", "aB");
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string())), name, (pairs, wanted) => {
      assert.equal(findHeader(pairs.flat(), wanted.toLowerCase()), new HeaderList(pairs).get(wanted));
    }),
  );
});
