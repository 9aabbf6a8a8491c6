import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { readable, TitleScanner } from "./_title-scanner.ts";
import { getTitle } from "./get-title.ts";

const cases: readonly (readonly [html: string, title: string | undefined])[] = [
  ["<title>Plain</title>", "Plain"],
  ["<!doctype html><html><head><TITLE lang=en>\n  Two\t lines \r\n</TITLE ></head>", "Two lines"],
  ["<title>Fish &amp; Chips &#8212; &copy &eacute;&lt;b&gt;</title>", "Fish & Chips — © é<b>"],
  ["<title>a <b>tag</b> is <!-- text --> here</title>", "a <b>tag</b> is <!-- text --> here"],
  ["<title>first</title><title>second</title>", "first"],
  ["<svg><title>a drawing</title></svg><title>the page</title>", "the page"],
  ["<svg/><title>after an empty drawing</title>", "after an empty drawing"],
  ["<svg><g><title>x</title></g></svg><math><title>y</title></math>", undefined],
  ["<template><title>later</title></template><title>now</title>", "now"],
  ["<!-- <title>comment</title> --><title>real</title>", "real"],
  ["<script>'<title>script</title>'</script><style><title>style</title></style><title>real</title>", "real"],
  ["<textarea><title>typed</title></textarea><title>real</title>", "real"],
  ["<script><!-- <script></script><title>no</title> --></script><title>real</title>", "real"],
  ["<SCRIPT type=x><!--<Script\n</SCRIPT/><title>no</title></scripT\t><title>real</title>", "real"],
  ["<script><!-- <script> --></script><title>real</title>", "real"],
  ["<script><!-- </script><title>real</title>", "real"],
  ["<script><!-- <scripts></script><title>real</title>", "real"],
  ["<script><script></script><title>real</title>", "real"],
  ["<script><!--><script></script><title>real</title>", "real"],
  ["<script><!---><script></script><title>real</title>", "real"],
  ["<script><!-- <script></script> <script></script></script><title>real</title>", "real"],
  ["<script><!-- <script></scripts></script></script><title>real</title>", "real"],
  ["<script><!-- <script></script><title>never closed</title>", undefined],
  ["<script></script><!-- <script></script> --><title>real</title>", "real"],
  ["<svg><script><!-- <script></script> --></script></svg><title>real</title>", "real"],
  ["<script src='a>b'><!--<script></script><title>no</title>--></script><title>real</title>", "real"],
  ["<body><h1>Heading</h1><title>in the body</title>", "in the body"],
  ["<title>never closed", "never closed"],
  ["<title></title>", undefined],
  ["<title> \n </title>", undefined],
  ["<p>nothing", undefined],
  ["", undefined],
  ["<title", undefined],
  ["<title>a</titl", "a</titl"],
  ["<titles>no</titles><title-x>no</title-x>", undefined],
  ["plain text", undefined],
  [`${"<p>filler</p>".repeat(5_000)}<title>far away</title>`, "far away"],
  [`${"<p>filler</p>".repeat(50_000)}<title>too far away</title>`, undefined],
  [`<title>${"ä".repeat(20_000)}</title>`, "ä".repeat(20_000)],
];

for (const [html, title] of cases) {
  test(`getTitle() of ${JSON.stringify(html.slice(0, 80))} is ${JSON.stringify(title?.slice(0, 80))}`, () => {
    assert.equal(getTitle(html), title);
    assert.equal(getTitle(Buffer.from(html)), title, "as bytes");
  });
}

test("getTitle() finds the same title however a page is split", () => {
  for (const [html, title] of cases) {
    if (html.length > 200) continue;
    for (let size = 1; size < 12; size++) {
      const scanner = new TitleScanner();
      for (let at = 0; at < html.length; at += size) scanner.write(html.slice(at, at + size));
      scanner.end();
      assert.equal(scanner.raw === undefined ? undefined : readable(scanner.raw), title, `${html} by ${size}`);
    }
  }
});

const latin1 = Buffer.from("<title>grüße</title>", "latin1");
for (const [what, bytes, title] of [
  ["UTF-8", Buffer.from("<title>grüße €</title>"), "grüße €"],
  ["UTF-8 with a mark", Buffer.from("\uFEFF<title>grüße</title>"), "grüße"],
  ["windows-1252, as it is no UTF-8", Buffer.concat([latin1, Buffer.from([0x80])]), "grüße"],
  ["a charset by <meta>", Buffer.from("<meta charset=koi8-r><title>\xf0\xd2\xc9</title>", "latin1"), "При"],
  ["a charset by a later <meta>", Buffer.from('<title>\x82\xa0</title><meta charset="shift_jis">', "latin1"), "あ"],
  [
    "a charset by http-equiv",
    Buffer.from(
      "<meta http-equiv='Content-Type' content='text/html; charset=gb2312'><title>\xc4\xe3</title>",
      "latin1",
    ),
    "你",
  ],
  ["a charset that nobody knows", Buffer.from("<meta charset=klingon><title>ü</title>"), "ü"],
  ["UTF-16 by its mark", Buffer.from("\uFEFF<title>grüße</title>", "utf16le"), "grüße"],
  ["a <meta> that says UTF-16 and cannot be right", Buffer.from("<meta charset=utf-16><title>ü</title>"), "ü"],
] as const) {
  test(`getTitle() reads ${what}`, () => assert.equal(getTitle(bytes), title));
}

test("getTitle() refuses what is no page", () => {
  assert.throws(() => getTitle(7 as never), { name: "TypeError", message: /current value is 7$/ });
});

test("getTitle() does not keep the page in memory", () => {
  setFlagsFromString("--expose_gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const kept: (string | undefined)[] = [];
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < 100; n++)
    kept.push(getTitle(`<title>A title that is long enough ${n}</title>${"x".repeat(300_000)}${n}`));
  collectGarbage();
  assert.equal(kept.length, 100);
  assert.ok(process.memoryUsage().heapUsed - before < 5_000_000);
});
