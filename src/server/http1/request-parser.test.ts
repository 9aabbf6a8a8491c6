import assert from "node:assert/strict";
import { test } from "node:test";
import { type ParsedHead, type ParserLimits, RequestParser } from "./request-parser.ts";
import { type ParserEvent, Recorder, roomy, transcribe, type Transcript, waysToCut } from "./transcript.fixture.ts";

/** Parses a text whole, and checks that it is the same however it is cut. */
function parse(text: string, limits: ParserLimits = roomy): Transcript {
  const whole = transcribe([text], limits);
  for (const pieces of waysToCut(text)) assert.deepEqual(transcribe(pieces, limits), whole);
  return whole;
}

function lines(...texts: readonly string[]): string {
  return texts.join("\r\n");
}

const get: ParsedHead = {
  method: "GET",
  target: "/x",
  httpVersion: "1.1",
  rawHeaders: ["Host", "a"],
  bodyLength: 0,
  isLast: false,
  awaitsContinue: false,
  upgrade: undefined,
};
const host = "Host: a";
const plain = lines("GET /x HTTP/1.1", host, "", "");
const chunked = lines("POST /x HTTP/1.1", host, "Transfer-Encoding: chunked", "", "");

/** Requests that are good, with what their heads differ in from that of a plain GET. */
const accepted: readonly [rule: string, text: string, head: Partial<ParsedHead>][] = [
  ["RFC 9112 §3: a request line and headers", plain, {}],
  ["RFC 9110 §9.1: a method is any token, and its case counts", plain.replace("GET", "g3T!"), { method: "g3T!" }],
  ["RFC 9112 §3.2.1: a query", plain.replace("/x", "/?a=b?c/d"), { target: "/?a=b?c/d" }],
  ["RFC 9112 §3.2.1: a path of two slashes", plain.replace("/x", "//x"), { target: "//x" }],
  ["RFC 9112 §3.2.2: the absolute form", plain.replace("/x", "http://a/x"), { target: "http://a/x" }],
  ["RFC 9112 §3.2.2: the absolute form without a path", plain.replace("/x", "HTTPS://A"), { target: "HTTPS://A" }],
  ["RFC 9112 §3.2.4: the asterisk form", plain.replace("GET /x", "OPTIONS *"), { method: "OPTIONS", target: "*" }],
  [
    "RFC 9112 §2.3: HTTP/1.0, which keeps no connection",
    plain.replace("1.1", "1.0"),
    { httpVersion: "1.0", isLast: true },
  ],
  [
    "RFC 9112 §3.2: HTTP/1.0 without Host, or any header",
    lines("GET /x HTTP/1.0", "", ""),
    { httpVersion: "1.0", isLast: true, rawHeaders: [] },
  ],
  ["RFC 9112 §3.2: an empty Host", plain.replace(host, "Host:"), { rawHeaders: ["Host", ""] }],
  ["RFC 9110 §7.2: a Host with a port", plain.replace(host, "hOST: [::1]:80"), { rawHeaders: ["hOST", "[::1]:80"] }],
  ["RFC 9112 §2.2: empty lines before it", "\r\n\r\n\r\n\r\n" + plain, {}],
  ["RFC 9112 §5.1: no blank behind the colon", plain.replace(": ", ":"), {}],
  ["RFC 9112 §5.1: blanks and tabs around a value", plain.replace(": a", ":\t  a \t "), {}],
  [
    "RFC 9110 §5.5: blanks, tabs and Latin-1 in a value",
    lines("GET /x HTTP/1.1", host, "X: a \t\xe4\xff:", "Y:", "Z: \t", "", ""),
    { rawHeaders: ["Host", "a", "X", "a \t\xe4\xff:", "Y", "", "Z", ""] },
  ],
  [
    "RFC 9110 §5.6.2: every character of a token in a name",
    lines("GET /x HTTP/1.1", host, "!#$%&'*+-.^_`|~09AZaz: 1", "", ""),
    { rawHeaders: ["Host", "a", "!#$%&'*+-.^_`|~09AZaz", "1"] },
  ],
  [
    "RFC 9112 §6.2: a Content-Length of 0",
    lines("POST /x HTTP/1.1", host, "Content-Length: 0", "", ""),
    { method: "POST", rawHeaders: ["Host", "a", "Content-Length", "0"] },
  ],
  [
    "RFC 9112 §9.6: Connection: close in a list",
    lines("GET /x HTTP/1.1", host, "Connection: x, , Close", "", ""),
    { rawHeaders: ["Host", "a", "Connection", "x, , Close"], isLast: true },
  ],
  [
    "RFC 9112 §9.6: Connection: close in the second header",
    lines("GET /x HTTP/1.1", host, "Connection: x", "connection: close", "", ""),
    { rawHeaders: ["Host", "a", "Connection", "x", "connection", "close"], isLast: true },
  ],
  [
    "RFC 9112 §9.6: a Connection that only resembles close",
    lines("GET /x HTTP/1.1", host, "Connection: closed, close\xa0", "", ""),
    { rawHeaders: ["Host", "a", "Connection", "closed, close\xa0"] },
  ],
  [
    "RFC 9112 §9.3: HTTP/1.0 that keeps its connection",
    lines("GET /x HTTP/1.0", "Connection: Keep-Alive", "", ""),
    { httpVersion: "1.0", rawHeaders: ["Connection", "Keep-Alive"] },
  ],
  [
    "RFC 9112 §9.3: HTTP/1.0 that says both close and keep-alive",
    lines("GET /x HTTP/1.0", "Connection: keep-alive, close", "", ""),
    { httpVersion: "1.0", rawHeaders: ["Connection", "keep-alive, close"], isLast: true },
  ],
  [
    "RFC 9110 §10.1.1: an expectation of a request without a body",
    lines("GET /x HTTP/1.1", host, "Expect: 100-continue", "", ""),
    { rawHeaders: ["Host", "a", "Expect", "100-continue"] },
  ],
  [
    "RFC 9110 §7.8: Upgrade",
    lines("GET /x HTTP/1.1", host, "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Upgrade: b/1", "", ""),
    {
      rawHeaders: ["Host", "a", "Connection", "keep-alive, Upgrade", "Upgrade", "websocket", "Upgrade", "b/1"],
      upgrade: "websocket, b/1",
    },
  ],
  [
    "RFC 9110 §7.8: Upgrade that Connection does not name",
    lines("GET /x HTTP/1.1", host, "Upgrade: websocket", "", ""),
    { rawHeaders: ["Host", "a", "Upgrade", "websocket"] },
  ],
  [
    "RFC 9110 §7.8: Upgrade in HTTP/1.0, which is ignored",
    lines("GET /x HTTP/1.0", "Connection: keep-alive, upgrade", "Upgrade: websocket", "", ""),
    { httpVersion: "1.0", rawHeaders: ["Connection", "keep-alive, upgrade", "Upgrade", "websocket"] },
  ],
];

for (const [rule, text, head] of accepted) {
  test(`RequestParser takes ${rule}`, () => {
    const events: ParserEvent[] = [{ head: { ...get, ...head } }, { end: [] }];
    assert.deepEqual(parse(text), { events, position: "idle" });
  });
}

/** Requests with bodies: what their heads say of it, the body and the trailers. */
const bodies: readonly [rule: string, text: string, head: Partial<ParsedHead>, body: string, trailers?: string[]][] = [
  [
    "RFC 9112 §6.2: a Content-Length",
    lines("POST /x HTTP/1.1", host, "content-length: 005", "", "a\r\n\x00\xff"),
    { bodyLength: 5 },
    "a\r\n\x00\xff",
  ],
  ["RFC 9112 §7.1: no chunk but the last", chunked + lines("000", "", ""), { bodyLength: "chunked" }, ""],
  [
    "RFC 9112 §7.1: chunks",
    chunked + lines("1", "a", "a", "0\r\n\r\n12345", "00000000000000aB", "x".repeat(171), "0", "", ""),
    { bodyLength: "chunked" },
    `a0\r\n\r\n12345${"x".repeat(171)}`,
  ],
  [
    "RFC 9112 §7.1.1: chunk extensions",
    chunked + lines('1;a;b=c ; d = "\\"\xff\t;"\t;e', "a", "0;z=0", "", ""),
    { bodyLength: "chunked" },
    "a",
  ],
  [
    "RFC 9112 §7.1.2: trailers",
    chunked + lines("1", "a", "0", "X: \xe4 ", "x:y", "", ""),
    { bodyLength: "chunked" },
    "a",
    ["X", "\xe4", "x", "y"],
  ],
  [
    "RFC 9112 §7: chunked in any case",
    chunked.replace("chunked", "\tCHUNKed ") + lines("0", "", ""),
    { bodyLength: "chunked" },
    "",
  ],
  [
    "RFC 9110 §10.1.1: Expect: 100-continue",
    lines("POST /x HTTP/1.1", host, "Expect: 100-Continue", "Content-Length: 1", "", "a"),
    { bodyLength: 1, awaitsContinue: true },
    "a",
  ],
  [
    "RFC 9110 §10.1.1: an expectation in HTTP/1.0, which is ignored",
    lines("POST /x HTTP/1.0", "Expect: 100-continue", "Content-Length: 1", "", "a"),
    { bodyLength: 1, isLast: true },
    "a",
  ],
];

for (const [rule, text, expected, body, trailers = []] of bodies) {
  test(`RequestParser takes ${rule}`, () => {
    const { events, position } = parse(text);
    const [first, ...rest] = events;
    assert(first !== undefined && "head" in first);
    const { bodyLength, awaitsContinue, isLast } = first.head;
    const head = { awaitsContinue: false, isLast: false, ...expected };
    assert.deepEqual({ bodyLength, awaitsContinue, isLast }, head);
    assert.deepEqual(rest, [...(body === "" ? [] : [{ body }]), { end: trailers }]);
    assert.equal(position, "idle");
  });
}

const manyZeros = "0".repeat(17);
const named = true;

/** What is refused: with which status and reason, and whether method and target are told. */
const refused: readonly [rule: string, text: string, status: number, reason: RegExp, isNamed?: boolean][] = [
  // The request line.
  ["RFC 9112 §2.2: a bare LF behind the request line", "GET /x HTTP/1.1\nHost: a\n\n", 400, /line ends in LF/],
  ["RFC 9112 §2.2: a bare LF before it", "\nGET /x HTTP/1.1\r\n", 400, /no method/],
  ["RFC 9112 §2.2: a bare CR before it", "\rGET /x HTTP/1.1\r\n", 400, /not printable ASCII/],
  ["RFC 9112 §2.2: a bare CR in it", "GET /x\rHTTP/1.1\r\n", 400, /not printable ASCII/],
  ["RFC 9112 §2.2: a fifth empty line", "\r\n\r\n\r\n\r\n\r\n", 400, /empty lines/],
  ["RFC 9112 §2.2: a blank before it", " GET /x HTTP/1.1\r\n", 400, /no method/],
  ["RFC 9112 §3: TLS", "\x16\x03\x01\x02", 400, /no method/],
  ["RFC 9112 §3: two blanks before the target", "GET  /x HTTP/1.1\r\n", 400, /one space/],
  ["RFC 9112 §3: two blanks behind the target", "GET /x  HTTP/1.1\r\n", 400, /one space/],
  ["RFC 9112 §3: a blank behind the version", "GET /x HTTP/1.1 \r\n", 400, /one space/],
  ["RFC 9112 §3: a tab in place of a blank", "GET\t/x HTTP/1.1\r\n", 400, /not printable ASCII/],
  ["RFC 9112 §3: no target", "GET HTTP/1.1\r\n", 400, /no HTTP version/],
  ["RFC 9112 §3: HTTP/0.9", "GET /x\r\n", 400, /no HTTP version/],
  ["RFC 9112 §3: no HTTP at all", "nonsense\r\n", 400, /no HTTP version/],
  ["RFC 9110 §9.1: a method that is no token", "G(T /x HTTP/1.1\r\n", 400, /not a token/],
  ["RFC 9112 §2.3: HTTP/0.9 in words", "GET /x HTTP/0.9\r\n", 400, /HTTP\/0\.9/, named],
  ["RFC 9112 §2.3: HTTP/1.2", "GET /x HTTP/1.2\r\n", 400, /HTTP\/1\.2/, named],
  ["RFC 9112 §2.3: HTTP/2.0", "GET /x HTTP/2.0\r\n", 400, /HTTP\/2\.0/, named],
  ["RFC 9112 §2.3: HTTP/3.1", "GET /x HTTP/3.1\r\n", 400, /HTTP\/3\.1/, named],
  ["RFC 9113 §3.4: the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, /HTTP\/2\.0/],
  ["RFC 9112 §2.3: a version without a minor", "GET /x HTTP/2\r\n", 400, /not end in an HTTP version/],
  ["RFC 9112 §2.3: a version of three digits", "GET /x HTTP/1.10\r\n", 400, /not end in an HTTP version/],
  ["RFC 9112 §2.3: a version in lower case", "GET /x http/1.1\r\n", 400, /not end in an HTTP version/],
  ["RFC 9112 §2.3: another protocol", "GET /x HTTQ/1.1\r\n", 400, /not end in an HTTP version/],
  ["RFC 9112 §3.2: a NUL in the target", "GET /\x00x HTTP/1.1\r\n", 400, /not printable ASCII/],
  ["RFC 9112 §3.2: a DEL in the target", "GET /\x7fx HTTP/1.1\r\n", 400, /not printable ASCII/],
  ["RFC 9112 §3.2: Latin-1 in the target", "GET /\xe4 HTTP/1.1\r\n", 400, /not printable ASCII/],
  ["RFC 9112 §3.2: a fragment", "GET /x#y HTTP/1.1\r\n", 400, /fragment/],
  ["RFC 9112 §3.2: a target that is no path", "GET x HTTP/1.1\r\n", 400, /neither a path/],
  ["RFC 9112 §3.2.2: another scheme", "GET ftp://a/ HTTP/1.1\r\n", 400, /neither a path/],
  ["RFC 9110 §4.2.1: an absolute form without a host", "GET http:///x HTTP/1.1\r\n", 400, /neither a path/],
  ["RFC 9110 §4.2.1: an absolute form with a port alone", "GET http://:80/x HTTP/1.1\r\n", 400, /neither a path/],
  ["RFC 9110 §4.2.4: user info in the target", "GET http://me@a/x HTTP/1.1\r\n", 400, /neither a path/],
  ["RFC 9112 §3.2.3: the authority form without CONNECT", "GET a:80 HTTP/1.1\r\n", 400, /neither a path/],
  ["RFC 9112 §3.2.4: the asterisk form without OPTIONS", "GET * HTTP/1.1\r\n", 400, /\* is for OPTIONS/],
  ["RFC 9110 §9.3.6: CONNECT", "CONNECT /x HTTP/1.1\r\n", 501, /CONNECT/],
  // The headers.
  ["RFC 9112 §2.2: a bare LF behind a header", "GET /x HTTP/1.1\r\nHost: a\n", 400, /ends in LF/, named],
  ["RFC 9112 §2.2: a bare LF in place of the empty line", "GET /x HTTP/1.1\r\nHost: a\r\n\n", 400, /ends in LF/, named],
  ["RFC 9112 §2.2: a bare CR in a value", "GET /x HTTP/1.1\r\nX: a\rb\r\n", 400, /CR without LF/, named],
  ["RFC 9112 §2.2: a second CR behind a value", "GET /x HTTP/1.1\r\nX: a\r\r\n", 400, /CR without LF/, named],
  ["RFC 9112 §2.2: a bare CR in a name", "GET /x HTTP/1.1\r\nX\r: a\r\n", 400, /CR without LF/, named],
  ["RFC 9112 §2.2: a blank before the first header", "GET /x HTTP/1.1\r\n Host: a\r\n", 400, /folded/, named],
  ["RFC 9112 §5.2: a folded header", "GET /x HTTP/1.1\r\nX: a\r\n b\r\n", 400, /folded/, named],
  ["RFC 9112 §5.2: a header folded by a tab", "GET /x HTTP/1.1\r\nX: a\r\n\tb: c\r\n", 400, /folded/, named],
  ["RFC 9112 §5.1: a blank before the colon", "GET /x HTTP/1.1\r\nHost : a\r\n", 400, /before its colon/, named],
  ["RFC 9112 §5.1: a tab before the colon", "GET /x HTTP/1.1\r\nHost\t: a\r\n", 400, /before its colon/, named],
  ["RFC 9112 §5: a header without a colon", "GET /x HTTP/1.1\r\nHost a\r\n", 400, /no colon/, named],
  ["RFC 9112 §5: a header without a name", "GET /x HTTP/1.1\r\n: a\r\n", 400, /not a token/, named],
  ["RFC 9110 §5.1: a name that is no token", "GET /x HTTP/1.1\r\nX@: a\r\n", 400, /not a token/, named],
  ["RFC 9110 §5.1: a NUL in a name", "GET /x HTTP/1.1\r\nX\x00: a\r\n", 400, /not a token/, named],
  ["RFC 9110 §5.1: Latin-1 in a name", "GET /x HTTP/1.1\r\n\xe4: a\r\n", 400, /not a token/, named],
  ["RFC 9110 §5.5: a NUL in a value", "GET /x HTTP/1.1\r\nX: \x00\r\n", 400, /control character/, named],
  ["RFC 9110 §5.5: a DEL in a value", "GET /x HTTP/1.1\r\nX: \x7f\r\n", 400, /control character/, named],
  ["RFC 9110 §5.5: a vertical tab before a value", "GET /x HTTP/1.1\r\nX:\x0ba\r\n", 400, /control character/, named],
  // What the headers say.
  ["RFC 9112 §3.2: no Host", lines("GET /x HTTP/1.1", "", ""), 400, /no Host/, named],
  ["RFC 9112 §3.2: two equal Hosts", lines("GET /x HTTP/1.1", host, host, "", ""), 400, /2 Host headers/, named],
  ["RFC 9112 §3.2: two Hosts in HTTP/1.0", lines("GET /x HTTP/1.0", host, host, "", ""), 400, /2 Host/, named],
  ["RFC 9112 §3.2: a malformed Host", lines("GET /x HTTP/1.1", "Host: a/b", "", ""), 400, /not a name/, named],
  ["RFC 9112 §3.2: a list of Hosts", lines("GET /x HTTP/1.1", "Host: a, b", "", ""), 400, /not a name/, named],
  ["RFC 9112 §3.2.2: a target of another host", plain.replace("/x", "http://a.b/"), 400, /different hosts/],
  [
    "RFC 9112 §3.2.2: a target of another host than an empty one",
    plain.replace("/x", "http://a/").replace(host, "Host:"),
    400,
    /different/,
  ],
  ["RFC 9112 §3.2.2: a target of another port", plain.replace("/x", "http://a:1/"), 400, /different hosts/],
  ["RFC 9112 §6.1: a length and chunked", chunked.replace("\r\nT", "\r\nContent-Length: 0\r\nT"), 400, /and a Tr/],
  ["RFC 9112 §6.1: chunked in HTTP/1.0", chunked.replace("1.1", "1.0"), 400, /HTTP\/1\.0/],
  ["RFC 9112 §6.1: chunked twice", chunked.replace("chunked", "chunked, chunked"), 400, /not the last/],
  [
    "RFC 9112 §6.1: chunked in two headers",
    chunked.replace("\r\nT", "\r\nTransfer-Encoding: chunked\r\nT"),
    400,
    /not the/,
  ],
  ["RFC 9112 §6.3: chunked before another coding", chunked.replace("chunked", "chunked, gzip"), 400, /not the last/],
  ["RFC 9112 §6.1: a coding before chunked", chunked.replace("chunked", "gzip, chunked"), 501, /only Transfer/],
  ["RFC 9112 §6.1: another coding", chunked.replace("chunked", "gzip"), 501, /only Transfer/],
  ["RFC 9112 §6.1: a coding that resembles chunked", chunked.replace("chunked", "xchunked"), 501, /only Transfer/],
  ["RFC 9112 §7: chunked with a parameter", chunked.replace("chunked", "chunked;a=b"), 400, /no parameters/],
  ["RFC 9110 §5.6.1: an empty element before chunked", chunked.replace("chunked", ", chunked"), 400, /malformed/],
  ["RFC 9112 §6.1: an empty Transfer-Encoding", chunked.replace("chunked", ""), 400, /malformed/],
  ["RFC 9112 §6.1: a quoted coding", chunked.replace("chunked", '"chunked"'), 400, /malformed/],
  ["RFC 9110 §10.1.1: another Expect", lines("GET /x HTTP/1.1", host, "Expect: x", "", ""), 417, /100-continue/],
  [
    "RFC 9110 §10.1.1: another Expect in a list",
    lines("GET /x HTTP/1.1", host, "Expect: 100-continue", "Expect: x", "", ""),
    417,
    /100-continue/,
  ],
  ...[
    ["a signed Content-Length", "+5"],
    ["a negative Content-Length", "-5"],
    ["an empty Content-Length", ""],
    ["a hexadecimal Content-Length", "0x5"],
    ["a Content-Length with a blank", "5 5"],
    ["a Content-Length with a fraction", "5.0"],
    ["a Content-Length with an exponent", "5e1"],
    ["a list of equal Content-Lengths", "5, 5"],
    ["a list of one Content-Length", "5,"],
    ["two equal Content-Lengths", "5\r\nContent-Length: 5"],
    ["two different Content-Lengths", "5\r\ncontent-length: 6"],
    ["a Content-Length beyond 2^53 - 1", "9007199254740992"],
    ["a Content-Length that rounds to 2^53", "9007199254740993"],
    ["a Content-Length beyond any number", "9".repeat(400)],
  ].map(([rule, value]): [string, string, number, RegExp] => [
    `RFC 9112 §6.3: ${rule}`,
    lines("POST /x HTTP/1.1", host, `Content-Length: ${value}`, "", ""),
    400,
    /Content-Length/,
  ]),
];

for (const [rule, text, status, reason, isNamed] of refused) {
  test(`RequestParser refuses ${rule} with ${status}`, () => {
    // Nothing behind it is read.
    const { events, position } = parse(text + plain);
    assert.equal(events.length, 1, JSON.stringify(events));
    const [only] = events;
    assert(only !== undefined && "fault" in only);
    assert.equal(only.fault.status, status);
    assert.match(only.fault.reason, reason);
    if (isNamed === true) assert.deepEqual([only.fault.method, only.fault.target], ["GET", "/x"]);
    assert.equal(position, "idle");
  });
}

/** What is refused in the body of a chunked request, or behind it. */
const badChunks: readonly [rule: string, text: string, reason: RegExp][] = [
  ["RFC 9112 §7.1: no size", "\r\n", /size of a chunk/],
  ["RFC 9112 §7.1: a size that is no number", "g\r\n", /size of a chunk/],
  ["RFC 9112 §7.1: a signed size", "-1\r\n", /size of a chunk/],
  ["RFC 9112 §7.1: a size with a prefix", "0x1\r\n", /size of a chunk/],
  ["RFC 9112 §7.1: a blank before a size", " 1\r\na\r\n", /size of a chunk/],
  ["RFC 9112 §7.1: a blank behind a size", "1 \r\na\r\n", /size of a chunk/],
  ["RFC 9112 §7.1: two sizes", "1 1\r\na\r\n", /size of a chunk/],
  ["RFC 9112 §7.1: a bare LF behind a size", "1\na\r\n", /LF without CR/],
  ["RFC 9112 §7.1: a bare CR behind a size", "1\ra\r\n", /size of a chunk/],
  ["RFC 9112 §7.1: a size beyond 2^53 - 1", "20000000000000\r\n", /too large/],
  ["RFC 9112 §7.1: a size beyond any number", "ffffffffffffffff\r\n", /too large/],
  ["RFC 9112 §7.1: a size of more than 16 digits", `${manyZeros}\r\n`, /size of a chunk/],
  ["RFC 9112 §7.1: a chunk that is too long", "1\r\nab\r\n", /not followed/],
  ["RFC 9112 §7.1: a bare LF behind a chunk", "1\r\na\n0\r\n", /not followed/],
  ["RFC 9112 §7.1: a bare CR behind a chunk", "1\r\na\r0\r\n", /not followed/],
  ["RFC 9112 §7.1: no end behind a chunk", "1\r\na0\r\n", /not followed/],
  ["RFC 9112 §7.1.1: an extension without a name", "1;\r\n", /size of a chunk/],
  ["RFC 9112 §7.1.1: an extension without a value", "1;a=\r\n", /size of a chunk/],
  ["RFC 9112 §7.1.1: an extension that is no token", "1;a(=b\r\n", /size of a chunk/],
  ["RFC 9112 §7.1.1: a blank behind an extension", "1;a \r\n", /size of a chunk/],
  ["RFC 9112 §7.1.1: an open quotation", '1;a="b\r\n"\r\n', /size of a chunk/],
  ["RFC 9112 §7.1.1: a bare LF in a quotation", '1;a="b\n"\r\n', /LF without CR/],
  ["RFC 9112 §7.1.1: a NUL in a quotation", '1;a="\x00"\r\n', /size of a chunk/],
  ["RFC 9112 §7.1.2: a trailer without a colon", "0\r\nX\r\n", /no colon/],
  ["RFC 9112 §7.1.2: a trailer with a blank before its colon", "0\r\nX : a\r\n", /before its colon/],
  ["RFC 9112 §7.1.2: a bare LF behind the last chunk", "0\r\n\n", /LF without CR/],
  ["RFC 9110 §6.5.1: Content-Length in the trailers", "0\r\nContent-Length: 1\r\n\r\n", /belongs in the head/],
  ["RFC 9110 §6.5.1: Transfer-Encoding in the trailers", "0\r\nTransfer-Encoding: x\r\n\r\n", /belongs in the head/],
  ["RFC 9110 §6.5.1: Host in the trailers", "0\r\nhost: b\r\n\r\n", /belongs in the head/],
  ["RFC 9110 §6.5.1: Connection in the trailers", "0\r\nConnection: close\r\n\r\n", /belongs in the head/],
];

for (const [rule, text, reason] of badChunks) {
  test(`RequestParser refuses ${rule} with 400`, () => {
    const { events } = parse(chunked + text + plain);
    const last = events.at(-1);
    assert(last !== undefined && "fault" in last, JSON.stringify(events));
    const { status, reason: told, method, target } = last.fault;
    assert.deepEqual([status, method, target], [400, "POST", "/x"]);
    assert.match(told, reason);
    assert.equal(events.filter((event) => "head" in event).length, 1);
  });
}

test("RequestParser takes requests that follow each other (RFC 9112 §9.3.2)", () => {
  const texts = [plain, chunked + lines("1", "a", "0", "", ""), "\r\n" + plain, plain.replace(host, "Host: b")];
  const { events, position } = parse(texts.join(""));
  const alone = texts.flatMap((text) => transcribe([text]).events);
  assert.deepEqual(events, alone);
  assert.equal(position, "idle");
});

for (const last of [plain.replace(host, `${host}\r\nConnection: close`), plain.replace("1.1", "1.0")]) {
  test(`RequestParser ignores what is behind ${last.split("\r\n").join(", ")} (RFC 9112 §9.6)`, () => {
    assert.deepEqual(parse(last + plain), transcribe([last]));
    assert.deepEqual(parse(last + "junk\r\n"), transcribe([last]));
  });
}

const positions: readonly [text: string, position: string][] = [
  ["", "idle"],
  ["\r", "idle"],
  ["\r\n", "idle"],
  ["G", "head"],
  ["GET /x HTTP/1.1\r\n", "head"],
  [plain.slice(0, -1), "head"],
  [plain, "idle"],
  [`${plain}\r\n`, "idle"],
  [lines("POST / HTTP/1.1", host, "Content-Length: 2", "", ""), "body"],
  [lines("POST / HTTP/1.1", host, "Content-Length: 2", "", "a"), "body"],
  [lines("POST / HTTP/1.1", host, "Content-Length: 2", "", "ab"), "idle"],
  [chunked, "body"],
  [chunked + lines("0", ""), "body"],
  [chunked + lines("0", "X: y", ""), "body"],
  [chunked + lines("0", "", ""), "idle"],
];

for (const [text, position] of positions) {
  test(`RequestParser.position is ${position} behind ${JSON.stringify(text)}`, () => {
    assert.equal(parse(text).position, position);
  });
}

const small: ParserLimits = { requestLine: 20, headSize: 30, headerCount: 2, chunkExtensions: 8 };

/** What is at a limit, and what is one beyond it. */
const borders: readonly [limit: string, at: string, beyond: string, status: number][] = [
  ["a request line", lines("GET /678901 HTTP/1.1", host, "", ""), "GET /6789012 HTTP/1.1", 414],
  ["a request line without an end", "GET /678901234567890", "GET /6789012345678901", 414],
  ["a request line with half its end", "GET /678901 HTTP/1.1\r", "GET /6789012 HTTP/1.1\r", 414],
  [
    "headers",
    lines("GET /x HTTP/1.1", host, `X: ${"x".repeat(16)}`, "", ""),
    lines("GET /x HTTP/1.1", host, `X: ${"x".repeat(17)}`, ""),
    431,
  ],
  [
    "half headers",
    lines("GET /x HTTP/1.1", host, `X: ${"x".repeat(18)}`),
    lines("GET /x HTTP/1.1", host, `X: ${"x".repeat(19)}`),
    431,
  ],
  [
    "a line of headers without a colon",
    lines("GET /x HTTP/1.1", "x".repeat(30)),
    lines("GET /x HTTP/1.1", "x".repeat(31)),
    431,
  ],
  [
    "the count of headers",
    lines("GET /x HTTP/1.1", host, "X:", "", ""),
    lines("GET /x HTTP/1.1", host, "X:", "Y:", ""),
    431,
  ],
  [
    "trailers",
    chunked + lines("0", "X: " + "x".repeat(32), "", ""),
    chunked + lines("0", "X: " + "x".repeat(33), ""),
    431,
  ],
  ["the count of trailers", chunked + lines("0", "X:", "Y:", "", ""), chunked + lines("0", "X:", "Y:", "Z:", ""), 431],
  ["extensions of a chunk", chunked + lines("1;2345678", "a", ""), chunked + lines("1;23456789", ""), 413],
  [
    "extensions of chunks",
    chunked + lines("1;234", "a", "1;678", "a", ""),
    chunked + lines("1;234", "a", "1;6789", ""),
    413,
  ],
  ["half an extension", `${chunked}1;${"x".repeat(22)}`, `${chunked}1;${"x".repeat(23)}`, 413],
];

for (const [limit, at, beyond, status] of borders) {
  test(`RequestParser takes ${limit} at the limit, and refuses one byte or line more with ${status} at once`, () => {
    // With room for the head of a chunked request.
    const limits = at.startsWith("POST") ? { ...small, headSize: 37 } : small;
    const faults = (text: string): unknown[] =>
      parse(text, limits).events.flatMap((event) => ("fault" in event ? event.fault.status : []));
    assert.deepEqual([faults(at), faults(beyond)], [[], [status]]);
  });
}

test("RequestParser keeps no more of half a line than its limit", () => {
  const recorder = new Recorder();
  const parser = new RequestParser(recorder, roomy);
  let pushed = 0;
  while (recorder.events.length === 0) pushed += parser.push(Buffer.from("x"));
  assert.equal(pushed, roomy.requestLine + 1);
});

test("RequestParser takes a dripped head in linear time", () => {
  // A line of a megabyte, byte by byte: with a second look at each byte, it would be 500 thousand million of them.
  const size = 2 ** 20;
  const { events } = transcribe(plain.slice(0, -2) + `X: ${"x".repeat(size)}\r\n\r\n`, {
    ...roomy,
    headSize: 2 * size,
  });
  assert.equal(events.length, 2);
});

test("RequestParser reads lists with long rows of blanks in linear time", () => {
  const size = 2 ** 20;
  const list = `a${" ".repeat(size)}b,close`;
  const text = plain.slice(0, -2) + ["Connection", "Upgrade", "X"].map((name) => `${name}: ${list}\r\n`).join("");
  const { events } = transcribe([`${text}\r\n`], { ...roomy, headSize: 4 * size });
  assert.equal(events.length, 2);
  const [coded] = transcribe([`${text}Transfer-Encoding: ${list}\r\n\r\n`], { ...roomy, headSize: 5 * size }).events;
  assert(coded !== undefined && "fault" in coded);
  assert.equal(coded.fault.reason, "the Transfer-Encoding is malformed");
  const extended = `${chunked}1;${" ".repeat(size)}a${" ".repeat(size)}=${" ".repeat(size)}"\r\n`;
  const malformed = transcribe([extended], { ...roomy, chunkExtensions: 4 * size }).events.at(-1);
  assert(malformed !== undefined && "fault" in malformed);
  assert.equal(malformed.fault.reason, "the size of a chunk is malformed");
});

test("RequestParser gives pieces of a body as views", () => {
  const pieces: Buffer[] = [];
  const recorder = new Recorder();
  recorder.onBody = (piece) => void pieces.push(piece);
  const parser = new RequestParser(recorder, roomy);
  const first = Buffer.from(lines("POST / HTTP/1.1", host, "Content-Length: 6", "", "ab"));
  const second = Buffer.from("cd");
  const third = Buffer.from("efGET");
  for (const bytes of [first, second, third]) parser.push(bytes);
  assert.deepEqual(pieces.map(String), ["ab", "cd", "ef"]);
  assert.deepEqual(
    pieces.map(({ buffer, byteOffset }) => [buffer, byteOffset]),
    [
      [first.buffer, first.byteOffset + first.length - 2],
      [second.buffer, second.byteOffset],
      [third.buffer, third.byteOffset],
    ],
  );
});

/** Parses a text, pausing in each event that `pauses` says, and pushes what was not taken again. */
function parseWithPauses(
  text: string,
  pauses: (event: string) => boolean,
): { events: ParserEvent[]; pushes: string[] } {
  const recorder = new Recorder();
  const pushes: string[] = [];
  const parser: RequestParser = new RequestParser(
    {
      onHead: (head) => {
        recorder.onHead(head);
        if (pauses("head")) parser.pause();
      },
      onBody: (piece) => {
        recorder.onBody(piece);
        if (pauses("body")) parser.pause();
      },
      onEnd: (trailers) => {
        recorder.onEnd(trailers);
        if (pauses("end")) parser.pause();
      },
      onFault: (refusal) => recorder.onFault(refusal),
    },
    roomy,
  );
  let rest = Buffer.from(text, "latin1");
  while (rest.length > 0) {
    const taken = parser.push(rest);
    pushes.push(rest.toString("latin1", 0, taken));
    rest = rest.subarray(taken);
  }
  return { events: recorder.events, pushes };
}

const withLength = lines("POST /x HTTP/1.1", host, "Content-Length: 2", "", "");
const both = withLength + "ab" + chunked + lines("1", "c", "1", "d", "0", "X: y", "", "") + plain + "junk\r\n";

const pauseCases: readonly [event: string, pushes: readonly string[]][] = [
  ["head", [withLength, `ab${chunked}`, `${lines("1", "c", "1", "d", "0", "X: y", "", "")}${plain}`, "junk\r\n"]],
  ["body", [`${withLength}ab`, `${chunked}1\r\nc`, "\r\n1\r\nd", `\r\n0\r\nX: y\r\n\r\n${plain}junk\r\n`]],
  ["end", [`${withLength}ab`, `${chunked}${lines("1", "c", "1", "d", "0", "X: y", "", "")}`, plain, "junk\r\n"]],
];

for (const [event, pushes] of pauseCases) {
  test(`RequestParser.pause() in on${event} leaves what follows for the next push`, () => {
    const paused = parseWithPauses(both, (name) => name === event);
    assert.deepEqual(paused, { events: transcribe([both]).events, pushes });
  });
}

test("RequestParser.pause() outside an event stops nothing", () => {
  const recorder = new Recorder();
  const parser = new RequestParser(recorder, roomy);
  parser.pause();
  assert.equal(parser.push(Buffer.from(plain)), plain.length);
});

test("RequestParser.push() takes everything behind a fault and tells nothing of it", () => {
  const recorder = new Recorder();
  const parser = new RequestParser(recorder, roomy);
  const bytes = Buffer.from(`junk\r\n${plain}`);
  assert.deepEqual(
    [parser.push(bytes), parser.push(bytes), parser.push(Buffer.alloc(0))],
    [bytes.length, bytes.length, 0],
  );
  assert.equal(recorder.events.length, 1);
});

test("RequestParser.push() throws what an event throws", () => {
  const recorder = new Recorder();
  recorder.onHead = () => {
    throw new RangeError("of the event");
  };
  const parser = new RequestParser(recorder, roomy);
  assert.throws(() => parser.push(Buffer.from(plain)), /of the event/);
});

/** Heads that follow each other on a connection, with the same headers or nearly so. */
const follow: readonly [rule: string, second: string][] = [
  ["the same headers behind another request line", plain.replace("GET /x", "HEAD /other")],
  ["headers that begin like the last ones", plain.slice(0, -2) + "X: y\r\n\r\n"],
  ["headers of the same length", plain.replace("Host: a", "Host: b")],
  ["the same headers of another version", plain.replace("1.1", "1.0")],
  ["the same headers and a body that looks like them", plain + host],
  ["the same headers behind a target of their host", plain.replace("/x", "http://a/")],
  ["the same headers behind a target of another host", plain.replace("/x", "http://b/")],
  ["half the same headers", plain.slice(0, -3)],
  ["the same headers with a bare LF", plain.slice(0, -2) + "\n"],
];

for (const [rule, second] of follow) {
  test(`RequestParser reads ${rule} as it would without the last ones`, () => {
    const { events, position } = parse(plain + second);
    const alone = transcribe([second]);
    assert.deepEqual(events, [...transcribe([plain]).events, ...alone.events]);
    assert.equal(position, alone.position);
  });
}

test("RequestParser reads no headers again that are those of the last request", () => {
  const recorder = new Recorder();
  const parser = new RequestParser(recorder, roomy);
  parser.push(Buffer.from(plain + plain));
  const [first, second] = recorder.events.flatMap((event) => ("head" in event ? event.head : []));
  assert.equal(second?.rawHeaders, first?.rawHeaders);
});

test("RequestParser judges the same headers anew where the version is another", () => {
  const without = lines("GET /x HTTP/1.0", "Connection: keep-alive", "", "");
  const { events } = parse(without + without.replace("1.0", "1.1"));
  assert.deepEqual(events.at(-1), {
    fault: { status: 400, reason: "the request has no Host header", method: "GET", target: "/x" },
  });
});
