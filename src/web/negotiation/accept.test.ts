import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type AcceptList, CharsetAccept, EncodingAccept, LanguageAccept, MimetypeAccept } from "./accept.ts";

type Case = readonly [
  Class: new (header?: string) => AcceptList,
  header: string | undefined,
  offers: string[],
  best: string | undefined,
];

const html = "text/html";
const json = "application/json";

const cases: readonly Case[] = [
  [MimetypeAccept, undefined, [html, json], html],
  [MimetypeAccept, "", [html, json], html],
  [MimetypeAccept, "*/*", [json, html], json],
  [MimetypeAccept, "application/json", [html, json], json],
  [MimetypeAccept, "APPLICATION/JSON", [html, json], json],
  [MimetypeAccept, "text/*;q=0.5, application/json;q=0.4", [json, html], html],
  [MimetypeAccept, "application/json, text/plain, */*", [html, json], json],
  [MimetypeAccept, "text/html;q=0, */*", [html, json], json],
  [MimetypeAccept, "text/*, text/html;q=0", [html], undefined],
  [MimetypeAccept, "image/png", [html, json], undefined],
  [MimetypeAccept, "text/html;level=1, text/html;q=0.4", ["text/html", "text/html;level=1"], "text/html;level=1"],
  [
    MimetypeAccept,
    'text/html;a="x, y;q=0.1", application/json;q=0.9',
    ['text/html;a="x, y;q=0.1"', json],
    'text/html;a="x, y;q=0.1"',
  ],
  [MimetypeAccept, "text/html;q=1.5, application/json;q=0.1", [html, json], json],
  [MimetypeAccept, "text/html;q=0.1234, application/json;q=0.1", [html, json], json],
  [MimetypeAccept, "text/html;Q=0.1, application/json;q=0.2", [html, json], json],
  [LanguageAccept, undefined, ["de", "en"], "de"],
  [LanguageAccept, "en", ["de", "en-GB"], "en-GB"],
  [LanguageAccept, "en-GB, de;q=0.5", ["de", "en-gb"], "en-gb"],
  [LanguageAccept, "en-GB", ["de", "en"], "en"],
  [LanguageAccept, "en-GB, en;q=0", ["de", "en"], undefined],
  [LanguageAccept, "en-GB;q=0, de", ["en"], undefined],
  [LanguageAccept, "de-AT, en;q=0.5, *;q=0.1", ["en", "de"], "de"],
  [LanguageAccept, "en-GB;q=0, *", ["en"], "en"],
  [LanguageAccept, "e", ["en"], undefined],
  [LanguageAccept, "*, de;q=0", ["de", "fr"], "fr"],
  [LanguageAccept, "fr-CA, fr;q=0.8", ["fr", "fr_CA"], "fr_CA"],
  [CharsetAccept, "iso-8859-1, utf-8;q=0.7", ["UTF-8", "ISO-8859-1"], "ISO-8859-1"],
  [CharsetAccept, "*;q=0.1", ["utf-8"], "utf-8"],
  [EncodingAccept, undefined, ["gzip", "identity"], "gzip"],
  [EncodingAccept, "", ["gzip", "identity"], "identity"],
  [EncodingAccept, "gzip, br", ["br", "gzip", "identity"], "br"],
  [EncodingAccept, "x-gzip", ["gzip"], "gzip"],
  [EncodingAccept, "br;q=0", ["br", "identity"], "identity"],
  [EncodingAccept, "identity;q=0", ["br", "identity"], undefined],
  [EncodingAccept, "*;q=0", ["br", "identity"], undefined],
  [EncodingAccept, "gzip;q=0.5, *;q=0", ["br", "gzip"], "gzip"],
];
for (const [Class, header, offers, best] of cases) {
  test(`${Class.name}.bestMatch() of ${offers.join(", ")} is ${best} for ${JSON.stringify(header)}`, () => {
    assert.equal(new Class(header).bestMatch(offers), best);
  });
}

test("MimetypeAccept lists its ranges by weight, and knows the best", () => {
  const accept = new MimetypeAccept('a/a;q=0.2, b/b, nonsense/;x=", c/c;q=0.9;v=1, d/d;q=0');
  assert.deepEqual(
    [...new MimetypeAccept("a/a;q=0.2, b/b, c/c;q=0.9;v=1, d/d;q=0")].map(({ value, quality }) => [value, quality]),
    [
      ["b/b", 1],
      ["c/c", 0.9],
      ["a/a", 0.2],
      ["d/d", 0],
    ],
  );
  assert.equal(accept.best, "b/b");
  assert.equal(new MimetypeAccept("d/d;q=0").best, undefined);
  assert.equal(accept.quality("a/a"), 0.2);
  assert.equal(accept.accepts("d/d"), false);
});

test("AcceptList keeps __proto__ and constructor as data", () => {
  const accept = new MimetypeAccept("__proto__/constructor;__proto__=1");
  assert.deepEqual([...accept.ranges[0]!.parameters], [["__proto__", "1"]]);
  assert.equal(accept.accepts("constructor"), false);
});

const bits = fc.constantFrom(
  "text",
  "/",
  "*",
  "*/*",
  ";",
  ",",
  "q=",
  "=",
  "0.5",
  '"',
  "\\",
  " ",
  "en-GB",
  "\t",
  "é",
  "1.",
);
for (const Class of [MimetypeAccept, LanguageAccept, CharsetAccept, EncodingAccept]) {
  test(`${Class.name} reads any text, and its best offer is one that it accepts`, () => {
    fc.assert(
      fc.property(fc.array(bits), fc.string({ unit: "binary" }), (parts, noise) => {
        for (const header of [parts.join(""), noise]) {
          const accept = new Class(header);
          const offers = ["text/html", "en", "gzip"];
          const best = accept.bestMatch(offers);
          if (best === undefined) assert.ok(!offers.some((offer) => accept.accepts(offer)));
          else assert.ok(offers.includes(best));
          for (const { quality } of accept) assert.ok(quality >= 0 && quality <= 1);
        }
      }),
    );
  });
}
