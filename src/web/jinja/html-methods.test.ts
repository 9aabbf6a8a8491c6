import assert from "node:assert/strict";
import { test } from "node:test";
import { raw } from "../html/html.ts";
import { JinjaEngine } from "./jinja-engine.ts";

const engine = new JinjaEngine({ folders: [], filters: new Map(), tests: new Map(), autoReload: false });
const values = { s: raw("a x b"), one: raw("{}"), named: raw("{u:>12}"), u: `<i>"'&` };
const escaped = "&lt;i&gt;&#34;&#39;&amp;";

// What Jinja and MarkupSafe make of the same, except where Python refuses a text of several characters to fill with.
const cases: readonly (readonly [source: string, wanted: string])[] = [
  ['{{ s.replace("x", u) }}', `a ${escaped} b`],
  ['{{ s.replace("x", u, 1) }}', `a ${escaped} b`],
  ['{{ s.replace("x", [u]) }}', "a [&#39;&lt;i&gt;&#34;\\&#39;&amp;&#39;] b"],
  ['{{ s["replace"]("x", u) }}', `a ${escaped} b`],
  ['{{ s.replace("x", u).upper() }}', `A ${escaped.toUpperCase()} B`],
  ['{{ s.replace("x", s) }}', "a a x b b"],
  ["{{ s.join([u, s]) }}", `${escaped}a x ba x b`],
  ["{{ s.join({u: 1}) }}", escaped],
  ["{{ one.format(u) }}", escaped],
  ["{{ one.format([u]) }}", "[&#39;&lt;i&gt;&#34;\\&#39;&amp;&#39;]"],
  ["{{ one.format(s) }}", "a x b"],
  ["{{ one.format(7) }}", "7"],
  ["{{ named.format(u=u) }}", escaped],
  ["{{ s.ljust(6, u) }}", "a x b&"],
  ["{{ s.rjust(6, u) }}", "&a x b"],
  ["{{ s.concat(u) }}", `a x b${escaped}`],
  ['{{ s.replaceAll("x", u) }}', `a ${escaped} b`],
  ["{{ s.padEnd(9, u) }}", "a x b&lt;"],
  ["{% set t %}x{% endset %}{{ t.replace('x', u) }}", escaped],
  ["{% macro m() %}x{% endmacro %}{{ m().replace('x', u) }}", escaped],
  ["{{ s|truncate(3, false, u, 0) }}", escaped],
  ["{{ s|wordwrap(3, true, u) }}", `a x${escaped}b`],
  ["{{ s|indent(u, true) }}", `${escaped}a x b`],
  ["{{ s.startswith('a x') }} {{ s.find('x') }} {{ s.count('x') }} {{ s.strip('ab') }}", "True 2 1  x "],
];

for (const [source, wanted] of cases) {
  test(`JinjaEngine escapes what ${source} puts into HTML`, async () => {
    assert.equal(await engine.renderString(source, values), wanted);
  });
}

test("JinjaEngine gives links of urlize what 'rel' says", async () => {
  const source = `{{ "http://a.b"|urlize(rel='me "', nofollow=true) }}`;
  const wanted = '<a href="http://a.b" rel="&#34; me nofollow noopener">http://a.b</a>';
  assert.equal(await engine.renderString(source, values), wanted);
});
