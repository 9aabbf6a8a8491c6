import { noop } from "../../base/noop.ts";
import { wrongType } from "../../base/refusal.ts";
import { type Context, currentContext, outside } from "../message/context.ts";
import type { TemplateEngine, TemplateValues } from "../jinja/template-engine.ts";
import { globalsOf } from "./template-globals.ts";
import { templatesOf } from "./template-setup.ts";

/**
 * Renders a template of the application's `templates` folder, or of a blueprint's. What it shows is escaped if its name ends
 * with `.html`, `.htm`, `.xml`, `.xhtml` or `.svg`. Promises among the values are awaited.
 *
 * @param name The name; of several, the first that there is.
 * @param values The values, by name: they go before those of context processors, and before globals.
 * @throws {InvalidStateError} If there is no current application.
 * @throws {TemplateNotFound} If there is no such template.
 * @throws {TemplateSyntaxError} If it cannot be read.
 * @throws {TemplateRuntimeError} If it cannot be rendered with these values.
 * @see https://flask.palletsprojects.com/en/stable/templating/
 */
export async function renderTemplate(name: string | readonly string[], values: TemplateValues = {}): Promise<string> {
  const context = requireApp("renderTemplate()");
  const names = checkNames(name);
  const [engine, all] = await prepare(context, values);
  return engine.render(names, all);
}

/**
 * Renders a template that is given as text. What it shows is escaped.
 *
 * @throws {TypeError} If `source` is not a string.
 * @throws The errors of {@link renderTemplate}.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/<name>", ({ name }) => renderTemplateString("Hello, {{ name|upper }}!", { name }));
 * console.log((await app.testClient().get("/<b>")).text()); // Hello, &lt;B&gt;!
 */
export async function renderTemplateString(source: string, values: TemplateValues = {}): Promise<string> {
  const context = requireApp("renderTemplateString()");
  if (typeof source !== "string") throw wrongType("render a template", "'source' must be a string", source);
  const [engine, all] = await prepare(context, values);
  return engine.renderString(source, all);
}

/**
 * Renders a template piece by piece: a view that returns it sends what is there, while the template waits for a promise or
 * the next item of an async iterable. It stops when the client leaves.
 *
 * @throws The errors of {@link renderTemplate}; after the first piece, they break the response off.
 */
export async function streamTemplate(
  name: string | readonly string[],
  values: TemplateValues = {},
): Promise<AsyncIterable<string>> {
  const context = requireApp("streamTemplate()");
  const names = checkNames(name);
  const [engine, all] = await prepare(context, values);
  return engine.stream === undefined ? onePiece(await engine.render(names, all)) : engine.stream(names, all);
}

async function* onePiece(text: string): AsyncGenerator<string> {
  yield text;
}

function requireApp(action: string): Context {
  const context = currentContext.get();
  if (context === undefined) throw outside(action, "a request, a background task or a hook of an application");
  return context;
}

function checkNames(name: string | readonly string[]): readonly string[] {
  const names = typeof name === "string" ? [name] : name;
  if (Array.isArray(names) && names.length > 0 && names.every((one) => typeof one === "string")) return names;
  throw wrongType("render a template", "'name' must be a string, or a list of strings", name);
}

async function prepare(context: Context, values: TemplateValues): Promise<[TemplateEngine, TemplateValues]> {
  const setup = templatesOf(context.app);
  // A template may come to a promise after it was rejected.
  for (const value of Object.values(values)) if (value instanceof Promise) value.catch(noop);
  const processed: object[] = [];
  for (const processor of setup.processorsFor(context.blueprint)) processed.push((await processor()) ?? {});
  const engine = await setup.engine();
  return [
    engine,
    Object.fromEntries([...globalsOf(context, setup.globals), ...[...processed, values].flatMap(Object.entries)]),
  ];
}
