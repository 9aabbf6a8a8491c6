// Checks that readers of the Markdown arrive: every relative link and anchor leads somewhere, docs/README.md lists every
// page of docs/, and every picture is shown by some page.

import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { lineAt } from "./_imports.ts";
import { files, isMain, root } from "./_repository.ts";

/** A link that leads nowhere, or a file that no link leads to. */
export interface Violation {
  /** The file, relative to the repository. */
  readonly file: string;
  /** The line of the link, counted from 1. */
  readonly line: number;
  /** What is wrong. */
  readonly reason: string;
}

/** A link of a page to a file of the repository. */
interface Link {
  readonly file: string;
  readonly line: number;
  /** As it is written: `cli.md#pottle-run`. */
  readonly written: string;
  /** The file that it leads to, relative to the repository. */
  readonly target: string;
  /** The heading in it, if the link names one. */
  readonly anchor: string | undefined;
}

const PAGES = ["*.md", "docs/**/*.md", "examples/**/*.md", "bench/**/*.md", "src/**/*.md", "test/**/*.md"];
const INDEX = "docs/README.md";
const LINK = /\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"\s]+)"/g;

/** Checks the pages of the repository in `folder`; returns what readers would stumble over. */
export function checkLinks(folder: string = root): Violation[] {
  const pages = new Map(files(PAGES, folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]));
  const links = [...pages].flatMap(([file, text]) => linksOf(file, text));
  const broken = links.flatMap((link) => {
    const reason = reasonOf(link, folder, pages);
    return reason === undefined ? [] : [{ file: link.file, line: link.line, reason }];
  });
  return [...broken, ...unlisted(links, [...pages.keys()]), ...unused(links, folder)];
}

function linksOf(file: string, text: string): Link[] {
  const prose = withoutCode(text);
  return [...prose.matchAll(LINK)].flatMap(({ 1: inMarkdown, 2: inHtml, index }) => {
    const written = inMarkdown ?? inHtml!;
    if (/^[a-z]+:/i.test(written)) return [];
    const [path = "", anchor] = written.split("#");
    const target = path === "" ? file : posix.normalize(posix.join(posix.dirname(file), path));
    return [{ file, line: lineAt(prose, index), written, target, anchor }];
  });
}

// Only its line breaks are kept, so that lines can be counted.
function withoutCode(text: string): string {
  const code = /^([ \t]*)(`{3,})[\s\S]*?^[ \t]*\2[ \t]*$|`[^`\n]*`/gm;
  return text.replaceAll(code, (block) => block.replaceAll(/[^\n]/g, ""));
}

function reasonOf(link: Link, folder: string, pages: ReadonlyMap<string, string>): string | undefined {
  const { written, target, anchor } = link;
  if (target.startsWith("..") || !existsSync(join(folder, target))) return `${written} leads nowhere`;
  const page = pages.get(target);
  if (anchor === undefined || page === undefined || anchorsOf(page).has(anchor)) return undefined;
  return `${written} leads nowhere: ${target} has no heading "${anchor}"`;
}

/** The anchors of the headings of a page, as GitHub makes them: `## At the terminal: t` is `at-the-terminal-t`. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  const prose = page.replaceAll(/^(`{3,})[\s\S]*?^\1[ \t]*$/gm, "");
  for (const { 1: heading = "" } of prose.matchAll(/^#{1,6} (.+)$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
    let unique = anchor;
    for (let again = 1; anchors.has(unique); again++) unique = `${anchor}-${again}`;
    anchors.add(unique);
  }
  return anchors;
}

/** The pages of docs that the index does not list, and those below it that no listed page leads to. */
function unlisted(links: readonly Link[], pages: readonly string[]): Violation[] {
  const reached = new Set([INDEX]);
  for (const page of reached) {
    for (const { file, target } of links) if (file === page && target.endsWith(".md")) reached.add(target);
  }
  const listed = new Set(links.filter(({ file }) => file === INDEX).map(({ target }) => target));
  return pages
    .filter((page) => page.startsWith("docs/") && page !== INDEX)
    .flatMap((file) => {
      if (!reached.has(file)) return [{ file, line: 1, reason: `no link leads here from ${INDEX}` }];
      return posix.dirname(file) === "docs" && !listed.has(file)
        ? [{ file, line: 1, reason: `${INDEX} does not list this page` }]
        : [];
    });
}

function unused(links: readonly Link[], folder: string): Violation[] {
  const shown = new Set(links.map(({ target }) => target));
  const pictures = files(["docs/images/*"], folder).filter((file) => !shown.has(file));
  return pictures.map((file) => ({ file, line: 1, reason: "no page shows this picture" }));
}

if (isMain(import.meta.url)) {
  const violations = checkLinks();
  for (const { file, line, reason } of violations) console.error(`${file}:${line}: ${reason}`);
  if (violations.length > 0) process.exitCode = 1;
}
