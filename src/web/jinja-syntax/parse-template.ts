// Statements, as in Jinja: what stands between `{%` and `%}`.

import type { BlockNode, Body, Expression, MacroNode, Parameter, Statement, Target, TemplateTree } from "./nodes.ts";
import { ExpressionParser } from "./_parse-expression.ts";
import { tokenize } from "./_tokenize.ts";

/**
 * Reads a template.
 *
 * @throws {TemplateSyntaxError} If that is not possible.
 */
export function parseTemplate(source: string, template: string): TemplateTree {
  return new TemplateParser(tokenize(source, template), template).parse();
}

/** How deeply tags may be nested. */
const maxDepth = 100;

class TemplateParser extends ExpressionParser {
  readonly #blocks = new Map<string, BlockNode>();
  #loops = 0;
  #depth = 0;

  parse(): TemplateTree {
    const body = this.#parseBody([]);
    if (!this.sees("end")) throw this.unexpected("text");
    return { body, blocks: this.#blocks };
  }

  /** Reads up to one of these tags, of which the name is the next token. */
  #parseBody(ends: readonly string[]): Body {
    const body: Statement[] = [];
    for (;;) {
      const { kind, value, line } = this.current;
      if (kind === "end") {
        if (ends.length > 0) throw this.error(`${ends.map((name) => `'${name}'`).join(" or ")} is missing`);
        return body;
      }
      this.next();
      if (kind === "text") body.push({ kind: "text", text: value, line });
      else if (kind === "variable") body.push(this.#parseOutput(line));
      else if (this.sees("name") && ends.includes(this.current.value)) return body;
      else body.push(this.#parseStatement());
    }
  }

  #parseOutput(line: number): Statement {
    const value = this.parseTuple();
    this.expect("close");
    return { kind: "output", value, line };
  }

  #parseStatement(): Statement {
    const { value: tag, line } = this.expect("name");
    const parse = parsers.get(tag);
    if (parse === undefined) throw this.error(`there is no tag '${tag}' here`, line);
    if (++this.#depth > maxDepth) throw this.error(`tags are nested more than ${maxDepth} deep`, line);
    const statement = parse(this, line);
    this.#depth--;
    return statement;
  }

  /** Reads the rest of a tag, what it contains, and the tag that ends it. */
  parseContent(end: string): Body {
    this.expect("close");
    const body = this.#parseBody([end]);
    this.next();
    return body;
  }

  parseIf(line: number): Statement {
    const branches: (readonly [Expression, Body])[] = [];
    let otherwise: Body = [];
    for (let tag = "if"; tag !== "endif"; tag = this.next().value) {
      if (tag === "else") {
        this.expect("close");
        otherwise = this.#parseBody(["endif"]);
      } else {
        const test = this.parseTuple();
        this.expect("close");
        branches.push([test, this.#parseBody(["elif", "else", "endif"])]);
      }
    }
    this.expect("close");
    return { kind: "if", branches, otherwise, line };
  }

  parseFor(line: number): Statement {
    const target = this.parseTarget();
    this.expect("name", "in");
    const items = this.parseTuple(() => this.parseOr());
    const filter = this.skip("name", "if") ? this.parseExpression() : undefined;
    const recursive = this.skip("name", "recursive");
    this.expect("close");
    this.#loops++;
    const start = this.position;
    const body = this.#parseBody(["else", "endfor"]);
    const usesLoop = this.hasRead("loop", start);
    this.#loops--;
    let otherwise: Body = [];
    if (this.next().value === "else") {
      this.expect("close");
      otherwise = this.#parseBody(["endfor"]);
      this.next();
    }
    this.expect("close");
    return { kind: "for", target, items, filter, recursive, usesLoop, body, otherwise, line };
  }

  parseSet(line: number): Statement {
    const target = this.parseTarget(true);
    if (this.skip("operator", "=")) {
      const value = this.parseTuple();
      this.expect("close");
      return { kind: "set", target, value, line };
    }
    const filter = this.skip("operator", "|") ? this.parseFilters(line) : undefined;
    return this.closed({ kind: "capture", target, filter, body: this.parseContent("endset"), line });
  }

  parseWith(line: number): Statement {
    const pairs: (readonly [Target, Expression])[] = [];
    while (!this.sees("close")) {
      if (pairs.length > 0) this.expect("operator", ",");
      const target = this.parseTargetPart(false);
      this.expect("operator", "=");
      pairs.push([target, this.parseExpression()]);
    }
    return this.closed({ kind: "with", pairs, body: this.parseContent("endwith"), line });
  }

  parseBlock(line: number): Statement {
    const name = this.expect("name").value;
    if (this.#blocks.has(name)) throw this.error(`there are two blocks '${name}'`, line);
    const scoped = this.skip("name", "scoped");
    const required = this.skip("name", "required");
    const loops = this.#loops;
    this.#loops = 0;
    const body = this.parseContent("endblock");
    this.#loops = loops;
    this.skip("name", name);
    const block: BlockNode = {
      kind: "block",
      name,
      scoped: scoped || this.skip("name", "scoped"),
      required,
      body,
      line,
    };
    this.#blocks.set(name, block);
    return this.closed(block);
  }

  parseMacro(line: number): Statement {
    const name = this.expect("name").value;
    const parameters = this.parseParameters();
    return this.closed({ kind: "macro", name, parameters, ...this.#parseFunctionBody("endmacro"), line });
  }

  parseCall(line: number): Statement {
    const parameters = this.sees("operator", "(") ? this.parseParameters() : [];
    const call = this.parseExpression();
    if (call.kind !== "call") throw this.error("a call is expected", line);
    const caller: MacroNode = {
      kind: "macro",
      name: "caller",
      parameters,
      ...this.#parseFunctionBody("endcall"),
      line,
    };
    return this.closed({ kind: "callBlock", call, caller, line });
  }

  /** Reads a body that no loop around it can be left from. */
  #parseFunctionBody(end: string): Pick<MacroNode, "body" | "takesMore" | "takesMoreNamed"> {
    const loops = this.#loops;
    const start = this.position;
    this.#loops = 0;
    const body = this.parseContent(end);
    this.#loops = loops;
    return { body, takesMore: this.hasRead("varargs", start), takesMoreNamed: this.hasRead("kwargs", start) };
  }

  parseParameters(): Parameter[] {
    const parameters: Parameter[] = [];
    this.expect("operator", "(");
    while (!this.skip("operator", ")")) {
      if (parameters.length > 0) this.expect("operator", ",");
      if (this.skip("operator", ")")) break;
      const name = this.expect("name").value;
      const fallback = this.skip("operator", "=") ? this.parseExpression() : undefined;
      if (fallback === undefined && parameters.at(-1)?.default !== undefined) {
        throw this.error(`parameter '${name}' needs a default as the one before it has one`);
      }
      parameters.push({ name, default: fallback });
    }
    return parameters;
  }

  parseInclude(line: number): Statement {
    const template = this.parseExpression();
    const ignoreMissing = this.skip("name", "ignore");
    if (ignoreMissing) this.expect("name", "missing");
    const withContext = this.#parseContextFlag(true);
    this.expect("close");
    return { kind: "include", template, ignoreMissing, withContext, line };
  }

  parseImport(line: number): Statement {
    const template = this.parseExpression();
    this.expect("name", "as");
    const name = this.expect("name").value;
    const withContext = this.#parseContextFlag(false);
    this.expect("close");
    return { kind: "import", template, name, withContext, line };
  }

  parseFrom(line: number): Statement {
    const template = this.parseExpression();
    this.expect("name", "import");
    const names: (readonly [string, string])[] = [];
    do {
      if (this.sees("close") || this.#seesContextFlag()) break;
      const name = this.expect("name").value;
      if (name.startsWith("_")) throw this.error(`'${name}' cannot be imported: names with an underscore are private`);
      names.push([name, this.skip("name", "as") ? this.expect("name").value : name]);
    } while (this.skip("operator", ","));
    const withContext = this.#parseContextFlag(false);
    this.expect("close");
    return { kind: "from", template, names, withContext, line };
  }

  #seesContextFlag(): boolean {
    const isFlag = this.sees("name", "with") || this.sees("name", "without");
    return isFlag && this.following?.value === "context";
  }

  #parseContextFlag(fallback: boolean): boolean {
    if (!this.#seesContextFlag()) return fallback;
    const withContext = this.next().value === "with";
    this.next();
    return withContext;
  }

  /** Reads one filter, or several in a row, without an input. */
  parseFilters(line: number): Expression {
    let filter = this.parseFilter(undefined, line);
    while (this.skip("operator", "|")) filter = this.parseFilter(filter, line);
    return filter;
  }

  parseTarget(allowsAttribute = false): Target {
    const first = this.parseTargetPart(allowsAttribute);
    if (!this.sees("operator", ",")) return first;
    const targets = [first];
    while (this.skip("operator", ",")) {
      if (!this.sees("name") && !this.sees("operator", "(")) break;
      if (this.sees("name", "in")) break;
      targets.push(this.parseTargetPart(allowsAttribute));
    }
    return { kind: "targets", targets };
  }

  parseTargetPart(allowsAttribute: boolean): Target {
    if (this.skip("operator", "(")) {
      const inner = this.parseTarget(allowsAttribute);
      this.expect("operator", ")");
      return inner.kind === "targets" ? inner : { kind: "targets", targets: [inner] };
    }
    const name = this.expect("name").value;
    if (!allowsAttribute || !this.skip("operator", ".")) return { kind: "name", name };
    return { kind: "attribute", name, attribute: this.expect("name").value };
  }

  parseLoopControl(kind: "break" | "continue", line: number): Statement {
    if (this.#loops === 0) throw this.error(`'${kind}' stands outside of a loop`, line);
    return this.closed({ kind, line });
  }

  /** Reads the end of a tag. */
  closed<T extends Statement>(statement: T): T {
    this.expect("close");
    return statement;
  }
}

const parsers: ReadonlyMap<string, (parser: TemplateParser, line: number) => Statement> = new Map(
  Object.entries({
    if: (parser: TemplateParser, line: number) => parser.parseIf(line),
    for: (parser: TemplateParser, line: number) => parser.parseFor(line),
    set: (parser: TemplateParser, line: number) => parser.parseSet(line),
    with: (parser: TemplateParser, line: number) => parser.parseWith(line),
    block: (parser: TemplateParser, line: number) => parser.parseBlock(line),
    macro: (parser: TemplateParser, line: number) => parser.parseMacro(line),
    call: (parser: TemplateParser, line: number) => parser.parseCall(line),
    include: (parser: TemplateParser, line: number) => parser.parseInclude(line),
    import: (parser: TemplateParser, line: number) => parser.parseImport(line),
    from: (parser: TemplateParser, line: number) => parser.parseFrom(line),
    extends: (parser: TemplateParser, line: number): Statement =>
      parser.closed({ kind: "extends", template: parser.parseExpression(), line }),
    do: (parser: TemplateParser, line: number): Statement =>
      parser.closed({ kind: "do", value: parser.parseTuple(), line }),
    filter: (parser: TemplateParser, line: number): Statement =>
      parser.closed({
        kind: "filterBlock",
        filter: parser.parseFilters(line),
        body: parser.parseContent("endfilter"),
        line,
      }),
    autoescape: (parser: TemplateParser, line: number): Statement =>
      parser.closed({
        kind: "autoescape",
        value: parser.parseExpression(),
        body: parser.parseContent("endautoescape"),
        line,
      }),
    break: (parser: TemplateParser, line: number) => parser.parseLoopControl("break", line),
    continue: (parser: TemplateParser, line: number) => parser.parseLoopControl("continue", line),
  }),
);
