// An input becomes the body of an async function, so that it can await:
//
//     const page: Page = await load(1)            async (repl) => { with (repl.names) {
//     page.title                            →       ;(page = await repl.wait((load(1))));
//                                                   return { value: (page.title) };
//                                                 } }
//
// - Its declarations must outlive it: they become assignments to `names`, which `with` puts into the scope of this input
//   and of later ones. Globals would work too, but `Event` of asyncio is not the platform's `Event`, on which other
//   libraries rely.
// - Each `await` outside a function goes through `wait`, so that Ctrl+C can end it, whatever is awaited. V8's own support
//   for prompts cannot do that: there, an interrupted line continues when its promise settles.
// - An `import` statement becomes an `import()`.
// - The value is boxed: otherwise a value that is a task would be awaited.

import type { AnyNode, ImportDeclaration, ModuleDeclaration, Node, Statement, VariableDeclaration } from "acorn";
import { inputError, type ParsedInput, parseInput } from "./parse-input.ts";
import { SourceEdits } from "./source-edits.ts";

/** An input that is ready to run. */
export interface CompiledInput {
  /** An expression: an async function of one parameter, {@link lineName}. Its first line is not part of the input. */
  readonly code: string;
  /** The names that the input declares, which have to exist before it runs. */
  readonly names: readonly string[];
}

/** The name by which inputs refer to the object with `names`, `wait`, `iterate` and `pick`. */
export const lineName = "__pottle";

/**
 * Compiles what was typed at the prompt.
 *
 * @param resolve Returns the location of one of Pottle's own modules, and `undefined` for any other module.
 * @throws {IncompleteInputError} If the input may be the beginning of a longer one.
 * @throws {SyntaxError} If it is wrong.
 */
export function compileInput(source: string, resolve: (specifier: string) => string | undefined): CompiledInput {
  const compiler = new InputCompiler(parseInput(source), resolve);
  return compiler.compile();
}

class InputCompiler {
  readonly #input: ParsedInput;
  readonly #resolve: (specifier: string) => string | undefined;
  readonly #edits: SourceEdits;
  readonly #names: string[] = [];
  readonly #functions: string[] = [];

  constructor(input: ParsedInput, resolve: (specifier: string) => string | undefined) {
    this.#input = input;
    this.#resolve = resolve;
    this.#edits = new SourceEdits(input.code);
  }

  compile(): CompiledInput {
    const { body } = this.#input.program;
    for (const statement of body) this.#statement(statement, statement === body.at(-1));
    // Functions can be called before the line that declares them.
    const functions = this.#functions.map((name) => `${lineName}.names.${name} = ${name}; `).join("");
    const code = `(async (${lineName}) => { with (${lineName}.names) { ${functions}\n${this.#edits.toString()}\n} })`;
    return { code, names: this.#names };
  }

  #statement(statement: Statement | ModuleDeclaration, isLast: boolean): void {
    const { start, end, type } = statement;
    if (type.startsWith("Export")) throw inputError("Cannot export at the prompt as nothing can import it");
    if (type === "ImportDeclaration") return this.#import(statement);
    if (type === "VariableDeclaration") this.#variables(statement);
    if (type === "ExpressionStatement" && isLast)
      this.#edits.wrap(start, this.#textEnd(end), "return { value: (", ") }");
    if (type === "ClassDeclaration") this.#class(statement.id.name, start, end);
    if (type === "FunctionDeclaration") {
      this.#names.push(statement.id.name);
      this.#functions.push(statement.id.name);
    }
    this.#expressions(statement, false);
  }

  /** Where a statement ends without its semicolon. */
  #textEnd(end: number): number {
    return this.#input.code[end - 1] === ";" ? end - 1 : end;
  }

  #class(name: string, start: number, end: number): void {
    this.#names.push(name);
    this.#edits.wrap(start, end, `;(${name} = `, ");");
  }

  // A resource of `using` is disposed of at the end of the line, so its name stays local to the line.
  #variables({ kind, declarations, start, end }: VariableDeclaration): void {
    if (kind !== "var" && kind !== "let" && kind !== "const") return;
    this.#edits.replace(start, declarations[0]!.start, ";(");
    this.#edits.wrap(start, this.#textEnd(end), "", ");");
    for (const { id, init, end: declaratorEnd } of declarations) {
      const names = boundNames(id);
      this.#names.push(...names);
      // `var x` keeps the previous value of x, `let x` does not.
      if (init === null || init === undefined)
        this.#edits.wrap(id.start, declaratorEnd, "", kind === "var" ? "" : " = undefined");
    }
  }

  #import(statement: ImportDeclaration): void {
    const { source, attributes, specifiers, start, end } = statement;
    const options = attributes.map(({ key, value }) => `${this.#textOf(key)}: ${this.#textOf(value)}`).join(", ");
    const from = JSON.stringify(this.#resolve(String(source.value)) ?? source.value);
    const module = `await ${lineName}.wait(import(${from}${options === "" ? "" : `, { with: { ${options} } }`}))`;
    const names = specifiers.map(({ local }) => local.name);
    this.#names.push(...names);
    const assignments = specifiers.map((specifier) => {
      const { name } = specifier.local;
      if (specifier.type === "ImportNamespaceSpecifier") return `${name} = __module`;
      const imported = specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(specifier.imported);
      return `${name} = ${lineName}.pick(__module, ${JSON.stringify(imported)}, ${JSON.stringify(source.value)})`;
    });
    this.#edits.replace(
      start,
      end,
      `{ const __module = ${module}; ${assignments.map((text) => `${text}; `).join("")}}`,
    );
  }

  /** Visits all parts of `node`, except functions: these await by themselves. */
  #expressions(node: Node, inFunction: boolean): void {
    const any = node as AnyNode;
    if (any.type === "AwaitExpression" && !inFunction) this.#call("wait", any.argument);
    if (any.type === "ForOfStatement" && any.await && !inFunction) this.#call("iterate", any.right);
    if (any.type === "ImportExpression") this.#importExpression(any.source);
    const within = inFunction || /Function/.test(any.type);
    for (const child of childrenOf(node)) this.#expressions(child, within);
  }

  #call(name: string, { start, end }: Node): void {
    this.#edits.wrap(start, end, `${lineName}.${name}((`, "))");
  }

  #importExpression(source: Node): void {
    const any = source as AnyNode;
    const path = any.type === "Literal" && typeof any.value === "string" ? this.#resolve(any.value) : undefined;
    if (path !== undefined) this.#edits.replace(source.start, source.end, JSON.stringify(path));
  }

  #textOf({ start, end }: Node): string {
    return this.#input.code.slice(start, end);
  }
}

/** The names that a pattern such as `{ a, b: [c] }` binds. */
function boundNames(pattern: Node): string[] {
  const any = pattern as AnyNode;
  if (any.type === "Identifier") return [any.name];
  if (any.type === "AssignmentPattern") return boundNames(any.left);
  if (any.type === "RestElement") return boundNames(any.argument);
  if (any.type === "Property") return boundNames(any.value);
  if (any.type === "ObjectPattern") return any.properties.flatMap(boundNames);
  if (any.type === "ArrayPattern")
    return any.elements.flatMap((element) => (element === null ? [] : boundNames(element)));
  return [];
}

function nameOf(node: { readonly type: string; readonly name?: string; readonly value?: unknown }): string {
  return node.type === "Identifier" ? String(node.name) : String(node.value);
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
