// Counts the features of Quart, Flask and their extensions, and how many of them tests and docs/differences.md answer.
//
//   node tools/web-rows.ts

import { checkWebRows, countWebRows, nameOf, webRows } from "./_web-rows.ts";
import { isMain } from "./_repository.ts";

if (isMain(import.meta.url)) {
  const rows = webRows();
  const sections = Map.groupBy(rows, ({ section }) => section);
  for (const [section, some] of [...sections, ["all", rows] as const]) {
    const { rows: count, tested, different, missing } = countWebRows(some);
    const counts = `${count} rows, ${tested} with tests, ${different} with differences, ${missing} of which something is not there`;
    console.log(`${section}: ${counts}`);
  }
  for (const row of rows.filter(({ tests }) => tests.length === 0)) console.log(`without a test: ${nameOf(row)}`);
  const wrong = checkWebRows();
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) process.exitCode = 1;
}
