// The values of expressions. A promise is awaited where it is met: `{{ user.name }}` works if `user` is one.

import { isThenable } from "../../base/is-thenable.ts";
import { TemplateFault } from "../jinja-syntax/template-errors.ts";
import { bind, type FilterScope, type Named } from "./_builtin.ts";
import { listFilters } from "./_filters-lists.ts";
import { textFilters } from "./_filters-text.ts";
import { type Frame, type Steps, TemplateFunction } from "./_frame.ts";
import { attribute, item, methodOf, slice } from "./_lookup.ts";
import type { CallArguments, Expression } from "../jinja-syntax/nodes.ts";
import { applySign, compareBy, concat, operate } from "./_operators.ts";
import { tests } from "./_tests.ts";
import { isDict } from "./dict.ts";
import { iterate, isTrue, kindOf, toText } from "./_values.ts";

type Node<Kind extends Expression["kind"]> = Extract<Expression, { kind: Kind }>;

/** Evaluates an expression. */
export function* evaluate(node: Expression, frame: Frame): Steps<unknown> {
  const now = valueNow(node, frame);
  const value = now === later ? yield* compute(node, frame) : now;
  return isThenable(value) ? yield value : value;
}

/** In place of the value of an expression that takes steps. */
export const later: unique symbol = Symbol("later");

/**
 * The value of a constant, a name, or an attribute of a name, which is most of what templates show, without the cost of a
 * generator; otherwise {@link later}. It may be a promise.
 */
export function valueNow(node: Expression, frame: Frame): unknown {
  if (node.kind === "constant") return node.value;
  if (node.kind === "name") return findName(node.name, frame);
  if (node.kind !== "attribute" || node.object.kind !== "name") return later;
  const owner = findName(node.object.name, frame);
  return owner === undefined || isThenable(owner) ? later : attribute(owner, node.name);
}

function* compute(node: Expression, frame: Frame): Steps<unknown> {
  switch (node.kind) {
    case "constant":
      return node.value;
    case "name":
      return findName(node.name, frame);
    case "attribute":
      return attribute(yield* evaluateOwner(node.object, frame), node.name);
    case "item":
      return item(yield* evaluateOwner(node.object, frame), yield* evaluate(node.key, frame));
    case "call":
      return yield* call(node, frame, {});
    case "filter":
      return yield* filter(node, frame);
    case "test":
      return yield* test(node, frame);
    case "and":
    case "or":
      return yield* evaluateLogic(node, frame);
    case "not":
      return !isTrue(yield* evaluate(node.operand, frame));
    case "condition":
      return yield* evaluateCondition(node, frame);
    case "list":
    case "dict":
    case "slice":
    case "sign":
    case "concat":
    case "compare":
    case "binary":
    default:
      return yield* computeRest(node, frame);
  }
}

function* computeRest(
  node: Node<"list" | "dict" | "slice" | "sign" | "binary" | "concat" | "compare">,
  frame: Frame,
): Steps<unknown> {
  switch (node.kind) {
    case "list":
      return yield* evaluateAll(node.items, frame);
    case "dict":
      return yield* evaluateDict(node, frame);
    case "slice":
      return yield* evaluateSlice(node, frame);
    case "sign":
      return applySign(node.sign, yield* evaluate(node.operand, frame));
    case "concat":
      return concat(yield* evaluateAll(node.parts, frame), frame.autoescape);
    case "compare":
      return yield* evaluateComparison(node, frame);
    case "binary":
    default:
      return operate(node.operator, yield* evaluateOwner(node.left, frame), yield* evaluateOwner(node.right, frame));
  }
}

function findName(name: string, { scope, rendering }: Frame): unknown {
  const value = scope.get(name);
  return value === undefined ? rendering.environment.global(name) : value;
}

/** @throws {TemplateFault} If the value is undefined. */
function* evaluateOwner(node: Expression, frame: Frame): Steps<unknown> {
  const value = yield* evaluate(node, frame);
  if (value === undefined) throw new TemplateFault(`${describe(node)} is undefined`);
  return value;
}

function describe(node: Expression): string {
  return `'${pathOf(node) ?? "a value"}'`;
}

function pathOf(node: Expression): string | undefined {
  if (node.kind === "name") return node.name;
  if (node.kind === "constant") return toText(node.value);
  if (node.kind === "call") return `${pathOf(node.callee) ?? "…"}()`;
  if (node.kind === "attribute") return `${pathOf(node.object) ?? "…"}.${node.name}`;
  return node.kind === "item" ? `${pathOf(node.object) ?? "…"}[${pathOf(node.key) ?? "…"}]` : undefined;
}

function* evaluateAll(nodes: readonly Expression[], frame: Frame): Steps<unknown[]> {
  const values: unknown[] = [];
  for (const node of nodes) values.push(yield* evaluate(node, frame));
  return values;
}

function* evaluateDict(node: Node<"dict">, frame: Frame): Steps<Named> {
  const pairs: [string, unknown][] = [];
  for (const [key, value] of node.pairs)
    pairs.push([toText(yield* evaluate(key, frame)), yield* evaluate(value, frame)]);
  return Object.fromEntries(pairs);
}

function* evaluateSlice(node: Node<"slice">, frame: Frame): Steps<unknown> {
  const object = yield* evaluateOwner(node.object, frame);
  const bounds: unknown[] = [];
  for (const bound of node.bounds) bounds.push(bound === undefined ? undefined : yield* evaluate(bound, frame));
  return slice(object, bounds);
}

function* evaluateLogic(node: Node<"and" | "or">, frame: Frame): Steps<unknown> {
  const left = yield* evaluate(node.left, frame);
  return isTrue(left) === (node.kind === "and") ? yield* evaluate(node.right, frame) : left;
}

function* evaluateCondition(node: Node<"condition">, frame: Frame): Steps<unknown> {
  if (isTrue(yield* evaluate(node.test, frame))) return yield* evaluate(node.value, frame);
  return node.otherwise === undefined ? undefined : yield* evaluate(node.otherwise, frame);
}

function* evaluateComparison(node: Node<"compare">, frame: Frame): Steps<boolean> {
  let left = yield* evaluate(node.first, frame);
  for (const [operator, operand] of node.rest) {
    const right = yield* evaluate(operand, frame);
    if (!compareBy(operator, left, right)) return false;
    left = right;
  }
  return true;
}

/** Evaluates a call; `extra` are named arguments besides its own. */
export function* call(node: Node<"call">, frame: Frame, extra: Named): Steps<unknown> {
  const { callee } = node;
  const self = callee.kind === "attribute" ? yield* evaluateOwner(callee.object, frame) : undefined;
  const found = callee.kind === "attribute" ? methodOf(self, callee.name) : yield* evaluate(callee, frame);
  const fn = isThenable(found) ? yield found : found;
  const { args, named } = yield* evaluateArguments(node.args, frame);
  const allNamed = { ...named, ...extra };
  if (fn instanceof TemplateFunction) return yield* frame.rendering.nested(fn.call(args, allNamed));
  if (typeof fn !== "function")
    throw new TemplateFault(
      `${describe(callee)} is ${fn === undefined ? "undefined" : `${kindOf(fn)}, and cannot be called`}`,
    );
  return Reflect.apply(fn, self, Object.keys(allNamed).length === 0 ? args : [...args, allNamed]) as unknown;
}

function* evaluateArguments(node: CallArguments, frame: Frame): Steps<{ args: unknown[]; named: Named }> {
  const args = yield* evaluateAll(node.positional, frame);
  if (node.more !== undefined) args.push(...iterate(yield* evaluate(node.more, frame)));
  const named: [string, unknown][] = [];
  for (const [name, value] of node.named) named.push([name, yield* evaluate(value, frame)]);
  const more = node.moreNamed === undefined ? undefined : yield* evaluate(node.moreNamed, frame);
  if (isDict(more)) named.push(...Object.entries(more));
  return { args, named: Object.fromEntries(named) };
}

function* filter(node: Node<"filter">, frame: Frame): Steps<unknown> {
  const input = node.input === undefined ? frame.captured : yield* evaluate(node.input, frame);
  const { args, named } = yield* evaluateArguments(node.args, frame);
  return applyFilter(node.name, input, args, named, frame);
}

function applyFilter(name: string, input: unknown, args: readonly unknown[], named: Named, frame: Frame): unknown {
  const withNamed = Object.keys(named).length === 0 ? args : [...args, named];
  const own = frame.rendering.environment.filter(name);
  if (own !== undefined) return own(input, ...withNamed);
  const builtin = textFilters.get(name) ?? listFilters.get(name);
  if (builtin === undefined) throw new TemplateFault(`there is no filter '${name}'`);
  const { parameters } = builtin;
  const bound = parameters === undefined ? withNamed : bind(name, parameters, args, named);
  return builtin.run(scopeOf(frame), input, bound);
}

function scopeOf(frame: Frame): FilterScope {
  return {
    autoescape: frame.autoescape,
    applyFilter: (name, input, args) => applyFilter(name, input, args, {}, frame),
    applyTest: (name, input, args) => isTrue(applyTest(name, input, args, frame)),
  };
}

function* test(node: Node<"test">, frame: Frame): Steps<boolean> {
  const input = yield* evaluate(node.input, frame);
  const { args } = yield* evaluateArguments(node.args, frame);
  const result = applyTest(node.name, input, args, frame);
  return isTrue(isThenable(result) ? yield result : result);
}

function applyTest(name: string, input: unknown, args: readonly unknown[], { rendering }: Frame): unknown {
  const { environment } = rendering;
  const named = toText(input);
  if (name === "filter")
    return (environment.filter(named) ?? textFilters.get(named) ?? listFilters.get(named)) !== undefined;
  if (name === "test") return (environment.test(named) ?? tests.get(named)) !== undefined;
  const found = environment.test(name) ?? tests.get(name);
  if (found === undefined) throw new TemplateFault(`there is no test '${name}'`);
  return found(input, ...args);
}
