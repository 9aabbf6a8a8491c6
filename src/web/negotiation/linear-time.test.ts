import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderList, parseCookies } from "../../http/index.ts";
import { RequestValues } from "../message/request-values.ts";
import { EncodingAccept, LanguageAccept, MimetypeAccept } from "./accept.ts";
import { parseAuthorization } from "./authorization.ts";
import { parseRange } from "./byte-ranges.ts";
import { CacheControl } from "./cache-control.ts";
import { parseContentRange } from "./content-range.ts";
import { EntityTags } from "./entity-tags.ts";
import { HeaderSet } from "./header-set.ts";
import { parseHttpDate } from "./http-date.ts";

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  MimetypeAccept: (text) => new MimetypeAccept(text).bestMatch(["text/html", "application/json"]),
  LanguageAccept: (text) => new LanguageAccept(text).bestMatch(["en", "de"]),
  EncodingAccept: (text) => new EncodingAccept(text).bestMatch(["br", "gzip"]),
  EntityTags: (text) => new EntityTags(text).containsWeak('"x"'),
  "RequestRange.select": (text) => parseRange(`bytes=${text}`)?.select(1000),
  parseHttpDate,
  parseAuthorization: (text) => [
    parseAuthorization(text),
    parseAuthorization(`Digest ${text}`),
    parseAuthorization(`Basic ${text}`),
  ],
  CacheControl: (text) => new CacheControl(new HeaderList(["Cache-Control", text])).maxAge,
  HeaderSet: (text) => new HeaderSet(new HeaderList(["Vary", text]), "Vary").has("x"),
  parseContentRange,
  parseCookies,
  RequestValues: (text) => new RequestValues(text).get("x"),
};
const pieces = [
  "a",
  "a,",
  "a;",
  '"',
  '"a',
  '\\"',
  'W/"',
  "0-1,",
  "-1,",
  "a=1;q=0.5,",
  " ",
  "a=b&",
  "%41",
  "=",
  "1",
  'a="\\',
  "a;a=1;",
  "*",
];

/** The least CPU time, in microseconds, of a few runs: the others were disturbed. */
function cost(run: () => unknown): number {
  let least = Infinity;
  for (let i = 0; i < 3; i++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
}

for (const [name, parse] of Object.entries(parsers)) {
  test(`${name} takes linear time for 100,000 characters`, () => {
    for (const piece of pieces) {
      const text = (length: number): string => piece.repeat(Math.ceil(length / piece.length));
      const [short, long] = [text(6_250), text(100_000)];
      const after = cost(() => parse(long));
      // So little work is not measured well, and is no danger.
      if (after < 20_000) continue;
      // 16 times the text: 256 times the work if it were quadratic.
      const before = cost(() => parse(short));
      assert.ok(after < 96 * before, `${JSON.stringify(piece)}: ${before} µs, then ${after} µs`);
    }
  });
}
