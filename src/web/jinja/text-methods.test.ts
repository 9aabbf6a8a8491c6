import assert from "node:assert/strict";
import { test } from "node:test";
import { JinjaEngine } from "./jinja-engine.ts";

const engine = new JinjaEngine({ folders: [], filters: new Map(), tests: new Map(), autoReload: false });

for (const [text, wanted] of [
  ["a\r\nb\rc\nd", "a,b,c,d"],
  ["a\r\n", "a"],
  ["a\n\n", "a,"],
  ["", ""],
] as const) {
  test(`JinjaEngine splits ${JSON.stringify(text)} into its lines`, async () => {
    assert.equal(await engine.renderString("{{ text.splitlines()|join(',') }}", { text }), wanted);
  });
}

test("JinjaEngine calls Python's methods of a dict even if there is data of their names", async () => {
  const source =
    "{{ values.items()|list }} {{ values.items }} {{ values.get('keys') }} {{ values.keys()|join(',') }} {{ values.count }}";
  const values = { items: "<i>", keys: 5, get: null };
  const wanted =
    "[[&#39;items&#39;, &#39;&lt;i&gt;&#39;], [&#39;keys&#39;, 5], [&#39;get&#39;, None]] &lt;i&gt; 5 items,keys,get ";
  assert.equal(await engine.renderString(source, { values }), wanted);
});
