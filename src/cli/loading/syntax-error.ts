// Where a file has a syntax error. For TypeScript, CommonJS and imported names, Node writes the place above the error's
// stack; for a module of JavaScript it keeps the place to itself, so that the files are searched.

import { existsSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The place of a syntax error. */
export interface SyntaxPlace {
  readonly path: string;
  /** The line, counted from 1. */
  readonly line: number;
  /** The column, counted from 1. */
  readonly column: number;
  /** The text of the line. */
  readonly text: string;
}

/** The place that Node wrote above the stack of an error. */
export function readSyntaxPlace({ stack = "" }: Error): SyntaxPlace | undefined {
  const [head = "", ...lines] = stack.split("\n");
  const [, place, line] = /^(.+):(\d+)$/.exec(head) ?? [];
  const marked = lines.findIndex((text) => /^\s*\^+\s*$/.test(text));
  if (place === undefined || marked < 1) return undefined;
  const path = place.startsWith("file:") ? fileURLToPath(place) : place;
  const mark = lines[marked]!.indexOf("^");
  return { path, line: Number(line), ...unexpand(readLine(path, Number(line)), lines[marked - 1]!, mark) };
}

function readLine(path: string, line: number): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8").split(/\r?\n/)[line - 1] : undefined;
}

// Node shows a tab of TypeScript as four spaces.
function unexpand(text: string | undefined, shown: string, mark: number): Pick<SyntaxPlace, "column" | "text"> {
  if (text?.replaceAll("\t", "    ") !== shown) return { column: mark + 1, text: shown };
  let index = 0;
  for (let width = 0; width < mark; index++) width += text[index] === "\t" ? 4 : 1;
  return { column: index + 1, text };
}

/** Searches `file`, and the files that it imports by a relative path, for one that does not parse. */
export async function findSyntaxPlace(file: string): Promise<SyntaxPlace | undefined> {
  // Loaded when it is needed only: it is large.
  const { parse } = await import("acorn");
  const paths = new Set([file]);
  for (const path of paths) {
    const source = readSource(path);
    try {
      const { body } = parse(source, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true });
      for (const node of body) if ("source" in node) addImport(paths, path, node.source?.value);
    } catch (error) {
      const place = placeOf(error, path, source);
      if (place !== undefined) return place;
    }
  }
  return undefined;
}

function readSource(path: string): string {
  const source = readFileSync(path, "utf8");
  return /\.[mc]?ts$/.test(path) ? stripTypeScriptTypes(source) : source;
}

function addImport(paths: Set<string>, importer: string, specifier: unknown): void {
  if (typeof specifier !== "string" || !/^\.{1,2}\/.*\.[mc]?[jt]s$/.test(specifier)) return;
  const path = resolve(dirname(importer), specifier);
  if (existsSync(path)) paths.add(path);
}

function placeOf(error: unknown, path: string, source: string): SyntaxPlace | undefined {
  const { loc } = error as { loc?: { line: number; column: number } };
  if (loc === undefined) return undefined;
  return { path, line: loc.line, column: loc.column + 1, text: source.split(/\r?\n/)[loc.line - 1] ?? "" };
}
