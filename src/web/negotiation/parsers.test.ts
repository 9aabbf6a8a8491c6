import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HeaderList } from "../../http/index.ts";
import { parseAuthorization } from "./authorization.ts";
import { maxRanges, parseRange } from "./byte-ranges.ts";
import { CacheControl } from "./cache-control.ts";
import { formatContentRange, parseContentRange } from "./content-range.ts";
import { EntityTags, formatEntityTag } from "./entity-tags.ts";
import { HeaderSet } from "./header-set.ts";
import { parseHttpDate } from "./http-date.ts";

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

const credentials: readonly (readonly [header: string | undefined, expected: object | undefined])[] = [
  [undefined, undefined],
  ["", undefined],
  [basic("ada:a:b"), { type: "basic", username: "ada", password: "a:b" }],
  [basic("é:ü"), { type: "basic", username: "é", password: "ü" }],
  [basic(":"), { type: "basic", username: "", password: "" }],
  [basic("ada"), undefined],
  [basic("a\nb:c"), undefined],
  ["Basic", undefined],
  ["Basic ====", undefined],
  ["Basic YWRhOmI=, Basic eDp5", undefined],
  ["Basic é", undefined],
  ["basic /zo6", undefined],
  ["Bearer abc.d-e_f~+/==", { type: "bearer", token: "abc.d-e_f~+/==" }],
  ["BEARER  x ", { type: "bearer", token: "x" }],
  ["Bearer", undefined],
  ["Bearer a b", undefined],
  ['Digest username="a\\"d, a", realm="r", nc=00000001', { type: "digest", username: 'a"d, a' }],
  ["Digest", undefined],
  ["Digest abc", undefined],
  ["Negotiate", { type: "negotiate", token: undefined }],
  ["Custom a=1, b=2", { type: "custom", token: undefined }],
  ["Bäsic x", undefined],
];
for (const [header, expected] of credentials) {
  test(`parseAuthorization() reads ${JSON.stringify(header)}`, () => {
    const found = parseAuthorization(header);
    if (expected === undefined) assert.equal(found, undefined);
    else assert.partialDeepStrictEqual(found, expected);
  });
}

test("parseAuthorization() keeps the parameters of Digest, and __proto__ as one of them", () => {
  const found = parseAuthorization('Digest username="ada", __proto__="x", qop=auth, qop=other');
  assert.deepEqual(
    [...(found?.parameters ?? [])],
    [
      ["username", "ada"],
      ["__proto__", "x"],
      ["qop", "auth"],
    ],
  );
});

test("parseAuthorization() reads back any name and password without control characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (username, password) => {
      fc.pre(!/\p{Cc}|:/u.test(username) && !/\p{Cc}/u.test(password));
      const found = parseAuthorization(basic(`${username}:${password}`));
      assert.deepEqual([found?.username, found?.password], [username, password]);
    }),
  );
});

const dates: readonly (readonly [text: string | undefined, iso: string | undefined])[] = [
  ["Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
  ["Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
  ["Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.000Z"],
  ["Thu, 29 Feb 2024 00:00:00 GMT", "2024-02-29T00:00:00.000Z"],
  ["Thu, 29 Feb 2023 00:00:00 GMT", undefined],
  ["Sun, 06 Foo 1994 08:49:37 GMT", undefined],
  ["Sun, 06 Nov 1994 24:49:37 GMT", undefined],
  ["Sun, 06 Nov 1994 08:60:37 GMT", undefined],
  ["Sun, 00 Nov 1994 08:49:37 GMT", undefined],
  ["Sun, 06 Nov 1994 08:49:37 CET", undefined],
  ["1994-11-06T08:49:37Z", undefined],
  ["", undefined],
  [undefined, undefined],
];
for (const [text, iso] of dates) {
  test(`parseHttpDate() reads ${JSON.stringify(text)} as ${iso}`, () => {
    const ms = parseHttpDate(text);
    assert.equal(Number.isNaN(ms) ? undefined : new Date(ms).toISOString(), iso);
  });
}

test("parseHttpDate() reads back what toUTCString() wrote, and any text at all", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), fc.string({ unit: "binary" }), (seconds, noise) => {
      assert.equal(parseHttpDate(new Date(seconds * 1000).toUTCString()), seconds * 1000);
      assert.equal(typeof parseHttpDate(noise), "number");
    }),
  );
});

const ranges: readonly (readonly [header: string, size: number, parts: string | undefined])[] = [
  ["bytes=0-1,4-5", 10, "0+2 4+2"],
  ["bytes=4-5, 0-1", 10, "0+2 4+2"],
  ["bytes=0-5,3-7", 10, "0+8"],
  ["bytes=-2,0-0", 10, "0+1 8+2"],
  ["bytes=0-,-1", 10, undefined],
  ["bytes=20-", 10, ""],
  ["bytes=20-,0-0", 10, "0+1"],
  ["bytes=-0", 10, ""],
  ["bytes=0-", 0, ""],
  ["bytes=-5", 0, undefined],
  ["lines=0-1", 10, undefined],
];
for (const [header, size, parts] of ranges) {
  test(`parseRange() selects ${parts} of ${size} bytes for ${header}`, () => {
    const selected = parseRange(header)?.select(size);
    assert.equal(selected?.map(({ start, length }) => `${start}+${length}`).join(" "), parts);
  });
}

test("RequestRange.select() answers a flood of ranges with the whole", () => {
  const flood = (count: number): string =>
    `bytes=${Array.from({ length: count }, (_, i) => `${3 * i}-${3 * i}`).join(",")}`;
  assert.equal(parseRange(flood(maxRanges))?.select(1000)?.length, maxRanges);
  assert.equal(parseRange(flood(maxRanges + 1))?.select(1000), undefined);
});

test("RequestRange.select() gives ascending parts within the body, whatever is asked for", () => {
  const range = fc.oneof(
    fc.tuple(fc.nat(50), fc.nat(50)).map(([a, b]) => `${a}-${b}`),
    fc.nat(50).map((a) => `${a}-`),
    fc.nat(50).map((a) => `-${a}`),
    fc.constantFrom("", " ", "-", "x", "1-2-3", "99999999999999999999-"),
  );
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), fc.nat(40), (list, size) => {
      let end = -1;
      for (const part of parseRange(`bytes=${list.join(",")}`)?.select(size) ?? []) {
        assert.ok(part.length > 0 && part.start > end);
        end = part.start + part.length;
        assert.ok(end <= size);
      }
    }),
  );
});

test("EntityTags compares strongly and weakly", () => {
  const tags = new EntityTags('"a", W/"b", "x,y", broken, "');
  assert.deepEqual([...tags], ['"a"', 'W/"b"', '"x,y"']);
  assert.deepEqual([tags.contains('"a"'), tags.contains('"b"'), tags.contains('W/"b"')], [true, false, false]);
  assert.deepEqual(
    [tags.containsWeak('W/"a"'), tags.containsWeak('"b"'), tags.containsWeak('"c"')],
    [true, true, false],
  );
  assert.equal(tags.size, 3);
  assert.ok(new EntityTags(" * ").contains('"any"'));
  assert.throws(() => formatEntityTag('a"b', false), TypeError);
});

test("EntityTags finds a tag that formatEntityTag() wrote, in any list", () => {
  const text = fc.stringMatching(/^[\x21\x23-\x7e]*$/);
  fc.assert(
    fc.property(text, fc.array(text), fc.boolean(), (own, others, weak) => {
      const tags = new EntityTags([...others, own].map((one) => formatEntityTag(one, weak)).join(", "));
      assert.ok(tags.containsWeak(formatEntityTag(own, !weak)));
      assert.equal(tags.contains(formatEntityTag(own, false)), !weak);
    }),
  );
});

test("HeaderSet adds and removes names, and leaves the header out when it is empty", () => {
  const headers = new HeaderList(["Vary", "Accept, cookie", "vary", "X-A"]);
  const vary = new HeaderSet(headers, "Vary");
  assert.deepEqual(
    [...vary.add("Cookie", "Accept-Encoding", "accept-encoding")],
    ["Accept", "cookie", "X-A", "Accept-Encoding"],
  );
  assert.equal(headers.getAll("vary").length, 1);
  assert.deepEqual([vary.has("COOKIE"), vary.delete("x-a"), vary.delete("x-a"), vary.size], [true, true, false, 3]);
  for (const name of vary) vary.delete(name);
  assert.equal(headers.has("vary"), false);
  headers.set("Vary", "*");
  assert.equal(String(vary.add("Accept")), "*");
});

test("CacheControl reads and sets directives, and keeps those that it does not know", () => {
  const headers = new HeaderList(["Cache-Control", 'max-age=60, no-cache="a, b", x-own=1']);
  const cache = new CacheControl(headers);
  assert.deepEqual([cache.maxAge, cache.noCache, cache.get("no-cache"), cache.noStore], [60_000, true, "a, b", false]);
  cache.set({ maxAge: 1999, noCache: false, private: true, staleIfError: 5000 });
  assert.equal(headers.get("cache-control"), "max-age=1, x-own=1, private, stale-if-error=5");
  assert.throws(() => cache.set({ maxAge: -1 }), RangeError);
  assert.throws(() => cache.set({ noStore: "yes" } as never), TypeError);
  assert.throws(() => cache.set({ __proto__: null, toString: true } as never), TypeError);
  cache.set({ maxAge: undefined as never, private: false, staleIfError: undefined as never });
  assert.equal(headers.get("cache-control"), "x-own=1");
});

test("parseContentRange() reads back what formatContentRange() wrote", () => {
  for (const text of ["bytes 0-4/10", "bytes 0-4/*", "bytes */10"]) {
    assert.equal(formatContentRange(parseContentRange(text)!), text);
  }
  for (const text of ["bytes 4-0/10", "bytes 0-10/10", "bytes */*", "bytes 0-4", "x", undefined]) {
    assert.equal(parseContentRange(text), undefined);
  }
  assert.throws(() => formatContentRange({ unit: "bytes", start: 5, end: 4, size: 10 }), RangeError);
  assert.throws(() => formatContentRange({ unit: "a\r\nb", start: 0, end: 4, size: 10 }), RangeError);
});

test("The parsers of directives read any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.equal(typeof new CacheControl(new HeaderList(["Cache-Control", text])).noStore, "boolean");
      assert.ok([...new HeaderSet(new HeaderList(["Vary", text]), "Vary")].every((name) => name !== ""));
      parseContentRange(text);
      parseRange(text);
      parseAuthorization(text);
    }),
  );
});
