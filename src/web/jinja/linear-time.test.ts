import assert from "node:assert/strict";
import { test } from "node:test";
import { JinjaEngine } from "./jinja-engine.ts";

const engine = new JinjaEngine({ folders: [], filters: new Map(), tests: new Map(), autoReload: false });
const length = 150_000;

/** The time of the processor, in milliseconds: that of a busy machine does not count. */
async function costOf(source: string, text: string): Promise<number> {
  const before = process.cpuUsage();
  await engine.renderString(source, { text });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

// In quadratic time, each of these would take half a minute and more.
for (const [source, text] of [
  ["{{ text|striptags }}", "<".repeat(length)],
  ["{{ text|striptags }}", "<!--".repeat(length)],
  ["{{ text|urlize }}", `${".".repeat(length)}x`],
  ["{{ text|urlize }}", `http://${".".repeat(length)}x`],
  ["{{ text|urlize }}", "(".repeat(length)],
  ["{{ text|truncate }}{{ text|title }}{{ text|trim }}{{ text|wordcount }}{{ text|wordwrap(1) }}", " x".repeat(length)],
  ["{{ text|wordwrap(1) }}", "x".repeat(length)],
  ["{{ text|indent }}{{ text|int }}{{ text|float }}{{ text|urlencode }}{{ text|tojson }}", "\n0".repeat(length)],
  ["{{ '{:,}'.format(text) }}{{ text.split(none, 9) }}{{ text.splitlines() }}{{ text.strip() }}", "1".repeat(length)],
  ["{{ text.title() }}{{ text.swapcase() }}{{ text.rsplit(' ', 3)|length }}", " 'x".repeat(length)],
  ["{{ text % () }}{{ text.format() }}", "%% {{".repeat(length)],
] as const) {
  test(`JinjaEngine renders ${source} of ${JSON.stringify(text.slice(0, 12))}… in linear time`, async () => {
    assert.ok((await costOf(source, text)) < 5_000);
  });
}

test("JinjaEngine extends a list, and wraps a word, by more items than a call has arguments", async () => {
  const many = Array.from({ length }, (_, i) => i);
  const source = "{% set list = [] %}{% set _ = list.extend(many) %}{{ list|length }} {{ word|wordwrap(1)|length }}";
  assert.equal(await engine.renderString(source, { many, word: "x".repeat(length) }), `${length} ${2 * length - 1}`);
});
