// The files that a page of the documentation shows, in any language. A block is a file if its first line is a comment
// with the name of the file: `// app.ts`, `<!-- templates/base.html -->`, `-- schema.sql`, `/* static/style.css */`.
//
// A page with the line `<!-- continues 01-application.md -->` goes on with the files of that page: its reader has them
// already, and what it shows anew takes the place of what was there.

import { posix } from "node:path";

const BLOCK = /^```(?<language>\w+)[^\n]*\n(?<code>[\s\S]*?)^```[ \t]*$/gm;
const NAMED = /^(?:\/\/|--|#|<!--|\/\*) (?<name>(?:[\w-]+\/)*[\w.-]+\.\w+)\b[^\n]*\n/;
const CONTINUES = /^<!-- continues (?<page>\S+\.md) -->$/m;

/**
 * The files that the reader of a page has at its end, by name. The first line, with the name, is part of a TypeScript
 * file only.
 *
 * @param page The path of the page.
 * @param read Returns the text of a page.
 */
export function shownFiles(page: string, read: (page: string) => string): Map<string, string> {
  const markdown = read(page);
  const before = CONTINUES.exec(markdown)?.groups?.["page"];
  const files = before === undefined ? [] : shownFiles(posix.join(posix.dirname(page), before), read);
  return new Map([...files, ...[...markdown.matchAll(BLOCK)].flatMap(({ groups = {} }) => fileOf(groups))]);
}

function fileOf({ language, code = "" }: Readonly<Record<string, string>>): [name: string, text: string][] {
  const named = NAMED.exec(code);
  if (named === null) return [];
  return [[named.groups!["name"]!, language === "ts" ? code : code.slice(named[0].length)]];
}
