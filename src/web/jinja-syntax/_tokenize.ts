// The tokens of a template. Between tags everything is text; within them it is code, as in Jinja's lexer. The time is linear
// in the length of the source.

import { TemplateSyntaxError } from "./template-errors.ts";

/** The kinds of tokens: `block` and `variable` begin a tag, `close` ends it. */
export type TokenKind = "text" | "block" | "variable" | "close" | "name" | "string" | "number" | "operator" | "end";

/** A token. */
export interface Token {
  readonly kind: TokenKind;
  /** The text of a name or an operator, the value of a string or a number. */
  readonly value: string;
  /** The line that it begins in, counted from 1. */
  readonly line: number;
}

const blank = /\s+/y;
const number = /\d[\d_]*(?:\.\d[\d_]*)?(?:e[+-]?\d+)?/iy;
const integer = /\d+/y;
const name = /[\p{ID_Start}_]\p{ID_Continue}*/uy;
const text = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/sy;
const operator = /\*\*|\/\/|==|!=|<=|>=|[-+*/%~()[\]{}.,:|=<>]/y;
const rawTag = /\s*raw\s*([-+]?)%\}/y;
const rawEnd = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;
const opening = /\{[{%#]/g;

/** @throws {TemplateSyntaxError} If a tag, a comment or a string is not closed, or a character has no meaning. */
export function tokenize(source: string, template: string): Token[] {
  return new Lexer(source.replace(/\r\n?/g, "\n").replace(/\n$/, ""), template).run();
}

class Lexer {
  readonly #source: string;
  readonly #template: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #trimsNext = false;

  constructor(source: string, template: string) {
    this.#source = source;
    this.#template = template;
  }

  run(): Token[] {
    while (this.#at < this.#source.length) this.#readText();
    this.#push("end", "");
    return this.#tokens;
  }

  #readText(): void {
    opening.lastIndex = this.#at;
    const start = opening.exec(this.#source)?.index ?? this.#source.length;
    const sign = this.#source[start + 2];
    this.#pushText(this.#source.slice(this.#at, start), sign === "-");
    if (start === this.#source.length) {
      this.#at = start;
      return;
    }
    this.#at = start + (sign === "-" || sign === "+" ? 3 : 2);
    const kind = this.#source[start + 1];
    if (kind === "#") this.#skipComment();
    else if (kind === "{") this.#readTag("variable", "}}");
    else if (this.#match(rawTag) === undefined) this.#readTag("block", "%}");
    else this.#readRaw();
  }

  #pushText(piece: string, trimsEnd: boolean): void {
    const started = this.#trimsNext ? piece.trimStart() : piece;
    this.#trimsNext = false;
    this.#countLines(piece.slice(0, piece.length - started.length));
    const trimmed = trimsEnd ? started.trimEnd() : started;
    if (trimmed !== "") this.#push("text", trimmed);
    this.#countLines(started);
  }

  #skipComment(): void {
    const end = this.#source.indexOf("#}", this.#at);
    if (end < 0) throw this.#error("a comment is not closed");
    this.#trimsNext = this.#source[end - 1] === "-" && end - 1 >= this.#at;
    this.#countLines(this.#source.slice(this.#at, end));
    this.#at = end + 2;
  }

  #readRaw(): void {
    rawTag.lastIndex = this.#at;
    const [tag, sign] = rawTag.exec(this.#source)!;
    this.#countLines(tag);
    this.#at += tag.length;
    rawEnd.lastIndex = this.#at;
    const end = rawEnd.exec(this.#source);
    if (end === null) throw this.#error("'raw' is not closed");
    this.#trimsNext = sign === "-";
    this.#pushText(this.#source.slice(this.#at, end.index), end[1] === "-");
    this.#countLines(end[0]);
    this.#trimsNext = end[2] === "-";
    this.#at = end.index + end[0].length;
  }

  #readTag(kind: "block" | "variable", close: string): void {
    this.#push(kind, "");
    const line = this.#line;
    let depth = 0;
    while (this.#at < this.#source.length) {
      const space = this.#match(blank);
      if (space !== undefined) this.#advance(space);
      if (depth === 0 && this.#readClose(close)) return;
      if (this.#at < this.#source.length) depth += this.#readToken();
    }
    throw new TemplateSyntaxError(`a tag is not closed by '${close}'`, this.#template, line);
  }

  #readClose(close: string): boolean {
    const sign = this.#source[this.#at];
    const length = sign === "-" || sign === "+" ? 1 : 0;
    if (!this.#source.startsWith(close, this.#at + length)) return false;
    this.#push("close", "");
    this.#trimsNext = sign === "-";
    this.#at += length + close.length;
    return true;
  }

  /** Reads one token, and returns by how much it nests deeper. */
  #readToken(): number {
    const found =
      this.#take("name", name) ??
      // In `x.0.1` there is no fraction.
      this.#take("number", this.#source[this.#at - 1] === "." ? integer : number) ??
      this.#take("string", text) ??
      this.#take("operator", operator);
    if (found === undefined) throw this.#error(this.#unknownCharacter());
    if (found.length !== 1) return 0;
    return "([{".includes(found) ? 1 : ")]}".includes(found) ? -1 : 0;
  }

  #unknownCharacter(): string {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    return character === '"' || character === "'" ? "a string is not closed" : `'${character}' has no meaning in a tag`;
  }

  #take(kind: TokenKind, pattern: RegExp): string | undefined {
    const found = this.#match(pattern);
    if (found === undefined) return undefined;
    this.#push(kind, kind === "string" ? unquote(found) : found);
    this.#advance(found);
    return found;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#source)?.[0];
  }

  #advance(piece: string): void {
    this.#countLines(piece);
    this.#at += piece.length;
  }

  #countLines(piece: string): void {
    for (let at = piece.indexOf("\n"); at >= 0; at = piece.indexOf("\n", at + 1)) this.#line++;
  }

  #push(kind: TokenKind, value: string): void {
    this.#tokens.push({ kind, value, line: this.#line });
  }

  #error(reason: string): TemplateSyntaxError {
    return new TemplateSyntaxError(reason, this.#template, this.#line);
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
  a: "\x07",
  "0": "\0",
  "\n": "",
};
const escape = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))/gis;

function unquote(literal: string): string {
  return literal.slice(1, -1).replace(escape, (whole, byte?: string, unit?: string, character?: string) => {
    const code = byte ?? unit;
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    if (character === "\\" || character === '"' || character === "'") return character;
    // What is no escape keeps its backslash, as in Python.
    return escapes[character!] ?? whole;
  });
}
