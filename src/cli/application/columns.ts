import { stripVTControlCharacters } from "node:util";

/** Rows as text in columns; the first row is the head. */
export function toColumns(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map((cell) => stripVTControlCharacters(cell).replaceAll(/\s+/g, " ")));
  const widths = (clean[0] ?? []).map((_, index) => Math.max(...clean.map((row) => row[index]?.length ?? 0)));
  return clean
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
