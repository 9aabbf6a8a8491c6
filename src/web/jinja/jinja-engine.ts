/**
 * Jinja's templates, so that those of a Flask application run as they are.
 *
 *     source ── _tokenize ── _parse-template, _parse-expression ── tree ── _render, _evaluate ── text
 *
 * The tree is walked by generators, which yield the promises that they meet. So a template awaits what it shows, and can be
 * streamed and cancelled, while one without promises is rendered in one go. Nothing is compiled to JavaScript.
 *
 * nunjucks was considered. It cannot stream nor await a value, and gives `constructor` of every value to the template.
 */

import { sleep } from "../../asyncio/index.ts";
import {
  advance,
  drive,
  type Environment,
  Module,
  Output,
  Rendering,
  Scope,
  type Steps,
  type Template,
} from "./_frame.ts";
import { templateGlobals } from "./_globals.ts";
import { TemplateLoader } from "./_load-template.ts";
import { parseTemplate } from "../jinja-syntax/parse-template.ts";
import { renderRoot } from "./_render.ts";
import type { TemplateEngine, TemplateSettings, TemplateValues } from "./template-engine.ts";

const maxKept = 100;

/** Renders Jinja's templates. */
export class JinjaEngine implements TemplateEngine {
  readonly #loader: TemplateLoader;
  readonly #environment: Environment;
  readonly #strings = new Map<string, Template>();

  constructor(settings: TemplateSettings) {
    this.#loader = new TemplateLoader(settings);
    this.#environment = {
      load: (names) => this.#loader.load(names),
      filter: (name) => settings.filters.get(name) as ReturnType<Environment["filter"]>,
      test: (name) => settings.tests.get(name) as ReturnType<Environment["test"]>,
      global: (name) => templateGlobals.get(name),
      pause: () => sleep(0),
    };
  }

  async render(names: readonly string[], values: TemplateValues): Promise<string> {
    return this.#render(await this.#loader.load(names), values);
  }

  async renderString(source: string, values: TemplateValues): Promise<string> {
    return this.#render(this.#parse(source), values);
  }

  async stream(names: readonly string[], values: TemplateValues): Promise<AsyncGenerator<string>> {
    return this.#stream(await this.#loader.load(names), values);
  }

  async *#stream(template: Template, values: TemplateValues): AsyncGenerator<string> {
    const out = new Output();
    const steps = this.#begin(template, values, out);
    let hasEnded = false;
    try {
      let result = steps.next();
      while (result.done !== true) {
        // What comes before a value that must be waited for is sent first.
        if (out.length > 0) yield out.take();
        result = await advance(steps, result.value);
      }
      hasEnded = true;
      if (out.length > 0) yield out.take();
    } finally {
      if (!hasEnded) await abandon(steps);
    }
  }

  async #render(template: Template, values: TemplateValues): Promise<string> {
    const out = new Output();
    await drive(this.#begin(template, values, out));
    return out.take();
  }

  #begin(template: Template, values: TemplateValues, out: Output): Steps<void> {
    const module = new Module(new Scope(undefined, Object.entries(values)));
    const rendering = new Rendering(this.#environment);
    const { autoescape } = template;
    return renderRoot(template, { rendering, module, template, scope: module.top, out, autoescape });
  }

  #parse(source: string): Template {
    const kept = this.#strings.get(source);
    if (kept !== undefined) return kept;
    const name = "<string>";
    const template = { name, tree: parseTemplate(source, name), autoescape: true };
    const [oldest] = this.#strings.keys();
    if (this.#strings.size >= maxKept && oldest !== undefined) this.#strings.delete(oldest);
    this.#strings.set(source, template);
    return template;
  }
}

/** Ends a rendering that is not needed any more: what it iterates is closed. */
async function abandon(steps: Steps<void>): Promise<void> {
  let result = steps.return(undefined);
  while (result.done !== true) result = await advance(steps, result.value);
}
