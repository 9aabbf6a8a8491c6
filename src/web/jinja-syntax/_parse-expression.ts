// Expressions, with Jinja's precedences, from the loosest to the tightest:
//
//     a if b else c · or · and · not · == < in · + - · ~ · * / // % · ** · -a · a.b a[b] a(b) · a|filter, a is test

import type { CallArguments, Expression } from "./nodes.ts";
import { TokenReader } from "./_token-reader.ts";

const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);
const comparisons: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);
// Names that go on with the expression around a test.
const afterTest: ReadonlySet<string> = new Set(["and", "or", "else", "if", "not", "in", "is", "recursive"]);
/** How deeply an expression may be nested. */
const maxDepth = 200;

/** Arguments of a call without any. */
export const noArguments: CallArguments = { positional: [], named: [], more: undefined, moreNamed: undefined };

/** Reads expressions from tokens. */
export class ExpressionParser extends TokenReader {
  #depth = 0;

  /** Reads `a` or `a, b`; the second is a list. */
  parseTuple(parseItem: () => Expression = () => this.parseExpression()): Expression {
    const { line } = this.current;
    const first = parseItem();
    if (!this.sees("operator", ",")) return first;
    const items = [first];
    while (this.skip("operator", ",")) {
      if (this.#isAtEnd()) break;
      items.push(parseItem());
    }
    return { kind: "list", items, line };
  }

  parseExpression(): Expression {
    if (++this.#depth > maxDepth) throw this.error(`an expression is nested more than ${maxDepth} deep`);
    let expression = this.parseOr();
    const { line } = expression;
    while (this.skip("name", "if")) {
      const test = this.parseOr();
      const otherwise = this.skip("name", "else") ? this.parseExpression() : undefined;
      expression = { kind: "condition", test, value: expression, otherwise, line };
    }
    this.#depth--;
    return expression;
  }

  /** Reads an expression that does not go on with `if`. */
  parseOr(): Expression {
    let left = this.#parseAnd();
    while (this.skip("name", "or")) left = { kind: "or", left, right: this.#parseAnd(), line: left.line };
    return left;
  }

  #parseAnd(): Expression {
    let left = this.#parseNot();
    while (this.skip("name", "and")) left = { kind: "and", left, right: this.#parseNot(), line: left.line };
    return left;
  }

  #parseNot(): Expression {
    const { line } = this.current;
    let count = 0;
    while (this.skip("name", "not")) count++;
    let operand = this.#parseCompare();
    for (; count > 0; count--) operand = { kind: "not", operand, line };
    return operand;
  }

  #parseCompare(): Expression {
    const first = this.#parseSum();
    const rest: (readonly [string, Expression])[] = [];
    for (let operator = this.#comparison(); operator !== undefined; operator = this.#comparison()) {
      rest.push([operator, this.#parseSum()]);
    }
    return rest.length === 0 ? first : { kind: "compare", first, rest, line: first.line };
  }

  #comparison(): string | undefined {
    if (this.sees("operator") && comparisons.has(this.current.value)) return this.next().value;
    if (this.skip("name", "in")) return "in";
    if (!this.sees("name", "not") || this.following?.kind !== "name" || this.following.value !== "in") return undefined;
    this.next();
    this.next();
    return "not in";
  }

  #parseSum(): Expression {
    return this.#parseBinary(["+", "-"], () => this.#parseConcat());
  }

  #parseConcat(): Expression {
    const first = this.#parseProduct();
    if (!this.sees("operator", "~")) return first;
    const parts = [first];
    while (this.skip("operator", "~")) parts.push(this.#parseProduct());
    return { kind: "concat", parts, line: first.line };
  }

  #parseProduct(): Expression {
    return this.#parseBinary(["*", "/", "//", "%"], () => this.#parseBinary(["**"], () => this.#parseUnary()));
  }

  #parseBinary(operators: readonly string[], parseOperand: () => Expression): Expression {
    let left = parseOperand();
    while (this.sees("operator") && operators.includes(this.current.value)) {
      const operator = this.next().value;
      left = { kind: "binary", operator, left, right: parseOperand(), line: left.line };
    }
    return left;
  }

  #parseUnary(): Expression {
    return this.#parseFilters(this.#parseSigned());
  }

  #parseSigned(): Expression {
    const { line } = this.current;
    let sign: 1 | -1 = 1;
    let count = 0;
    for (; this.sees("operator", "-") || this.sees("operator", "+"); count++) {
      if (this.next().value === "-") sign = sign === 1 ? -1 : 1;
    }
    const operand = this.#parsePostfix(this.#parsePrimary());
    return count === 0 ? operand : { kind: "sign", sign, operand, line };
  }

  #parsePrimary(): Expression {
    const { kind, value, line } = this.next();
    if (kind === "name") {
      return constants.has(value)
        ? { kind: "constant", value: constants.get(value), line }
        : { kind, name: value, line };
    }
    if (kind === "number") return { kind: "constant", value: Number(value.replaceAll("_", "")), line };
    if (kind === "string") {
      let text = value;
      while (this.sees("string")) text += this.next().value;
      return { kind: "constant", value: text, line };
    }
    if (kind === "operator" && value === "(") return this.#parseGroup(line);
    if (kind === "operator" && value === "[") return { kind: "list", items: this.#parseItems("]"), line };
    if (kind === "operator" && value === "{") return this.#parseDict(line);
    if (kind !== "end") this.back();
    throw this.unexpected("a value");
  }

  #parseGroup(line: number): Expression {
    if (this.skip("operator", ")")) return { kind: "list", items: [], line };
    const inner = this.parseTuple();
    this.expect("operator", ")");
    return inner;
  }

  #parseItems(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.skip("operator", end)) {
      if (items.length > 0) this.expect("operator", ",");
      if (this.skip("operator", end)) break;
      items.push(this.parseExpression());
    }
    return items;
  }

  #parseDict(line: number): Expression {
    const pairs: (readonly [Expression, Expression])[] = [];
    while (!this.skip("operator", "}")) {
      if (pairs.length > 0) this.expect("operator", ",");
      if (this.skip("operator", "}")) break;
      const key = this.parseExpression();
      this.expect("operator", ":");
      pairs.push([key, this.parseExpression()]);
    }
    return { kind: "dict", pairs, line };
  }

  #parsePostfix(primary: Expression): Expression {
    let object = primary;
    for (;;) {
      const { line } = this.current;
      if (this.skip("operator", ".")) object = this.#parseAttribute(object, line);
      else if (this.skip("operator", "[")) object = this.#parseSubscript(object, line);
      else if (this.sees("operator", "(")) object = { kind: "call", callee: object, args: this.parseArguments(), line };
      else return object;
    }
  }

  #parseAttribute(object: Expression, line: number): Expression {
    if (!this.sees("number")) return { kind: "attribute", object, name: this.expect("name").value, line };
    const key: Expression = { kind: "constant", value: Number(this.next().value), line };
    return { kind: "item", object, key, line };
  }

  #parseSubscript(object: Expression, line: number): Expression {
    const bounds: (Expression | undefined)[] = [undefined];
    while (!this.skip("operator", "]")) {
      if (this.skip("operator", ":")) bounds.push(undefined);
      else if (bounds.at(-1) !== undefined || bounds.length > 3) throw this.unexpected("']'");
      else bounds[bounds.length - 1] = this.parseTuple();
    }
    if (bounds.length > 1) return { kind: "slice", object, bounds, line };
    const [key] = bounds;
    if (key === undefined) throw this.error("an index is missing", line);
    return { kind: "item", object, key, line };
  }

  #parseFilters(first: Expression): Expression {
    let input = first;
    for (;;) {
      const { line } = this.current;
      if (this.skip("operator", "|")) input = this.parseFilter(input, line);
      else if (this.skip("name", "is")) input = this.#parseTest(input, line);
      else if (this.sees("operator", "(")) input = { kind: "call", callee: input, args: this.parseArguments(), line };
      else return input;
    }
  }

  /** Reads the name and the arguments of a filter, and of filters after it. */
  parseFilter(input: Expression | undefined, line: number): Expression {
    const name = this.#parseDottedName();
    return { kind: "filter", input, name, args: this.parseArguments(), line };
  }

  #parseTest(input: Expression, line: number): Expression {
    const isNegated = this.skip("name", "not");
    const name = this.#parseDottedName();
    const test: Expression = { kind: "test", input, name, args: this.#parseTestArguments(), line };
    return isNegated ? { kind: "not", operand: test, line } : test;
  }

  #parseTestArguments(): CallArguments {
    if (this.sees("operator", "(")) return this.parseArguments();
    const { kind, value } = this.current;
    const begins = kind === "operator" ? "[{".includes(value) : ["name", "string", "number"].includes(kind);
    if (!begins || (kind === "name" && afterTest.has(value))) return noArguments;
    return { ...noArguments, positional: [this.#parsePostfix(this.#parsePrimary())] };
  }

  #parseDottedName(): string {
    let name = this.expect("name").value;
    while (this.skip("operator", ".")) name += `.${this.expect("name").value}`;
    return name;
  }

  /** Reads arguments in parentheses; without these there are none. */
  parseArguments(): CallArguments {
    if (!this.skip("operator", "(")) return noArguments;
    const positional: Expression[] = [];
    const named: (readonly [string, Expression])[] = [];
    let more: Expression | undefined;
    let moreNamed: Expression | undefined;
    for (let count = 0; !this.skip("operator", ")"); count++) {
      if (count > 0) this.expect("operator", ",");
      if (this.skip("operator", ")")) break;
      if (this.skip("operator", "**")) moreNamed = this.parseExpression();
      else if (this.skip("operator", "*")) more = this.parseExpression();
      else if (this.#seesKeyword()) named.push(this.#parseKeyword());
      else if (named.length > 0) throw this.error("an argument without a name comes after one with a name");
      else positional.push(this.parseExpression());
    }
    return { positional, named, more, moreNamed };
  }

  #seesKeyword(): boolean {
    return this.sees("name") && this.following?.kind === "operator" && this.following.value === "=";
  }

  #parseKeyword(): readonly [string, Expression] {
    const name = this.next().value;
    this.next();
    return [name, this.parseExpression()];
  }

  #isAtEnd(): boolean {
    return this.sees("close") || this.sees("operator", ")") || this.sees("operator", "]") || this.sees("operator", "=");
  }
}
