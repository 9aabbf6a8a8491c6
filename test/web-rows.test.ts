// Each feature of Quart, Flask and their extensions has tests, or a row of docs/differences.md that says why not.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { files, root } from "../tools/_repository.ts";
import {
  checkWebRows,
  COUNTS,
  countsPage,
  countWebRows,
  differences,
  showCounts,
  webRows,
} from "../tools/_web-rows.ts";

test("test/web-rows.txt answers each feature by a test or a difference, and all of these are there", () => {
  assert.deepEqual(checkWebRows(), []);
});

test("docs/quart-at-a-glance.md has the counts of test/web-rows.txt (node tools/web-rows.ts --update writes them)", () => {
  const page = readFileSync(join(root, countsPage), "utf8");
  assert.equal(COUNTS.exec(page)?.[0], showCounts(countWebRows(webRows())));
});

test("docs/differences.md has one title, each heading once, no row twice, and what is not there at its end", () => {
  const page = readFileSync(join(root, "docs/differences.md"), "utf8");
  const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading = ""]) => heading);
  const rows = differences();
  assert.equal(page.match(/^# /gm)?.length, 1);
  assert.equal(new Set(headings).size, headings.length);
  assert.deepEqual(rows.length, new Set(rows).size);
  assert.deepEqual(headings.slice(0, 3), ["Routing", "Request", "Response"]);
  assert.equal(headings.at(-1), "Not there");
});

test("docs/quart-at-a-glance.md and docs/from-express.md name functions and methods that there are", () => {
  const reference = files(["docs/reference/*.md"]).map((file) => readFileSync(join(root, file), "utf8"));
  const known = new Set(reference.join("\n").match(/\w+/g));
  const unknown = ["docs/quart-at-a-glance.md", "docs/from-express.md"].flatMap((file) => {
    const rows = readFileSync(join(root, file), "utf8").match(/^\| .*$/gm) ?? [];
    const ours = rows.map((row) => row.split(/(?<!\\)\|/)[2] ?? "");
    const names = ours.flatMap((cell) => cell.match(/(?<=`[^`]*)\b[a-zA-Z]\w*(?=\()/g) ?? []);
    return names.filter((name) => !known.has(name)).map((name) => `${file}: ${name}`);
  });
  assert.deepEqual(unknown, []);
});
