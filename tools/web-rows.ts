// Counts the features of Quart, Flask and their extensions, and how many of them tests and docs/differences.md answer.
//
//   node tools/web-rows.ts

import { checkWebRows, countWebRows, nameOf, showCounts, webRows } from "./_web-rows.ts";

const rows = webRows();
for (const [section, some] of Map.groupBy(rows, (row) => row.section)) {
  console.log(`${section}: ${showCounts(countWebRows(some))}`);
}
console.log(`all: ${showCounts(countWebRows(rows))}`);
for (const row of rows.filter(({ tests }) => tests.length === 0)) console.log(`without a test: ${nameOf(row)}`);
const wrong = checkWebRows();
for (const line of wrong) console.error(line);
if (wrong.length > 0) process.exitCode = 1;
