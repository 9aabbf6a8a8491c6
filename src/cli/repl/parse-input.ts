// The input of the prompt is TypeScript: Node strips the types, as it does for files, and acorn, the parser of Node's own
// prompt, parses the rest. The parser must find where an input ends: `function f() {` continues, `f(]` is wrong.

import { stripTypeScriptTypes } from "node:module";
import { parse, type Program } from "acorn";

/** An input, without its types, and its syntax tree. */
export interface ParsedInput {
  /** The JavaScript. Each part has the position that it had in the input. */
  readonly code: string;
  /** Its syntax tree. */
  readonly program: Program;
}

/** The input is not wrong, but incomplete: more lines must follow. */
export class IncompleteInputError extends Error {
  override readonly name = "IncompleteInputError";
}

/** Makes an error about an input. It has no stack: that would show the prompt, not the input. */
export function inputError(message: string): SyntaxError {
  const error = new SyntaxError(message);
  error.stack = String(error);
  return error;
}

/**
 * Parses an input.
 *
 * @throws {IncompleteInputError} If the input may be the beginning of a longer one.
 * @throws {SyntaxError} If it is wrong.
 */
export function parseInput(source: string): ParsedInput {
  return (isLikeObject(source) ? parseObject(source) : undefined) ?? parseStatements(source);
}

// At a prompt, `{ a: 1 }` is meant as an object and not as a block with a label in it.
function isLikeObject(source: string): boolean {
  return /^\s*\{/.test(source) && !/;\s*$/.test(source);
}

function parseObject(source: string): ParsedInput | undefined {
  try {
    return parseStatements(`(${source}\n)`);
  } catch {
    return undefined; // it is not an object; read as a block it may be right, and if not, the error of that is shown
  }
}

function parseStatements(source: string): ParsedInput {
  const code = stripTypes(source);
  try {
    return { code, program: parse(code, { ecmaVersion: "latest", sourceType: "module" }) };
  } catch (error) {
    throw inputError((error as Error).message);
  }
}

function stripTypes(source: string): string {
  try {
    return stripTypeScriptTypes(source);
  } catch (error) {
    if (isAtEnd(error as Error)) throw new IncompleteInputError(source);
    throw inputError((error as Error).message);
  }
}

// The error gives its place only as a drawing above its message: the line, with carets under the mistake. At the end of
// the input there are no carets.
function isAtEnd({ message, stack = "" }: Error): boolean {
  if (/^Unterminated (template|block comment)/.test(message)) return true;
  const drawing = stack.slice(0, stack.indexOf("SyntaxError"));
  return drawing !== "" && !/^\s*\^+\s*$/m.test(drawing);
}
