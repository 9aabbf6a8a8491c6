import assert from "node:assert/strict";
import { mock, type TestContext, test } from "node:test";
import { createHmac } from "node:crypto";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { BadData, BadPayload, BadSignature, SignatureExpired } from "./signature-errors.ts";
import { URLSafeTimedSerializer, type URLSafeTimedSerializerOptions } from "./url-safe-timed-serializer.ts";

const now = 1_700_000_000_000;

function at(context: TestContext, time: number): void {
  mock.timers.enable({ apis: ["Date"], now: time });
  context.after(() => mock.timers.reset());
}

// Made by itsdangerous 2.1.2.
const byOptions: [URLSafeTimedSerializerOptions, string][] = [
  [{ digest: "sha1" }, "ZHJ0RlbielYLmgmPt1FS6HbPw6c"],
  [{ digest: "sha1", keyDerivation: "concat" }, "ANRaY8pP_GpBB-0Uhrt6Pb0BU_s"],
  [{ digest: "sha1", keyDerivation: "hmac" }, "z4XJhl5UbHa7jymmkvqgaJ-8S4w"],
  [{ digest: "sha1", keyDerivation: "none" }, "mKc0J3klBaGY4vGyypsOh5AufU8"],
  [{}, "RugswgSl_EXQVkmMrPcMgmjDyyx455vlTnJYSsAF-kE"],
  [{ digest: "sha256", keyDerivation: "hmac" }, "qL_ia-KLAuzrEw3l_zK4m7s7K2eCv_AfZJ9GlryOeBU"],
  [
    { digest: "sha512", keyDerivation: "django-concat" },
    "4dd4uInSvvk1Arkx_Mjo7Yuu-0GeNW4gWX9TnZjduNEq4kT2ppFjEjQia-D4iL5qyIYtnVcg23fQVbvv8Fcv1A",
  ],
];

for (const [options, signature] of byOptions) {
  test(`URLSafeTimedSerializer with ${JSON.stringify(options)} signs as itsdangerous does`, (context) => {
    at(context, now);
    const serializer = new URLSafeTimedSerializer("secret", { ...options, salt: "salt" });
    assert.equal(serializer.dumps({ u: 1 }), `eyJ1IjoxfQ.ZVPxAA.${signature}`);
    assert.deepEqual(serializer.loads(`eyJ1IjoxfQ.ZVPxAA.${signature}`), { u: 1 });
  });
}

const byValue: [unknown, string][] = [
  [{ u: 1 }, "eyJ1IjoxfQ.ZVPxAA.CIcLLy6XKlzp7BTRQ02AEzCSTezI7HhSRgDZr4zi4_8"],
  [{ a: "x".repeat(200) }, ".eJyrVkpUslKqGCZAqRYAvw9f3A.ZVPxAA.0SvQQRykUsFgu8C6Qsb0QbqUzpjCD6HXlmNZ4ZTGsm4"],
  ["é☃🔑", "IsOp4piD8J-UkSI.ZVPxAA.zW3ookga5Ef7-FYOMr94goRrTyACZvzAPtnAz5zQzfg"],
  [[1, null, true, 1.5], "WzEsbnVsbCx0cnVlLDEuNV0.ZVPxAA.d3qn8xSArX6w7EYkfpK8GMfh81hAWTIuT_0yaHbE6rY"],
  [
    JSON.parse('{"__proto__":{"x":1}}'),
    "eyJfX3Byb3RvX18iOnsieCI6MX19.ZVPxAA.EvcutFiHJkUCfcpU4IJW7kpOgSx6-zY_yTYfRVeUcBY",
  ],
  ["", "IiI.ZVPxAA.RfWiOBHotZx8PNtks-KATozT1DCbX7biKtoB6FNNFOE"],
];

for (const [value, text] of byValue) {
  test(`URLSafeTimedSerializer writes and reads ${JSON.stringify(value).slice(0, 30)} as itsdangerous does`, (context) => {
    at(context, now);
    const serializer = new URLSafeTimedSerializer("secret");
    assert.equal(serializer.dumps(value), text);
    assert.deepEqual(serializer.loads(text), value);
    assert.equal(({} as { x?: unknown }).x, undefined);
  });
}

test("URLSafeTimedSerializer compresses exactly what zlib makes shorter, as itsdangerous does", () => {
  const serializer = new URLSafeTimedSerializer("secret", { serializer: { dumps: String, loads: (text) => text } });
  for (const [payload, isCompressed] of [
    ["x".repeat(12), false],
    ["x".repeat(13), true],
    ['{"user_id":1234567}', false],
    ["x".repeat(200), true],
  ] as const) {
    const text = serializer.dumps(payload);
    assert.equal(text.startsWith("."), isCompressed, payload);
    assert.equal(serializer.loads(text), payload);
  }
});

test("URLSafeTimedSerializer reads and writes Flask's cookies of sessions", (context) => {
  at(context, now);
  const flask = new URLSafeTimedSerializer("secret", { salt: "cookie-session", digest: "sha1", keyDerivation: "hmac" });
  assert.equal(flask.dumps({ u: 1 }), "eyJ1IjoxfQ.ZVPxAA.zWbDe3MWS_G6mPn1vgSlNgm4c1E");
  const long = ".eJyrVkpUslKqGCZAqRYAvw9f3A.ZVPxAA.qXIbHkZRob1CF4fjAfHJE1_CWbY";
  assert.deepEqual(flask.loads(long), { a: "x".repeat(200) });
});

test("URLSafeTimedSerializer with several keys signs with the last, and reads what any has signed", () => {
  const old = new URLSafeTimedSerializer("old").dumps(1);
  const both = new URLSafeTimedSerializer(["old", Buffer.from("new")]);
  assert.equal(both.loads(old), 1);
  assert.equal(new URLSafeTimedSerializer("new").loads(both.dumps(2)), 2);
  assert.throws(() => new URLSafeTimedSerializer("old").loads(both.dumps(2)), BadSignature);
});

test("URLSafeTimedSerializer.loads() refuses what was signed for another salt, or by another key", () => {
  const text = new URLSafeTimedSerializer("secret", { salt: "reset" }).dumps(1);
  assert.throws(() => new URLSafeTimedSerializer("secret", { salt: "confirm" }).loads(text), BadSignature);
  assert.throws(() => new URLSafeTimedSerializer("Secret", { salt: "reset" }).loads(text), BadSignature);
});

test("URLSafeTimedSerializer.loads() refuses each change of a single character, and each shorter text", () => {
  const serializer = new URLSafeTimedSerializer("secret");
  const text = serializer.dumps({ user: 7, admin: false });
  for (let i = 0; i < text.length; i++) {
    const changed = text.slice(0, i) + (text[i] === "A" ? "B" : "A") + text.slice(i + 1);
    assert.throws(() => serializer.loads(changed), BadSignature, changed);
    assert.throws(() => serializer.loads(text.slice(0, i)), BadSignature);
  }
  for (const more of [`${text}=`, `${text} `, ` ${text}`, `${text}.`, text.replace(/.$/, "")])
    assert.throws(() => serializer.loads(more), BadSignature);
});

test("URLSafeTimedSerializer.loads() refuses what is too old, or from the future, and tells when it was signed", (context) => {
  at(context, now);
  const serializer = new URLSafeTimedSerializer("secret");
  const text = serializer.dumps("x");
  mock.timers.setTime(now + 60_000);
  assert.equal(serializer.loads(text, { maxAge: 60_000 }), "x");
  mock.timers.setTime(now + 61_000);
  assert.equal(serializer.loads(text), "x");
  assert.throws(
    () => serializer.loads(text, { maxAge: 60_000 }),
    (error: unknown) =>
      error instanceof SignatureExpired &&
      error instanceof BadSignature &&
      error.dateSigned.getTime() === now &&
      error.message === "Cannot read what was signed as its age must be <= 60000 ms: current value is 61000",
  );
  mock.timers.setTime(now - 1_000);
  assert.throws(() => serializer.loads(text, { maxAge: 60_000 }), SignatureExpired);
});

function signed(text: string): string {
  return `${text}.${createHmac("sha256", "secret").update(text).digest("base64url")}`;
}

test("URLSafeTimedSerializer.loads() says what is wrong with what was signed by another program", () => {
  const serializer = new URLSafeTimedSerializer("secret", { keyDerivation: "none" });
  const bomb = deflateSync(Buffer.alloc(2 ** 24 + 1, 32)).toString("base64url");
  for (const payload of [
    "bm90IGpzb24",
    "a b",
    ".bm90IGpzb24",
    `.${bomb}`,
    "",
    Buffer.from([34, 255, 34]).toString("base64url"),
  ])
    assert.throws(() => serializer.loads(signed(`${payload}.ZVPxAA`)), BadPayload, payload.slice(0, 20));
  for (const text of ["eyJ1IjoxfQ", "eyJ1IjoxfQ.", "eyJ1IjoxfQ.AAAAAAAAAAAA", "eyJ1IjoxfQ.a b"])
    assert.throws(() => serializer.loads(signed(text)), { name: "BadSignature", message: /it has no time/ });
});

test("URLSafeTimedSerializer gives back every value of JSON, and throws only BadData for any other text", () => {
  const serializer = new URLSafeTimedSerializer("secret");
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json: unknown = JSON.parse(JSON.stringify(value));
      assert.deepEqual(serializer.loads(serializer.dumps(value)), json);
      assert.match(serializer.dumps(value), /^[\w.-]+$/);
    }),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
      assert.throws(() => serializer.loads(text), BadData);
    }),
  );
});

test("URLSafeTimedSerializer.dumps() refuses what JSON has no text for", () => {
  const serializer = new URLSafeTimedSerializer("secret");
  const circular: unknown[] = [];
  circular.push(circular);
  for (const value of [undefined, () => {}, 5n, circular]) assert.throws(() => serializer.dumps(value), TypeError);
});

for (const [make, name, message] of [
  [() => new URLSafeTimedSerializer(""), "RangeError", /a secret key must not be empty/],
  [() => new URLSafeTimedSerializer([]), "RangeError", /there must be a secret key/],
  [
    () => new URLSafeTimedSerializer(["geheim", 5] as never),
    "TypeError",
    /must be a string or bytes: current value is "number"/,
  ],
  [() => new URLSafeTimedSerializer("x", { salt: 5 as never }), "TypeError", /'salt' must be a string/],
  [() => new URLSafeTimedSerializer("x", { digest: "md5" as never }), "RangeError", /'digest' must be one of/],
  [() => new URLSafeTimedSerializer("x", { keyDerivation: "x" as never }), "RangeError", /'keyDerivation'/],
  [() => new URLSafeTimedSerializer("x").loads("a.b.c", { maxAge: -1 }), "RangeError", /'maxAge'/],
  [() => new URLSafeTimedSerializer("x").loads(5 as never), "TypeError", /it must be a string/],
] as [() => unknown, string, RegExp][]) {
  test(`URLSafeTimedSerializer refuses ${String(make).slice(6, 80)}`, () => {
    assert.throws(make, { name, message });
  });
}
