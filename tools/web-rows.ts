// Counts the features of Quart, Flask and their extensions, and how many of them tests and docs/differences.md answer.
//
//   node tools/web-rows.ts            prints the counts, and what is wrong
//   node tools/web-rows.ts --update   writes them into docs/quart-at-a-glance.md

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./_repository.ts";
import { checkWebRows, COUNTS, countsPage, countWebRows, nameOf, showCounts, webRows } from "./_web-rows.ts";

const rows = webRows();
for (const [section, some] of Map.groupBy(rows, (row) => row.section)) {
  console.log(`${section}: ${showCounts(countWebRows(some))}`);
}
console.log(`all: ${showCounts(countWebRows(rows))}`);
for (const row of rows.filter(({ tests }) => tests.length === 0)) console.log(`without a test: ${nameOf(row)}`);
const wrong = checkWebRows();
for (const line of wrong) console.error(line);
if (wrong.length > 0) process.exitCode = 1;

if (process.argv.includes("--update")) {
  const page = join(root, countsPage);
  writeFileSync(page, readFileSync(page, "utf8").replace(COUNTS, showCounts(countWebRows(rows))));
}
