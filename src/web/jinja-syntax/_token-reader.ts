// The tokens of a template, read one by one.

import type { Token, TokenKind } from "./_tokenize.ts";
import { TemplateSyntaxError } from "./template-errors.ts";

const kindNames: Readonly<Record<TokenKind, string>> = {
  text: "text",
  block: "a tag",
  variable: "'{{'",
  close: "the end of the tag",
  name: "a name",
  string: "a string",
  number: "a number",
  operator: "an operator",
  end: "the end of the template",
};

/** Reads tokens. */
export class TokenReader {
  readonly template: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[], template: string) {
    this.#tokens = tokens;
    this.template = template;
  }

  /** The token that comes next. */
  get current(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** The token after that. */
  get following(): Token | undefined {
    return this.#tokens[this.#at + 1];
  }

  /** Reads one token. */
  next(): Token {
    const token = this.current;
    if (token.kind !== "end") this.#at++;
    return token;
  }

  /** Whether the next token is this one. */
  sees(kind: TokenKind, value?: string): boolean {
    const token = this.current;
    return token.kind === kind && (value === undefined || token.value === value);
  }

  /** Reads the next token if it is this one. */
  skip(kind: TokenKind, value?: string): boolean {
    const isThere = this.sees(kind, value);
    if (isThere) this.#at++;
    return isThere;
  }

  /** @throws {TemplateSyntaxError} If the next token is another. */
  expect(kind: TokenKind, value?: string): Token {
    if (!this.sees(kind, value)) throw this.unexpected(value === undefined ? kindNames[kind] : `'${value}'`);
    return this.next();
  }

  /** The error for a token that should be another. */
  unexpected(wanted: string): TemplateSyntaxError {
    const { kind, value, line } = this.current;
    const got = kind === "name" || kind === "operator" ? `'${value}'` : kindNames[kind];
    return this.error(`${wanted} is expected, not ${got}`, line);
  }

  error(reason: string, line: number = this.current.line): TemplateSyntaxError {
    return new TemplateSyntaxError(reason, this.template, line);
  }

  /** How many tokens were read. */
  get position(): number {
    return this.#at;
  }

  /** Whether a name is among the tokens that were read since `position`. */
  hasRead(name: string, position: number): boolean {
    for (let at = position; at < this.#at; at++) {
      const { kind, value } = this.#tokens[at] as Token;
      if (kind === "name" && value === name) return true;
    }
    return false;
  }

  /** Takes back the token that was read last. */
  back(): void {
    this.#at--;
  }
}
