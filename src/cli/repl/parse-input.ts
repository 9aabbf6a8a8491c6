// What is typed at the prompt is TypeScript: Node takes the types out, as it does for files, and acorn, the parser of
// Node's own prompt, reads the rest. What has to be found is where an input ends: `function f() {` goes on, `f(]` is wrong.

import { stripTypeScriptTypes } from "node:module";
import { parse, type Program } from "acorn";

/** An input, without its types, and its syntax tree. */
export interface ParsedInput {
  /** The JavaScript, each part where it stood in what was typed. */
  readonly code: string;
  /** Its syntax tree. */
  readonly program: Program;
}

/** Says that an input is not wrong, but not over: more lines have to follow. */
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

// The error says where it is by a drawing only, above its message: the line, and carets under what is wrong with it.
// Under the end of the input there are none.
function isAtEnd({ message, stack = "" }: Error): boolean {
  if (/^Unterminated (template|block comment)/.test(message)) return true;
  const drawing = stack.slice(0, stack.indexOf("SyntaxError"));
  return drawing !== "" && !/^\s*\^+\s*$/m.test(drawing);
}
