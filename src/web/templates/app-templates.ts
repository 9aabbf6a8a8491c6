import type { TemplateFilter, TemplateTest } from "../jinja/template-engine.ts";
import type { TemplateSetup } from "./template-setup.ts";

/** What a blueprint gives to all templates of the application that registers it. */
export class AppTemplates {
  readonly filters: Map<string, TemplateFilter> = new Map();
  readonly tests: Map<string, TemplateTest> = new Map();
  readonly globals: Map<string, unknown> = new Map();

  /** Whether there is nothing in it, so that an application without templates need not have a setup of them. */
  get isEmpty(): boolean {
    return this.filters.size + this.tests.size + this.globals.size === 0;
  }

  /** Gives them to an application. */
  addTo({ filters, tests, globals }: TemplateSetup): void {
    for (const [name, filter] of this.filters) filters.set(name, filter);
    for (const [name, test] of this.tests) tests.set(name, test);
    for (const [name, value] of this.globals) globals.set(name, value);
  }
}
