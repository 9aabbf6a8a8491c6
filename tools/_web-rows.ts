// The features of Quart, Flask and their extensions, one a row, and what answers each: tests of ours, by the beginnings of
// their titles, and rows of docs/differences.md. test/web-rows.txt has them:
//
//   ## section
//   ### row
//   test: the beginning of a test's title, as it stands in the source
//   differs: heading of docs/differences.md | the beginning of a row below it
//   missing: the beginning of a row below "Not there"

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { files, root } from "./_repository.ts";

/** A feature, and what answers it. */
export interface WebRow {
  readonly section: string;
  readonly name: string;
  /** Beginnings of titles of tests. */
  readonly tests: readonly string[];
  /** Beginnings of rows of docs/differences.md, after their heading and ` | `. */
  readonly differences: readonly string[];
  /** The same below "Not there". */
  readonly missing: readonly string[];
}

/** How many rows there are, and how many have what. */
export interface RowCounts {
  readonly rows: number;
  readonly tested: number;
  readonly different: number;
  readonly missing: number;
}

const ROWS = "test/web-rows.txt";
const DIFFERENCES = "docs/differences.md";
const NOT_THERE = "Not there";

/**
 * The rows of the file.
 *
 * @throws {Error} If a line cannot be read, or a name is there twice.
 */
export function webRows(folder: string = root): WebRow[] {
  const rows: WebRow[] = [];
  let section = "";
  for (const line of readFileSync(join(folder, ROWS), "utf8").split("\n")) {
    const [, mark, text = ""] = /^(###?|test:|differs:|missing:) (.*)$/.exec(line) ?? [];
    if (mark === undefined && line !== "")
      throw new Error(`Cannot read ${ROWS} as a line is of no known form: ${line}`);
    const name = `${section}: ${text}`;
    if (mark === "##") section = text;
    if (mark === "###" && rows.some((row) => nameOf(row) === name))
      throw new Error(`Cannot read ${ROWS} as it has a row twice: ${name}`);
    if (mark === "###") rows.push(emptyRow(section, text));
    if (mark?.endsWith(":")) rows.push(extended(rows.pop(), mark, text));
  }
  return rows;
}

function emptyRow(section: string, name: string): WebRow {
  return { section, name, tests: [], differences: [], missing: [] };
}

function extended(row: WebRow | undefined, mark: string, text: string): WebRow {
  if (row === undefined) throw new Error(`Cannot read ${ROWS} as a line is before the first row: ${text}`);
  if (mark === "test:") return { ...row, tests: [...row.tests, text] };
  if (mark === "differs:") return { ...row, differences: [...row.differences, text] };
  return { ...row, missing: [...row.missing, `${NOT_THERE} | ${text}`] };
}

/** A row by its section and name. */
export function nameOf({ section, name }: WebRow): string {
  return `${section}: ${name}`;
}

/** What is wrong with the rows: one that nothing answers, and lines that lead to no test or difference. */
export function checkWebRows(folder: string = root): string[] {
  const titles = testTitles(folder);
  const known = differences(folder);
  const isKnown = (line: string): boolean => known.some((each) => each.startsWith(line));
  return webRows(folder).flatMap((row) => {
    const { tests } = row;
    const rows = [...row.differences, ...row.missing];
    if (tests.length + rows.length === 0) return [`${nameOf(row)}: neither a test nor a difference answers it`];
    const untested = tests.filter((begin) => !titles.some((title) => title.startsWith(begin)));
    const unknown = rows.filter((line) => !isKnown(line));
    return [
      ...untested.map((begin) => `${nameOf(row)}: no test begins with "${begin}"`),
      ...unknown.map((line) => `${nameOf(row)}: ${DIFFERENCES} has no row "${line}"`),
    ];
  });
}

/** Counts the rows. One of which a part is not there counts among those with tests as well. */
export function countWebRows(rows: readonly WebRow[]): RowCounts {
  return {
    rows: rows.length,
    tested: rows.filter(({ tests }) => tests.length > 0).length,
    different: rows.filter((row) => row.differences.length > 0).length,
    missing: rows.filter(({ missing }) => missing.length > 0).length,
  };
}

/** The page that has the counts, relative to the repository. */
export const countsPage = "docs/quart-at-a-glance.md";

/** The counts in the text of that page. */
export const COUNTS: RegExp = /\d+ features: .*? not there(?=\.)/;

/** The counts as that page has them. */
export function showCounts({ rows, tested, different, missing }: RowCounts): string {
  return `${rows} features: ${tested} with tests, ${different} with a difference, ${missing} of which a part is not there`;
}

/** The titles of all tests, as they stand in the sources. */
export function testTitles(folder: string = root): string[] {
  return files(["src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts"], folder).flatMap((file) => {
    const source = readFileSync(join(folder, file), "utf8");
    return [...source.matchAll(/\btest\(\s*(["`])((?:\\.|(?!\1).)*)\1/gs)].map(([, , title = ""]) => title);
  });
}

/** The rows of docs/differences.md: heading, ` | `, and the first cell. */
export function differences(folder: string = root): string[] {
  const lines = readFileSync(join(folder, DIFFERENCES), "utf8").split("\n");
  let heading = "";
  return lines.flatMap((line, index) => {
    heading = /^## (.*)$/.exec(line)?.[1] ?? heading;
    const isHeader = lines[index + 1]?.startsWith("| --") === true || line.startsWith("| --");
    const cell = isHeader ? undefined : /^\| (.*?)(?<!\\) \|/.exec(line)?.[1]?.trim();
    return cell === undefined ? [] : [`${heading} | ${cell}`];
  });
}
