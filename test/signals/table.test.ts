import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { rows, table } from "./_table.ts";

test("docs/cancellation.md shows every way, word for word (node test/signals/_table.ts prints the table)", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/cancellation.md"), "utf8");
  const lines = page.split("\n").filter((line) => line.startsWith("|"));
  const cells = lines.map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
  assert.deepEqual(cells.slice(2), rows);
  assert.match(table(), /^\| what is awaited/);
});

test("the table names each way once", () => {
  const names = rows.map(([name]) => name);
  assert.deepEqual([...new Set(names)], names);
});
