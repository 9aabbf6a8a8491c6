// What statements do. A loop that is left by `break` or `continue` is told so by what rendering its body returns.

import { isThenable } from "../../base/is-thenable.ts";
import { isHtml, raw } from "../html/html.ts";
import { call, evaluate, later, valueNow } from "./_evaluate.ts";
import {
  type Frame,
  Module,
  Namespace,
  Output,
  Scope,
  type Signal,
  type Steps,
  type Template,
  TemplateFunction,
} from "./_frame.ts";
import { locate } from "./_locate-error.ts";
import { makeMacro } from "./_macro.ts";
import type { BlockNode, Body, Expression, Statement, Target } from "../jinja-syntax/nodes.ts";
import { renderFor } from "./_render-for.ts";
import { TemplateFault, TemplateNotFound } from "../jinja-syntax/template-errors.ts";
import { escapeText, isTrue, toList, toText } from "./_values.ts";

type Of<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }>;

/** Renders a template, and those that it extends. */
export function* renderRoot(template: Template, frame: Frame): Steps<void> {
  const { module, out } = frame;
  let current: Template | undefined = template;
  for (let depth = 0; current !== undefined; depth++) {
    if (depth > 100) throw locate(new TemplateFault("templates extend each other without end"), current.name, 1);
    module.addBlocks(current);
    if (module.blocks.size > 0) module.top.set("self", selfOf(frame));
    yield* renderBody(current.tree.body, { ...frame, template: current, autoescape: current.autoescape });
    current = module.parent;
    module.parent = undefined;
    out.isMuted = false;
  }
}

/** Renders statements, one after the other. */
export function* renderBody(body: Body, frame: Frame): Steps<Signal> {
  for (const statement of body) {
    if (statement.kind === "text") {
      frame.out.write(statement.text);
      continue;
    }
    try {
      if (statement.kind === "output") {
        const now = valueNow(statement.value, frame);
        if (now === later) writeValue(yield* evaluate(statement.value, frame), frame);
        else writeValue(isThenable(now) ? yield now : now, frame);
        continue;
      }
      const signal = yield* renderStatement(statement, frame);
      if (signal !== undefined) return signal;
    } catch (error) {
      throw locate(error, frame.template.name, statement.line);
    }
  }
  return undefined;
}

function* renderStatement(statement: Exclude<Statement, Of<"output">>, frame: Frame): Steps<Signal> {
  switch (statement.kind) {
    case "if":
      return yield* renderIf(statement, frame);
    case "for":
      return yield* renderFor(statement, frame, renderBody, assign);
    case "break":
    case "continue":
      return statement.kind;
    case "with":
      return yield* renderWith(statement, frame);
    case "autoescape":
      return yield* renderBody(statement.body, {
        ...frame,
        autoescape: isTrue(yield* evaluate(statement.value, frame)),
      });
    case "macro":
      frame.scope.set(statement.name, makeMacro(statement, frame, renderBody));
      return undefined;
    case "text":
      frame.out.write(statement.text);
      return undefined;
    case "do":
    case "set":
    case "capture":
    case "filterBlock":
      return yield* renderValue(statement, frame);
    case "block":
    case "extends":
    case "include":
    case "import":
    case "from":
    case "callBlock":
    default:
      return yield* renderTemplatePart(statement, frame);
  }
}

function* renderValue(statement: Of<"do" | "set" | "capture" | "filterBlock">, frame: Frame): Steps<undefined> {
  switch (statement.kind) {
    case "do":
      yield* evaluate(statement.value, frame);
      return undefined;
    case "set":
      assign(statement.target, yield* evaluate(statement.value, frame), frame);
      return undefined;
    case "capture":
      assign(statement.target, yield* captureFiltered(statement.body, statement.filter, frame), frame);
      return undefined;
    case "filterBlock":
    default:
      writeValue(yield* captureFiltered(statement.body, statement.filter, frame), frame);
      return undefined;
  }
}

function* renderTemplatePart(
  statement: Of<"block" | "extends" | "include" | "import" | "from" | "callBlock">,
  frame: Frame,
): Steps<undefined> {
  if (statement.kind === "block") yield* renderBlock(statement, frame);
  else if (statement.kind === "extends") yield* extend(statement, frame);
  else if (statement.kind === "include") yield* include(statement, frame);
  else if (statement.kind === "import") frame.scope.set(statement.name, yield* importModule(statement, frame));
  else if (statement.kind === "from") yield* importNames(statement, frame);
  else yield* renderCallBlock(statement, frame);
  return undefined;
}

function writeValue(value: unknown, { out, autoescape }: Frame): void {
  if (value === undefined) return;
  const text = toText(value);
  out.write(autoescape && !isHtml(value) ? escapeText(text) : text);
}

function* renderIf({ branches, otherwise }: Of<"if">, frame: Frame): Steps<Signal> {
  for (const [test, body] of branches) {
    if (isTrue(yield* evaluate(test, frame))) return yield* renderBody(body, frame);
  }
  return yield* renderBody(otherwise, frame);
}

function* renderWith({ pairs, body }: Of<"with">, frame: Frame): Steps<Signal> {
  const inner = { ...frame, scope: new Scope(frame.scope) };
  for (const [target, value] of pairs) assign(target, yield* evaluate(value, frame), inner);
  return yield* renderBody(body, inner);
}

/** Sets a name, several, or an attribute of a namespace. */
function assign(target: Target, value: unknown, frame: Frame): void {
  if (target.kind === "name") return frame.scope.set(target.name, value);
  if (target.kind === "attribute") return setAttribute(target.name, target.attribute, value, frame);
  const values = toList(value);
  if (values.length !== target.targets.length) {
    throw new TemplateFault(`${target.targets.length} values are needed to unpack, not ${values.length}`);
  }
  for (const [i, one] of target.targets.entries()) assign(one, values[i], frame);
}

function setAttribute(name: string, attribute: string, value: unknown, { scope }: Frame): void {
  const object = scope.get(name);
  if (!(object instanceof Namespace)) throw new TemplateFault(`'${name}' is not a namespace()`);
  object.assign(attribute, value);
}

/** The text of statements: HTML, if text is escaped there. */
function* capture(body: Body, frame: Frame): Steps<unknown> {
  const out = new Output();
  yield* renderBody(body, { ...frame, out, scope: new Scope(frame.scope) });
  return frame.autoescape ? raw(out.take()) : out.take();
}

function* captureFiltered(body: Body, filter: Expression | undefined, frame: Frame): Steps<unknown> {
  const captured = yield* capture(body, frame);
  return filter === undefined ? captured : yield* evaluate(filter, { ...frame, captured });
}

function* renderBlock({ name, scoped }: BlockNode, frame: Frame): Steps<void> {
  // The blocks of a template that extends another are rendered by that.
  if (frame.module.parent !== undefined) return;
  yield* frame.rendering.nested(renderEntry(name, 0, frame, scoped ? frame.scope : frame.module.top));
}

function* renderEntry(name: string, level: number, frame: Frame, outer: Scope): Steps<void> {
  const { block, template } = frame.module.blocks.get(name)![level]!;
  if (block.required) throw new TemplateFault(`block '${name}' is required, and no template has one`);
  const scope = new Scope(outer);
  const inner: Frame = { ...frame, template, autoescape: template.autoescape, scope };
  if (frame.module.blocks.get(name)!.length > level + 1)
    scope.set("super", blockFunction(name, level + 1, inner, outer));
  scope.set("self", selfOf(inner));
  yield* renderBody(block.body, inner);
}

function blockFunction(name: string, level: number, frame: Frame, outer: Scope): TemplateFunction {
  return new TemplateFunction(name, function* () {
    const out = new Output();
    yield* renderEntry(name, level, { ...frame, out }, outer);
    return frame.autoescape ? raw(out.take()) : out.take();
  });
}

function selfOf(frame: Frame): ReadonlyMap<string, TemplateFunction> {
  const { blocks, top } = frame.module;
  return new Map(blocks.keys().map((name) => [name, blockFunction(name, 0, frame, top)]));
}

function* extend({ template }: Of<"extends">, frame: Frame): Steps<void> {
  if (frame.module.parent !== undefined) throw new TemplateFault("a template extends two others");
  frame.module.parent = yield* load(template, frame);
  frame.out.isMuted = true;
}

function* load(node: Expression, frame: Frame): Steps<Template> {
  const value = yield* evaluate(node, frame);
  const names = Array.isArray(value) ? value.map(toText) : [toText(value)];
  const loaded = frame.rendering.environment.load(names);
  return (loaded instanceof Promise ? yield loaded : loaded) as Template;
}

function* include({ template: node, ignoreMissing, withContext }: Of<"include">, frame: Frame): Steps<void> {
  let template: Template;
  try {
    template = yield* load(node, frame);
  } catch (error) {
    if (ignoreMissing && error instanceof TemplateNotFound) return;
    throw error;
  }
  const out = new Output();
  const outer = withContext ? frame.scope : undefined;
  const { isMuted } = frame.out;
  yield* frame.rendering.nested(renderRoot(template, enter(template, frame, outer, isMuted ? out : frame.out)));
}

/** The frame of a template that is a module of its own. */
function enter(template: Template, frame: Frame, outer: Scope | undefined, out: Output): Frame {
  const module = new Module(outer);
  return { rendering: frame.rendering, module, template, scope: module.top, out, autoescape: template.autoescape };
}

function* importModule(node: Of<"import" | "from">, frame: Frame): Steps<Map<string, unknown>> {
  const template = yield* load(node.template, frame);
  const inner = enter(template, frame, node.withContext ? frame.scope : undefined, new Output());
  yield* frame.rendering.nested(renderRoot(template, inner));
  return inner.module.top.exports();
}

function* importNames(node: Of<"from">, frame: Frame): Steps<void> {
  const exports = yield* importModule(node, frame);
  for (const [name, alias] of node.names) frame.scope.set(alias, exports.get(name));
}

function* renderCallBlock({ call: node, caller }: Of<"callBlock">, frame: Frame): Steps<void> {
  if (node.kind !== "call") return;
  const value = yield* call(node, frame, { caller: makeMacro(caller, frame, renderBody) });
  writeValue(value instanceof Promise ? yield value : value, frame);
}
