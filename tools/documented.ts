// Finds exported symbols of the public faces that have no doc comment. Editors show the comment of the declaration that is
// used: so each overload needs one, and so does a type beside the value of the same name. In formatted code an exported
// declaration begins its line, so that no parser is needed.

import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { faces, root } from "./_repository.ts";

/** A declaration of an exported symbol that has no doc comment. */
export interface Undocumented {
  /** The file of the declaration, relative to the repository. */
  readonly file: string;
  /** The line of the declaration, counted from 1; 0 if it was not found. */
  readonly line: number;
  readonly name: string;
}

/** The declarations of symbols that the public faces in `folder` export, without a doc comment before them. */
export function undocumented(folder: string = root): Undocumented[] {
  const found = new Map<string, Undocumented>();
  for (const { file } of faces(folder)) {
    for (const symbol of symbolsOf(folder, file)) {
      for (const each of undocumentedIn(folder, symbol)) found.set(`${each.file}:${each.line} ${each.name}`, each);
    }
  }
  return [...found.values()];
}

/** A symbol, by the file that declares or re-exports it. */
interface ExportedSymbol {
  readonly file: string;
  readonly name: string;
}

const LIST = /^export\s+(?:type\s+)?\{([^}]*)\}(?:\s*from\s*"(\.[^"]+)")?/gm;
const DECLARATION =
  /^export\s+(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:const|let|class|function\*?|interface|type)\s+(\w+)/gm;

/** The symbols that a file exports: those of other files by the names that they have there. */
function symbolsOf(folder: string, file: string): ExportedSymbol[] {
  const source = withoutComments(read(folder, file));
  const declared = [...source.matchAll(DECLARATION)].map(([, name]) => ({ file, name: name! }));
  const listed = [...source.matchAll(LIST)].flatMap(([, list, from]) =>
    namesIn(list!).map(([name]) => ({ file: from === undefined ? file : posix.join(posix.dirname(file), from), name })),
  );
  return [...declared, ...listed];
}

/** The declarations of a symbol without a doc comment, in the file to which the re-exports lead. */
function undocumentedIn(folder: string, { file, name }: ExportedSymbol): Undocumented[] {
  const source = read(folder, file);
  for (const [, list, from] of withoutComments(source).matchAll(LIST)) {
    const entry = namesIn(list!).find(([, exported]) => exported === name);
    if (entry === undefined || from === undefined) continue;
    return undocumentedIn(folder, { file: posix.join(posix.dirname(file), from), name: entry[0] });
  }
  const lines = source.split("\n");
  const declarations = declarationsOf(lines, name);
  if (declarations.length === 0) return [{ file, line: 0, name }];
  return declarations.filter((line) => !hasDocComment(lines, line)).map((line) => ({ file, line, name }));
}

/** The names of a list, each in its file and as it is exported. */
function namesIn(list: string): [name: string, exported: string][] {
  return list.split(",").flatMap((entry) => {
    const match = /^(?:type\s+)?(\w+)(?:\s+as\s+(\w+))?$/.exec(entry.trim());
    return match === null ? [] : [[match[1]!, match[2] ?? match[1]!]];
  });
}

/** The lines of the declarations of `name`, counted from 1, without the implementation of an overloaded function. */
function declarationsOf(lines: readonly string[], name: string): number[] {
  const begin = "^(?:export |default |declare |abstract |async )*";
  const find = (kinds: string): number[] => {
    const pattern = new RegExp(`${begin}(?:${kinds}) ${name}\\b`);
    return lines.flatMap((line, index) => (pattern.test(line) ? [index + 1] : []));
  };
  const functions = find("function\\*?");
  return [...find("const|let|class|interface|type"), ...(functions.length > 1 ? functions.slice(0, -1) : functions)];
}

/** Whether a doc comment ends directly before a line. */
function hasDocComment(lines: readonly string[], line: number): boolean {
  for (let i = line - 2; i >= 0; i--) {
    const text = lines[i]!.trim();
    if (text.startsWith("/**")) return true;
    if (i === line - 2 ? !text.endsWith("*/") : !text.startsWith("*")) return false;
  }
  return false;
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
}

function read(folder: string, file: string): string {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
