// The files that a page of the documentation shows, in any language. A block is a file if its first line is a comment
// with the name of the file: `// app.ts`, `<!-- templates/base.html -->`, `-- schema.sql`, `/* static/style.css */`.
//
// A page with the line `<!-- continues 01-application.md -->` goes on with the files of that page: its reader has them
// already, and what it shows anew takes the place of what was there.

import { posix } from "node:path";

const BLOCK = /^(?<fence>```(?<language>\w+)[^\n]*\n)(?<code>[\s\S]*?)^```[ \t]*$/gm;
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
  const before = pageBefore(page, markdown);
  const files = before === undefined ? new Map<string, string>() : shownFiles(before, read);
  for (const { groups = {} } of markdown.matchAll(BLOCK)) {
    const { language, code = "" } = groups;
    const named = NAMED.exec(code);
    if (named !== null) files.set(named.groups!["name"]!, language === "ts" ? code : code.slice(named[0].length));
  }
  return files;
}

/** The page that a page goes on from, if there is one. */
export function pageBefore(page: string, markdown: string): string | undefined {
  const before = CONTINUES.exec(markdown)?.groups?.["page"];
  return before === undefined ? undefined : posix.join(posix.dirname(page), before);
}

/** Puts other text below the names of the files that a page shows; `undefined` leaves a file as it is. */
export function replaceShown(markdown: string, textOf: (name: string) => string | undefined): string {
  return markdown.replaceAll(BLOCK, (block, fence: string, _language, code: string) => {
    const named = NAMED.exec(code);
    const text = named === null ? undefined : textOf(named.groups!["name"]!);
    return text === undefined ? block : `${fence}${named![0]}${text}\`\`\``;
  });
}
