// Reads the declarations that tsc writes to dist/, with their doc comments. They are of one form: a statement begins its
// line, a member of it stands four columns to the right, and no bodies are left. So no parser is needed; a name that is
// not found is an error.

import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** One declaration of a name, as tsc writes it. */
export interface Declaration {
  /** The name that importers use. */
  readonly name: string;
  /** Its doc comment, without stars; empty if it has none. */
  readonly comment: string;
  /** The declaration without `export` and `declare`, and without members that are private or marked `@internal`. */
  readonly text: string;
}

/** What a statement may export. */
interface Statement {
  readonly comment: string;
  readonly text: string;
}

const BEGINS = /^(?:export|declare|import|type|interface|abstract|class|const|let|function|\/\/)/;
const DECLARED =
  /^(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:const|let|class|function\*?|interface|type) (\w+)/;
const LIST = /^(?:export|import) (?:type )?\{([^}]*)\}(?: from "([^"]+)")?/;

/**
 * All declarations of `name` that the file exports: more than one if a function has overloads, or a value and a type have
 * the name.
 *
 * @throws {Error} If the file does not export the name, or leads to a file that is missing.
 */
export function declarationsOf(name: string, file: string, folder: string): Declaration[] {
  const found = search(name, file, folder);
  if (found.length > 0) return found.map((each) => ({ ...each, name }));
  throw new Error(`Cannot describe ${name} as no declaration of it was found: ${file}`);
}

function search(name: string, file: string, folder: string): Declaration[] {
  const statements = statementsOf(file, folder);
  const own = statements.filter(({ text }) => DECLARED.exec(text)?.[1] === name);
  const declared = own.map(({ comment, text }) => ({ name, comment, text: withoutHidden(bare(text)) }));
  const elsewhere = statements.flatMap(({ text }) => {
    const [list, names = "", from] = LIST.exec(text) ?? [];
    const original = list === undefined ? undefined : originalOf(name, names);
    if (original === undefined || (from === undefined && original === name)) return [];
    if (from !== undefined && !from.startsWith(".")) return [];
    return search(original, from === undefined ? file : target(file, from), folder);
  });
  return [...declared, ...declared.flatMap(({ text }) => typeofs(text, file, folder)), ...elsewhere];
}

/** What a type that is the type of a value stands for: the declaration of that value. */
function typeofs(text: string, file: string, folder: string): Declaration[] {
  const value = /^type \w+ = typeof (\w+);$/.exec(text)?.[1];
  return value === undefined ? [] : search(value, file, folder);
}

/** What a list calls `name` where it comes from: of `a as b` it is `a` for `b`. */
function originalOf(name: string, names: string): string | undefined {
  for (const entry of names.split(",")) {
    const [, original, renamed] = /^\s*(?:type )?(\w+)(?: as (\w+))?\s*$/.exec(entry) ?? [];
    if (original !== undefined && (renamed ?? original) === name) return original;
  }
  return undefined;
}

function target(file: string, from: string): string {
  return posix.join(posix.dirname(file), from.replace(/\.[jt]s$/, ".d.ts"));
}

const known = new Map<string, readonly Statement[]>();

function statementsOf(file: string, folder: string): readonly Statement[] {
  const path = join(folder, file);
  const before = known.get(path);
  if (before !== undefined) return before;
  if (!existsSync(path)) throw new Error(`Cannot read declarations as a file is missing: ${file}`);
  const statements = split(readFileSync(path, "utf8"));
  known.set(path, statements);
  return statements;
}

/** The statements of a file of declarations, each with the doc comment directly before it. */
export function split(source: string): Statement[] {
  const statements: { comment: string; lines: string[] }[] = [];
  let comment = "";
  let inComment = false;
  for (const line of source.split("\n")) {
    if (!inComment && line.startsWith("/**")) comment = "";
    if (inComment || line.startsWith("/**")) {
      comment += `${line}\n`;
      inComment = !line.includes("*/");
    } else if (BEGINS.test(line)) {
      statements.push({ comment: withoutStars(comment), lines: [line] });
      comment = "";
    } else statements.at(-1)?.lines.push(line);
  }
  return statements.map((each) => ({ comment: each.comment, text: each.lines.join("\n").trimEnd() }));
}

function bare(text: string): string {
  return text.replace(/^(?:export )?(?:declare )?/, "");
}

/** A declaration without what is no user's: `#private`, and members whose comment says `@internal`. */
function withoutHidden(text: string): string {
  const internal =
    /^ {4}\/\*\*(?:(?!\*\/)[\s\S])*?@internal(?:(?!\*\/)[\s\S])*?\*\/\n {4}\S.*\n(?:(?: {5,}.*| {4}[})].*)\n)*/gm;
  return text.replace(/^ {4}(?:#private|private .*);\n/gm, "").replace(internal, "");
}

/** The text of a doc comment, without its stars. */
export function withoutStars(comment: string): string {
  const inner = comment
    .trim()
    .replace(/^\/\*\*/, "")
    .replace(/\*\/$/, "");
  return inner
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, ""))
    .join("\n")
    .trim();
}
