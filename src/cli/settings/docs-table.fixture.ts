// The parts of docs/configuration.md that come from the table of options: the same table as Markdown, and the output of
// --print-config.
//
//   node src/cli/settings/docs-table.fixture.ts --update   writes both anew

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMain, root } from "../../../tools/_repository.ts";
import { readConfigText } from "./config-file.ts";
import { readFlags } from "./flags.ts";
import { kinds } from "./kinds.ts";
import type { OptionEntry } from "./option-table.ts";
import { flagOf, keyOf, variableOf } from "./option-names.ts";
import { formatConfig } from "./print-config.ts";
import { resolveValues } from "./resolve-values.ts";
import { runOptions } from "./run-options.ts";

const file = "pottle.toml";

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

/** The table of a page; empty if there is none. */
export function tableIn(page: string): string {
  return /^\| key in TOML .*\n(?:\|.*\n)+/m.exec(page)?.[0].trimEnd() ?? "";
}

/** The output of --print-config for the TOML file in a page. */
export function docsSample(page: string): string {
  const [, text = ""] = /^```toml\n(.*?)^```/ms.exec(page) ?? [];
  const sources = [readFlags(["--port", "9000"], runOptions).settings, [], readConfigText(text, file, runOptions)];
  const configFile = { path: file, shown: file, text };
  return formatConfig({ target: "app.ts", flags: [], configFile, ...resolveValues(runOptions, sources) });
}

/** That output as the page shows it; empty if it does not. */
export function sampleIn(page: string): string {
  return /^\$ npx pottle run app\.ts --port 9000 --print-config\n(.*?)\n```/ms.exec(page)?.[1] ?? "";
}

function rowOf(name: string, entry: OptionEntry): string[] {
  const kind = entry.kind === "choice" ? kinds.choice.label(entry).replaceAll("|", "\\|") : entry.kind;
  const bound = entry.atMost === undefined ? undefined : `or \`${keyOf(entry.atMost)}\` if that is less`;
  const value = entry.default === undefined ? "not set" : `\`${entry.default}\``;
  const defaults = [value, entry.defaultNote, bound].filter((note) => note !== undefined).join(", ");
  const taken = entry.infinity === true ? `${kind}, \`infinity\`` : kind;
  return [`\`${keyOf(name)}\``, `\`${flagOf(name)}\``, `\`${variableOf(name)}\``, taken, defaults, entry.does];
}

if (isMain(import.meta.url) && process.argv.includes("--update")) {
  const page = readFileSync(docsPage, "utf8");
  if (tableIn(page) === "" || sampleIn(page) === "") throw new Error(`Cannot update ${docsPage}: a part is missing`);
  const updated = page.replace(tableIn(page), () => docsTable()).replace(sampleIn(page), () => docsSample(page));
  writeFileSync(docsPage, updated);
}
