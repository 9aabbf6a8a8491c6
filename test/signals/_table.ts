// The table of docs/cancellation.md.   node test/signals/_table.ts   prints it.

import { isMain } from "../../tools/_repository.ts";
import { sections } from "./_all.ts";
import type { Way } from "./_way.ts";

/** The cells of the table, one row a way. */
export const rows: readonly (readonly string[])[] = sections.flatMap(([, ways]) => ways.map(rowOf));

function rowOf({ name, ending, moment, since, hearsSince }: Way): string[] {
  const versions = since === undefined ? "" : ` (Node ${since} or newer)`;
  const older = hearsSince === undefined ? "" : `; goes on before Node ${hearsSince}`;
  return [`${name}${versions}`, `${ending}${older}`, ending === "goes on" ? "–" : moment];
}

/** The table as Markdown. */
export function table(): string {
  const lines = [["what is awaited", "what the abort does to it", "when"], ["---", "---", "---"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

if (isMain(import.meta.url)) console.log(table());
