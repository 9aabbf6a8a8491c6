// The table of options in docs/configuration.md.
//
//   node src/cli/settings/docs-table.fixture.ts --update   writes it anew

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMain, root } from "../../../tools/_repository.ts";
import { kinds } from "./kinds.ts";
import type { OptionEntry } from "./option-table.ts";
import { flagOf, keyOf, variableOf } from "./option-names.ts";
import { runOptions } from "./run-options.ts";

/** The page with the table. */
export const docsPage: string = join(root, "docs/configuration.md");

/** The table of options, as Markdown. */
export function docsTable(): string {
  const head = ["key in TOML", "flag", "variable", "value", "default", "meaning"];
  const rows = [head, ...Object.entries(runOptions).map(([name, entry]) => rowOf(name, entry))];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const [first, ...others] = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column]!))));
  return [first, line(widths.map((width) => "-".repeat(width))), ...others].join("\n");
}

/** The table that stands in the page. */
export function tableIn(page: string): string {
  const [table = ""] = /^\| key in TOML .*\n(?:\|.*\n)+/m.exec(page) ?? [];
  return table.trimEnd();
}

function rowOf(name: string, entry: OptionEntry): string[] {
  const kind = entry.kind === "choice" ? kinds.choice.label(entry).replaceAll("|", "\\|") : entry.kind;
  const bound = entry.atMost === undefined ? undefined : `or \`${keyOf(entry.atMost)}\` if that is less`;
  const value = entry.default === undefined ? "not set" : `\`${entry.default}\``;
  const defaults = [value, entry.defaultNote, bound].filter((note) => note !== undefined).join(", ");
  return [`\`${keyOf(name)}\``, `\`${flagOf(name)}\``, `\`${variableOf(name)}\``, kind, defaults, entry.does];
}

if (isMain(import.meta.url) && process.argv.includes("--update")) {
  const page = readFileSync(docsPage, "utf8");
  writeFileSync(
    docsPage,
    page.replace(tableIn(page), () => docsTable()),
  );
}
