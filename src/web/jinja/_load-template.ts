// Where templates come from: the first folder that has the file. A name never leads out of the folder.

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../../base/error-code.ts";
import type { Template } from "./_frame.ts";
import { parseTemplate } from "../jinja-syntax/parse-template.ts";
import type { TemplateSettings } from "./template-engine.ts";
import { TemplateNotFound } from "../jinja-syntax/template-errors.ts";

interface Loaded {
  readonly template: Template;
  readonly file: string;
  readonly modified: number;
}

const missing: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "EISDIR", "ENAMETOOLONG"]);
const escaped = /\.(?:html|htm|xml|xhtml|svg)$/i;

/** Reads templates, and keeps them. */
export class TemplateLoader {
  readonly #settings: TemplateSettings;
  readonly #loaded = new Map<string, Loaded>();

  constructor(settings: TemplateSettings) {
    this.#settings = settings;
  }

  /**
   * The first template of these names that there is. It is a promise only if a file must be read.
   *
   * @throws {TemplateNotFound} If there is none.
   */
  load(names: readonly string[]): Template | Promise<Template> {
    const [first = ""] = names;
    const kept = this.#settings.autoReload ? undefined : this.#loaded.get(first)?.template;
    return kept ?? this.#find(names);
  }

  async #find(names: readonly string[]): Promise<Template> {
    for (const name of names) {
      const kept = this.#loaded.get(name);
      if (kept !== undefined && (!this.#settings.autoReload || (await isCurrent(kept)))) return kept.template;
      const loaded = await this.#read(name);
      if (loaded === undefined) continue;
      this.#loaded.set(name, loaded);
      return loaded.template;
    }
    throw this.#notFound(names);
  }

  async #read(name: string): Promise<Loaded | undefined> {
    if (!isSafe(name)) return undefined;
    for (const folder of this.#settings.folders) {
      const loaded = await readTemplate(name, join(folder, name));
      if (loaded !== undefined) return loaded;
    }
    return undefined;
  }

  #notFound(names: readonly string[]): TemplateNotFound {
    const quoted = names.map((name) => `'${name}'`).join(" or ");
    const reason = names.every(isSafe)
      ? `no folder of templates has it: searched ${this.#settings.folders.join(", ") || "none"}`
      : "its name must be a path within the folder, with '/' between its parts";
    return new TemplateNotFound(`Cannot find template ${quoted} as ${reason}`, names.join(", "));
  }
}

/** Whether a name stays in its folder, on every system. */
function isSafe(name: string): boolean {
  if (/[\0\\]/.test(name) || (process.platform === "win32" && name.includes(":"))) return false;
  return name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

async function readTemplate(name: string, file: string): Promise<Loaded | undefined> {
  try {
    const { mtimeMs } = await stat(file);
    const source = await readFile(file, "utf8");
    const tree = parseTemplate(source, name);
    return { template: { name, tree, autoescape: escaped.test(name) }, file, modified: mtimeMs };
  } catch (error) {
    if (missing.has(codeOf(error))) return undefined;
    throw error;
  }
}

async function isCurrent({ file, modified }: Loaded): Promise<boolean> {
  try {
    return (await stat(file)).mtimeMs === modified;
  } catch {
    // It is gone: another folder may have it.
    return false;
  }
}
