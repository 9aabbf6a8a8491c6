import assert from "node:assert/strict";
import { test } from "node:test";
import { select } from "./select.ts";

const page = `<!doctype html><h1 id=top> The <em>page</em>\n</h1>
<ul class="list"><li data-n=1>one<li class="new hot" DATA-N=2>two &amp; a half</ul><a HREF="/x?a=1&amp;b=2">x</a>`;

test("select() finds elements by CSS, in the order of the page", () => {
  for (const [css, texts] of [
    ["h1", ["The page"]],
    ["li", ["one", "two & a half"]],
    ["ul.list > li.new", ["two & a half"]],
    ["#top, a", ["The page", "x"]],
    ["li:nth-child(1)", ["one"]],
    ["[data-n='2']", ["two & a half"]],
    ["li:not(.new)", ["one"]],
    ["h1:has(em)", ["The page"]],
    ["table", []],
  ] as const) {
    const found = select(page, css).map((element) => element.text());
    assert.deepEqual(found, texts, css);
    assert.deepEqual(
      select(Buffer.from(page), css).map((element) => element.text()),
      texts,
    );
  }
});

test("SelectedElement tells its name and attributes, and selects within", () => {
  const [list] = select(page, "ul");
  assert.equal(list?.name, "ul");
  const items = list?.select("li") ?? [];
  assert.deepEqual(
    items.map((item) => [item.attr("data-n"), item.attr("Data-N"), item.attr("class"), item.attr("id")]),
    [
      ["1", "1", undefined, undefined],
      ["2", "2", "new hot", undefined],
    ],
  );
  assert.deepEqual(list?.select("a"), []);
  assert.equal(select(page, "a")[0]?.attr("href"), "/x?a=1&b=2");
});

test("select() ends scripts where browsers do, and keeps their text", () => {
  const text = "<!-- <script></SCRIPT><p>no</p> <script></script > -->";
  const scripted = `<script>${text}</script><p>yes</p>`;
  assert.deepEqual(
    select(scripted, "script, p").map((element) => element.text()),
    [text, "yes"],
  );
});

test("select() refuses a selector that cannot be read, and what is no page", () => {
  assert.throws(() => select(page, "li["), {
    name: "SyntaxError",
    message: /^Cannot select as .*: current value is "li\["$/,
  });
  assert.throws(() => select(page, "li:no-such-thing"), SyntaxError);
  assert.throws(() => select(undefined as never, "li"), TypeError);
});
