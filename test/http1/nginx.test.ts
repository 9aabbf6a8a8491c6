import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { generate } from "./_generator.ts";
import { NginxReader, skip } from "./_nginx-reading.ts";
import { compareWithNginx } from "./_nginx-rules.ts";
import { readByOurs } from "./_our-reading.ts";
import { corpus } from "./corpus.ts";
import * as bodies from "./llhttp-bodies.ts";
import * as heads from "./llhttp-heads.ts";

/** Requests for the rules of which Node's parser is no judge. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  Host: [
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a:80\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\\b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
    "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
  ],
  "transfer codings": [
    "identity",
    "gzip",
    "gzip, chunked",
    "chunked, gzip",
    "chunked, chunked",
    "chunked;a=b",
    "chunked,",
    ",chunked",
    "Chunked",
    "xchunked",
    "chunkedx",
    '"chunked"',
    "",
  ].flatMap((coding) => [
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`,
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`,
    `POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`,
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ${coding}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ]),
  versions: [
    "HTTP/1.2",
    "HTTP/1.9",
    "HTTP/1.10",
    "HTTP/1",
    "HTTP/2.0",
    "HTTP/0.9",
    "http/1.1",
    "HTTP/01.1",
    "HTP/1.1",
  ].map((version) => `GET / ${version}\r\nHost: a\r\n\r\n`),
  "what stands behind a request": [
    "x",
    "\0",
    "\r\n",
    "\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
    "\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
    " GET /b HTTP/1.1\r\nHost: a\r\n\r\n",
    "0\r\n\r\n",
    "GET /b\r\n",
    "\x16\x03\x01\0",
  ].flatMap((junk) => [
    `GET / HTTP/1.1\r\nHost: a\r\n\r\n${junk}`,
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na${junk}`,
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${junk}`,
    `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n${junk}`,
  ]),
};

const known = [
  ...corpus.map(({ text }) => text),
  ...Object.values({ ...heads, ...bodies }).flatMap((vectors) => vectors.map(([text]) => text)),
];

describe("RequestParser beside nginx", { skip }, () => {
  let nginx: NginxReader;
  before(async () => void (nginx = await NginxReader.start()));
  after(() => nginx[Symbol.asyncDispose]());

  async function compareAll(context: TestContext, texts: Iterable<string>): Promise<number> {
    const tally = new Map<string, number>();
    for (const text of texts) {
      const [ours, theirs] = [readByOurs([text]), await nginx.read(text)];
      const { kind, rule } = compareWithNginx(text, ours, theirs);
      const shown = (): string =>
        `${JSON.stringify(text)}: ours ${JSON.stringify(ours)}, nginx ${JSON.stringify(theirs)}`;
      assert.notEqual(kind, "unexplained", kind === "unexplained" ? `${rule}: ${shown()}` : "");
      const line = rule === "" ? "agree" : `${kind}: ${rule}`;
      tally.set(line, (tally.get(line) ?? 0) + 1);
    }
    for (const [line, count] of tally) context.diagnostic(`${count} × ${line}`);
    return tally.get("agree") ?? 0;
  }

  for (const [kind, texts] of Object.entries(kinds)) {
    test(`RequestParser and nginx agree on ${kind}, or a rule says why not`, async (context) => {
      assert((await compareAll(context, texts)) > 0);
    });
  }

  test("RequestParser and nginx agree on all that the tests of parsers are made of, or a rule says why not", async (context) => {
    assert((await compareAll(context, known)) > known.length / 2);
  });

  test("RequestParser and nginx agree on a thousand random requests, or a rule says why not", async (context) => {
    const texts = Array.from({ length: 1_000 }, (_, seed) => generate(seed + 1).text);
    assert((await compareAll(context, texts)) > 500);
  });
});
