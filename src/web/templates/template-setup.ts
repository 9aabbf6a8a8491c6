/**
 * What an application was told about its templates. It is made when the first word about templates is said, and its engine
 * is loaded with the first template: an application without templates has neither.
 */

import { resolve } from "node:path";
import { ambient } from "../../asyncio/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { isDevelopment } from "../failure/development.ts";
import type { AppInfo } from "../message/context.ts";
import type {
  TemplateEngine,
  TemplateFilter,
  TemplateSettings,
  TemplateTest,
  TemplateValues,
} from "../jinja/template-engine.ts";

/** Returns values for templates, as the request is that they are rendered in. */
export type ContextProcessor = () => TemplateValues | undefined | void | PromiseLike<TemplateValues | undefined | void>;

/** The templates of a blueprint. */
export interface TemplatePart {
  /** The name of the blueprint, within those around it. */
  readonly name: string;
  readonly folder: string | undefined;
  readonly processors: readonly ContextProcessor[];
}

/** The templates of an application. */
export class TemplateSetup {
  readonly filters: Map<string, TemplateFilter> = new Map();
  readonly tests: Map<string, TemplateTest> = new Map();
  readonly globals: Map<string, unknown> = new Map();
  /** The folder of the application's own templates. */
  folder = "templates";
  /** The engine that it was given. */
  chosen: TemplateEngine | ((settings: TemplateSettings) => TemplateEngine) | undefined;
  readonly #app: AppInfo;
  readonly #parts: TemplatePart[] = [];
  #engine: Promise<TemplateEngine> | undefined;

  constructor(app: AppInfo) {
    this.#app = app;
  }

  /** Adds a part. That of the application, whose name is empty, goes before those of blueprints. */
  addPart(part: TemplatePart): void {
    if (part.name === "") this.#parts.unshift(part);
    else this.#parts.push(part);
  }

  /** The context processors for a request of a blueprint, from the outer to the inner one. */
  processorsFor(blueprint: string): ContextProcessor[] {
    const inner = `${blueprint}.`;
    return this.#parts
      .filter(({ name }) => name === "" || inner.startsWith(`${name}.`))
      .flatMap((part) => part.processors);
  }

  /** The engine, loaded when it is first needed. */
  engine(): Promise<TemplateEngine> {
    return (this.#engine ??= this.#load());
  }

  async #load(): Promise<TemplateEngine> {
    const { chosen } = this;
    if (typeof chosen === "object") return chosen;
    if (chosen !== undefined) return chosen(this.#settings());
    const { JinjaEngine } = await import("../jinja/jinja-engine.ts");
    return new JinjaEngine(this.#settings());
  }

  #settings(): TemplateSettings {
    const folders = [this.folder, ...this.#parts.flatMap(({ folder }) => folder ?? [])];
    return {
      folders: folders.map((folder) => resolve(this.#app.rootPath, folder)),
      filters: this.filters,
      tests: this.tests,
      autoReload: this.#app.development ?? isDevelopment(),
    };
  }
}

/** @throws {TypeError} If a folder is not text. */
export function checkFolder(action: string, folder: string | undefined): string | undefined {
  if (folder === undefined || (typeof folder === "string" && folder !== "")) return folder;
  throw wrongType(action, "'templateFolder' must be the path of a folder", folder);
}

/** @throws {TypeError} If an engine is neither one nor a function. */
export function checkEngine(
  action: string,
  engine: TemplateSetup["chosen"],
): TemplateEngine | ((settings: TemplateSettings) => TemplateEngine) | undefined {
  if (engine === undefined || typeof engine === "function") return engine;
  if (typeof (engine as Partial<TemplateEngine> | null)?.render === "function") return engine;
  throw wrongType(action, "'templateEngine' must be an engine, or a function that makes one", engine);
}

const setups = ambient("web.templates", () => new WeakMap<AppInfo, TemplateSetup>());

/** The templates of an application. */
export function templatesOf(app: AppInfo): TemplateSetup {
  let setup = setups.get(app);
  if (setup === undefined) {
    setup = new TemplateSetup(app);
    setups.set(app, setup);
  }
  return setup;
}
