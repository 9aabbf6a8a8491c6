// What hostile clients send: requests that are nearly right, with the texts in them that break programs.

import fc from "fast-check";

/** A request. */
export interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** Texts that are more than text to some part of a program. `evil` in markup is what tests look for. */
const spiteful = [
  ["", " ", "0", "-0", "-1", "1e999", "NaN", "9".repeat(400), "00", "null", "undefined", "true", "[]", "{}"],
  [
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "then",
    "toJSON",
    "length",
    "items",
  ],
  ["<evil>", '"><evil>', "'><evil evilattr='", '" evilattr="', "' evilattr='", "</script><evil>", "<!--<evil>", "]]>"],
  [
    "&lt;evil&gt;",
    "&#60;evil&#62;",
    "javascript:evil()",
    "{{ 7*7 }}",
    "{% raw %}",
    "${7}",
    "%s%n",
    "%(x)s",
    "{0}",
    "{x}",
  ],
  [
    "..",
    "../",
    "../../etc/passwd",
    "..\\..\\secret.txt",
    ".",
    "./",
    ".hidden",
    "a.css",
    "folder",
    "folder/",
    "big.txt",
  ],
  [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "/\t/evil.example",
    "/.//evil.example",
  ],
  [
    "\0",
    "\r\n",
    "\r\nSet-Cookie: evil=1",
    "\n\n",
    "\x7f",
    "\x85",
    "\u2028",
    "\ud800",
    "\udfff",
    "\u{1f600}",
    "é",
    "İ",
    "ß",
    "ﬀ",
  ],
  [
    '"',
    "'",
    "\\",
    "`",
    ",",
    ";",
    "=",
    "&",
    "%",
    "%zz",
    "%00",
    "%2e%2e",
    "%2F",
    "%5C",
    "%ED%A0%80",
    "%C0%AE",
    "+",
    "a b",
    "@",
    "#",
    "?",
  ],
  ["x".repeat(3_000), ",".repeat(2_000), "[".repeat(2_000), "(".repeat(500), "a=b; ".repeat(300), '"'.repeat(500)],
].flat();

/** A text: spiteful, any, or several of them in a row. */
export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...spiteful) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...spiteful), { maxLength: 4 }).map((parts) => parts.join("")) },
);

const percent = (value: string): string => encodeURIComponent(value.toWellFormed());
/** A text in a target: encoded, or as it is, as far as a server lets it through. */
const inTarget = fc.oneof(
  text.map(percent),
  text.map((value) => value.replaceAll(/[^\x21-\x7e]/g, "").replaceAll("#", "")),
);

const paths = [
  [
    "/",
    "/int/{}/{}",
    "/int/5/{}",
    "/float/{}",
    "/uuid/{}",
    "/any/{}",
    "/any/a",
    "/path/{}/end",
    "/mixed/{}-{}.{}",
    "/say/{}",
  ],
  [
    "/host",
    "/redirect",
    "/head",
    "/abort/400",
    "/abort/{}",
    "/page",
    "/stream",
    "/nonce",
    "/file",
    "/bytes",
    "/download",
  ],
  [
    "/from/{}",
    "/from/{}/{}",
    "/from/numbers.txt",
    "/files/{}",
    "/files/",
    "/files/big.txt",
    "/files/folder",
    "/login",
    "/me",
  ],
  [
    "/who",
    "/basic",
    "/hook",
    "/logout",
    "/events",
    "/pieces",
    "/socket",
    "/limited",
    "/outer/{}/inner/{}",
    "/outer/de/inner/{}",
  ],
  [
    "/outer/en/inner/static/{}",
    "/node/{}",
    "/mounted/{}",
    "/mounted/me",
    "/mounted/who",
    "/open/json",
    "/open/form",
    "/open/text",
  ],
  [
    "/open/silent",
    "/open/values",
    "/open/echo",
    "/open/page",
    "/open/data",
    "/open/flash",
    "/{}",
    "{}",
    "//{}",
    "/{}/",
    "*",
  ],
].flat();

const path = fc
  .tuple(fc.constantFrom(...paths), fc.array(inTarget, { minLength: 3, maxLength: 3 }))
  .map(([pattern, texts]) => texts.reduce((filled, part) => filled.replace("{}", () => part), pattern));

const pairs = fc.array(
  fc.tuple(fc.oneof(fc.constantFrom("u", "next", "name", "data", "csrf_token", "title"), text), text),
  {
    maxLength: 5,
  },
);

/** The query of a target, and a form. */
const form = pairs.map((all) => all.map(([name, value]) => `${percent(name)}=${percent(value)}`).join("&"));
const target = fc
  .tuple(path, fc.oneof(form, inTarget))
  .map(([where, query]) => (query === "" ? where : `${where}?${query}`));

/** What a header's value may have in it: a server lets no other character through. */
const inHeader = (value: string): string =>
  Buffer.from(value)
    .toString("latin1")
    .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, "")
    .trim();

const dates = ["Fri, 27 Nov 2026 22:00:00 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "0"];
const near: Readonly<Record<string, readonly string[]>> = {
  Accept: ["text/html;q=0.5, */*;q=0.1", "text/*;q=", 'application/json;x="a,b"'],
  "Accept-Language": ["de-AT, en;q=0.5", "*;q=0", "x".repeat(40)],
  "Accept-Encoding": ["gzip, br;q=0.5", "zstd", "identity;q=0", "*", ""],
  "Accept-Charset": ["utf-8, *;q=0"],
  Authorization: ["Basic YTph", "Basic !", "Bearer x", 'Digest username="x"', "Negotiate"],
  Range: [
    "bytes=0-9",
    "bytes=-5",
    "bytes=5-",
    "bytes=0-1,5-6,9-",
    "bytes=9-0",
    "bytes=99999999999999999999-",
    "bytes=,",
    "x=1-2",
  ],
  "If-Match": ["*", '"x"', 'W/"x"'],
  "If-None-Match": ["*", '"ten", W/"x"', 'W/"ten"'],
  "If-Modified-Since": dates,
  "If-Unmodified-Since": dates,
  "If-Range": [...dates, '"ten"', 'W/"ten"'],
  "Cache-Control": ["max-age=0", 'no-cache="x', "max-age=99999999999999999"],
  "Content-Length": ["0", "5", "-1", "x", "99999999999999999999"],
  "Content-Type": [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain; charset=utf-7",
  ],
  "Content-Range": ["bytes 0-1/2"],
  Cookie: ["session=x", 'session=""', "a=b; session=x; session=y", "; ; =", "__Host-session=x"],
  Host: ["here.example", "a.api.example", "a.b.deep.example:8000", "[::1]:80", "evil.example:x", ""],
  Origin: ["https://friend.example", "https://evil.example", "null", "https://friend.example.evil.example"],
  "Access-Control-Request-Method": ["PUT"],
  "Access-Control-Request-Headers": ["x-a, x-b", ","],
  Referer: ["https://evil.example"],
  Forwarded: ["for=1.2.3.4;proto=https;host=evil.example", 'for="[::1]"'],
  "X-Forwarded-For": ["1.2.3.4, 5.6.7.8"],
  "X-Forwarded-Prefix": ["/evil"],
  "X-Request-Id": ["abc"],
  "X-Key": ["k", "x".repeat(1_000)],
  "X-CSRFToken": ["x"],
  "Sec-Fetch-Site": ["cross-site", "same-origin"],
  "Last-Event-ID": ["1"],
  Upgrade: ["websocket"],
  TE: ["trailers"],
  Expect: ["100-continue"],
};

const header = fc
  .constantFrom(...Object.keys(near), "__proto__", "constructor")
  .chain((name) =>
    fc.tuple(
      fc.constant(name),
      fc.oneof(fc.constantFrom(...(Object.hasOwn(near, name) ? near[name]! : ["x"])), text.map(inHeader)),
    ),
  );

/** A body of several parts, broken anywhere. */
const multipart = fc
  .tuple(
    fc.constantFrom("x", "-", "a b", "x".repeat(70)),
    fc.array(fc.tuple(text, text, text), { maxLength: 4 }),
    fc.nat(200),
  )
  .map(([boundary, parts, cut]) => {
    const lines = parts.map(([name, filename, content]) => {
      const file = filename === "" ? "" : `; filename="${filename}"`;
      return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${content}\r\n`;
    });
    const whole = `${lines.join("")}--${boundary}--\r\n`;
    return {
      type: `multipart/form-data; boundary="${boundary}"`,
      content: cut < whole.length && cut % 3 === 0 ? whole.slice(0, cut) : whole,
    };
  });

const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, text, fc.double(), fc.boolean(), fc.constant(null), tie("list"), tie("object")),
  list: fc.array(tie("value"), { maxLength: 3 }),
  object: fc
    .array(fc.tuple(text, tie("value")), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries) as unknown),
})).value;

const typed = fc.oneof(
  json.map((value) => ({ type: "application/json", content: JSON.stringify(value) })),
  text.map((content) => ({ type: "application/json", content })),
  form.map((content) => ({ type: "application/x-www-form-urlencoded", content })),
  multipart,
  fc.tuple(text.map(inHeader), text).map(([type, content]) => ({ type, content })),
);

const method = fc.oneof(
  { weight: 12, arbitrary: fc.constant("GET") },
  { weight: 1, arbitrary: fc.constant("POST") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get", "__proto__"),
  },
);

/** A request of a hostile client. */
export const request: fc.Arbitrary<Sent> = fc
  .tuple(method, target, fc.array(header, { maxLength: 5 }), fc.option(typed, { freq: 1 }))
  .map(([verb, where, headers, body]) => {
    const isPost = where.startsWith("/open") || (verb !== "GET" && verb !== "HEAD" && body !== null);
    const type = isPost && body !== null ? [["Content-Type", body.type] as const] : [];
    return {
      method: isPost && (verb === "GET" || verb === "HEAD") ? "POST" : verb,
      target: where.slice(0, 8_000),
      headers: [...headers.filter(([name]) => name !== "Content-Type" || type.length === 0), ...type],
      body: isPost && body !== null ? Buffer.from(body.content) : new Uint8Array(),
    };
  });
