import { type Paint, plain } from "./paint.ts";

/** The cells of one line. */
export type Row = readonly string[];

/** Formats rows of cells as lines of text. Each column is as wide as its widest cell. */
export function align(rows: readonly Row[], paint: Paint = plain): string[] {
  const widths = rows[0]!.map((_, column) => rows.reduce((widest, row) => Math.max(widest, row[column]!.length), 0));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  return lines.map((line, i) => (i === 0 ? paint("faint", line) : line));
}
