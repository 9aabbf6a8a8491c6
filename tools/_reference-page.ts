// The Markdown of the reference: a page for each face, and one that lists all names.

import { firstSentence } from "./_doc-sentence.ts";

/** A name that a face exports. */
export interface Entry {
  readonly name: string;
  /** Its doc comment, without stars. */
  readonly comment: string;
  /** Its declarations, formatted. */
  readonly declarations: readonly string[];
}

/** What the page of a face shows. */
export interface FacePage {
  /** What users import, such as `pottle/asyncio`. */
  readonly subpath: string;
  /** The source of the face, whose comments are the headings. */
  readonly source: string;
  readonly entries: readonly Entry[];
}

/** Entries under one heading; those of a face without headings have none. */
interface Group {
  readonly heading: string | undefined;
  readonly entries: readonly Entry[];
}

const NOTICE = "<!-- Made of the doc comments by `npm run reference -- --update`. -->";

/** The file of a face's page: `pottle/asyncio` is described in `asyncio.md`, and `pottle` itself in `pottle.md`. */
export function pageName(subpath: string): string {
  return `${subpath.replace(/^[^/]+\//, "").replaceAll("/", "-")}.md`;
}

/** The page of a face. */
export function pageOf(page: FacePage): string {
  const parts = groupsOf(page).flatMap(({ heading, entries }) => [
    ...(heading === undefined ? [] : [`## ${heading}`]),
    ...entries.map((entry) => textOf(entry)),
  ]);
  return `${[`# \`${page.subpath}\``, NOTICE, introduction(page.source), ...parts].join("\n\n")}\n`;
}

/** The page that lists the names of all faces, each with a link to its description. */
export function indexPage(pages: readonly FacePage[]): string {
  const count = pages.reduce((sum, { entries }) => sum + entries.length, 0);
  const text = [
    "# Reference",
    NOTICE,
    `The ${count} names of the ${pages.length} faces of Pottle. Each page gives their signatures and the first sentence of their doc comments; an editor shows the whole comment.`,
    ...pages.flatMap((page) => [
      `## [\`${page.subpath}\`](${pageName(page.subpath)})`,
      introduction(page.source),
      linksOf(page),
    ]),
  ];
  return `${text.join("\n\n")}\n`;
}

function textOf({ name, comment, declarations }: Entry): string {
  const code = declarations.join("\n");
  return `### \`${name}\`\n\n${firstSentence(comment)}\n\n\`\`\`typescript\n${code}\n\`\`\``;
}

function linksOf(page: FacePage): string {
  const file = pageName(page.subpath);
  const links = [...anchorsOf(page)].map(([name, anchor]) => ({ name, link: `[\`${name}\`](${file}#${anchor})` }));
  const sorted = links.toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  return sorted.map(({ link }) => link).join(" · ");
}

/** The anchor of each name on its page: a second heading of the same letters has `-1` behind it. */
function anchorsOf(page: FacePage): Map<string, string> {
  const counts = new Map<string, number>();
  const anchors = new Map<string, string>();
  for (const { heading = "", entries } of groupsOf(page)) {
    for (const name of [heading, ...entries.map((entry) => entry.name)]) {
      const anchor = name.toLowerCase().replaceAll(" ", "-");
      const before = counts.get(anchor) ?? 0;
      counts.set(anchor, before + 1);
      if (name !== heading) anchors.set(name, before === 0 ? anchor : `${anchor}-${before}`);
    }
  }
  return anchors;
}

/** The first comment of a face, which says what it is for. */
function introduction(source: string): string {
  const lines = /^(?:\/\/ .*\n)+/.exec(source)?.[0] ?? "";
  return lines
    .replace(/^\/\/ /gm, "")
    .trim()
    .replaceAll("\n", " ");
}

/** The entries in the order of the face, under its comments. */
function groupsOf({ source, entries }: FacePage): Group[] {
  const rest = new Map(entries.map((entry) => [entry.name, entry]));
  const parts = source.split(/^\/\/ (?=.*\n(?:export|import)\b)/m);
  const groups = parts.map((part, index): Group => {
    const list = part.slice(index === 0 ? 0 : part.indexOf("\n")).replace(/\/\/.*|from "[^"]*"/g, "");
    const names = [...list.matchAll(/\w+/g)].map(([name]) => name);
    const found = names.flatMap((name) => rest.get(name) ?? []);
    for (const { name } of found) rest.delete(name);
    return {
      heading: index === 0 ? undefined : capital(part.slice(0, part.indexOf("\n"))),
      entries: [...new Set(found)],
    };
  });
  return [...groups, { heading: undefined, entries: [...rest.values()] }].filter((group) => group.entries.length > 0);
}

function capital(heading: string): string {
  return heading.charAt(0).toUpperCase() + heading.slice(1);
}
