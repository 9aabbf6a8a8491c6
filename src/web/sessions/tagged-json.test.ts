import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isHtml, raw } from "../html/html.ts";
import { decodeTagged, encodeTagged } from "./tagged-json.ts";
import { Uuid } from "./uuid.ts";

for (const [value, text] of [
  [{ b: 1, a: [true, null, "x"] }, '{"a":[true,null,"x"],"b":1}'],
  [{ t: Object.freeze([1, "a"]) }, '{"t":{" t":[1,"a"]}}'],
  [{ b: new Uint8Array([0, 1, 255]) }, '{"b":{" b":"AAH/"}}'],
  [{ m: raw("<b>ü</b>") }, '{"m":{" m":"<b>\\u00fc</b>"}}'],
  [{ u: new Uuid("12345678-1234-5678-1234-567812345678") }, '{"u":{" u":"12345678123456781234567812345678"}}'],
  [{ d: new Date(1_700_000_000_000) }, '{"d":{" d":"Tue, 14 Nov 2023 22:13:20 GMT"}}'],
  [{ x: { " t": 1 } }, '{"x":{" di":{" t__":1}}}'],
  [{ x: { " di": { " b": "a" } } }, '{"x":{" di":{" di__":{" di":{" b__":"a"}}}}}'],
  [{ x: { " t": 1, y: 2 } }, '{"x":{" t":1,"y":2}}'],
  [{ big: 2n ** 64n, n: -1.5, e: 1e21 }, '{"big":18446744073709551616,"e":1e+21,"n":-1.5}'],
  [{ "\u{1f511}": "\u007f\ud83d", "\uffff": "é" }, '{"\\uffff":"\\u00e9","\\ud83d\\udd11":"\\u007f\\ud83d"}'],
] as const) {
  test(`encodeTagged() writes ${text}, and decodeTagged() reads it`, () => {
    assert.equal(encodeTagged(value), text);
    const read = decodeTagged(text);
    assert.equal(encodeTagged(read), text);
    if (!Object.values(value).some(isHtml)) assert.deepEqual(read, value);
  });
}

test("encodeTagged() leaves out undefined, and writes null for it in an array", () => {
  assert.equal(encodeTagged({ a: undefined, b: [undefined] }), '{"b":[null]}');
});

const circular: unknown[] = [];
circular.push(circular);
for (const value of [
  new Map(),
  () => 1,
  Symbol("x"),
  NaN,
  Infinity,
  new Date(NaN),
  new Error("x"),
  circular,
  new Int16Array(1),
]) {
  test(`encodeTagged() refuses ${Object.prototype.toString.call(value)} ${typeof value}`, () => {
    assert.throws(() => encodeTagged({ value }), {
      name: "TypeError",
      message: /^Cannot store a value in a session as /,
    });
  });
}

test("decodeTagged() keeps whole numbers beyond 2 ** 53, which would be another user's id when rounded", () => {
  assert.deepEqual(decodeTagged('{"id":9007199254740993,"n":9007199254740991,"f":1.5,"e":1e300}'), {
    id: 9_007_199_254_740_993n,
    n: 9_007_199_254_740_991,
    f: 1.5,
    e: 1e300,
  });
});

for (const text of ['{" t":1}', '{" b":1}', '{" u":"x"}', '{" d":"x"}', '{" di":1}', "{", "NaN", ""]) {
  test(`decodeTagged() refuses ${text}`, () => {
    assert.throws(() => decodeTagged(text), /TypeError|SyntaxError/);
  });
}

test("decodeTagged() keeps __proto__ and constructor as data", () => {
  const read = decodeTagged('{"__proto__":{"a":1},"x":{" di":{"__proto____":2}}}') as Record<string, unknown>;
  assert.deepEqual(Object.keys(read), ["__proto__", "x"]);
  assert.equal(Object.getPrototypeOf(read), Object.prototype);
  assert.equal(encodeTagged(read), '{"__proto__":{"a":1},"x":{"__proto__":2}}');
});

test("decodeTagged() reads whatever encodeTagged() writes", () => {
  const key = fc.oneof(fc.string(), fc.constantFrom(" t", " di", " b", " m", " u", " d", "__proto__", "constructor"));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "binary" }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
      fc.bigInt().filter((big) => big > 2n ** 53n || big < -(2n ** 53n)),
      fc
        .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
        .map((date) => new Date(Math.floor(+date / 1e3) * 1e3)),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.array(tie("value"), { maxLength: 4 }).map((array) => Object.freeze(array)),
      fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(value, (any) => {
      const text = encodeTagged(any);
      assert.equal(encodeTagged(decodeTagged(text)), text);
      assert.match(text, /^[\x20-\x7e]*$/);
    }),
    { numRuns: 300 },
  );
});
