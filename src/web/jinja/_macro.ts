import { raw } from "../html/html.ts";
import type { Named } from "./_builtin.ts";
import { evaluate } from "./_evaluate.ts";
import { type Frame, Output, Scope, type Steps, TemplateFunction } from "./_frame.ts";
import type { Body, MacroNode } from "../jinja-syntax/nodes.ts";
import { TemplateFault } from "../jinja-syntax/template-errors.ts";

type RenderBody = (body: Body, frame: Frame) => Steps<unknown>;

/** Makes a macro, which knows the names of the place where it stands. */
export function makeMacro(node: MacroNode, frame: Frame, renderBody: RenderBody): TemplateFunction {
  return new TemplateFunction(node.name, function* (args, named) {
    const out = new Output();
    const inner = { ...frame, out, scope: new Scope(frame.scope) };
    yield* setParameters(node, args, named, inner);
    yield* renderBody(node.body, inner);
    return frame.autoescape ? raw(out.take()) : out.take();
  });
}

function* setParameters(node: MacroNode, args: readonly unknown[], named: Named, frame: Frame): Steps<void> {
  const { parameters, name: macro } = node;
  if (args.length > parameters.length && !node.takesMore) {
    throw new TemplateFault(`'${macro}' takes at most ${parameters.length} arguments, not ${args.length}`);
  }
  const rest = new Map(Object.entries(named));
  for (const [i, { name, default: fallback }] of parameters.entries()) {
    const isGiven = i < args.length || rest.has(name);
    const given = i < args.length ? args[i] : rest.get(name);
    if (i >= args.length) rest.delete(name);
    frame.scope.set(name, isGiven || fallback === undefined ? given : yield* evaluate(fallback, frame));
  }
  if (!parameters.some(({ name }) => name === "caller")) frame.scope.set("caller", rest.get("caller"));
  rest.delete("caller");
  const [unknown] = rest.keys();
  if (unknown !== undefined && !node.takesMoreNamed) throw new TemplateFault(`'${macro}' has no argument '${unknown}'`);
  frame.scope.set("varargs", args.slice(parameters.length));
  frame.scope.set("kwargs", Object.fromEntries(rest));
}
