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
