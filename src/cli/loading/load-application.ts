import { statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isCancelled, waitPromise } from "../asyncio/index.ts";
import { isPottle, type Pottle } from "../web/index.ts";
import { LoadError } from "./errors.ts";

/** A module as `import()` gives it. */
type Module = Readonly<Record<string, unknown>>;

/**
 * Imports the application that `target` names: `app.ts` for the default export of a file, `app.ts:api` for its export
 * `api`.
 *
 * @throws {CancelledError} If it is cancelled; the import is left then.
 * @throws {LoadError} If there is no such file, importing it fails, or what it exports there is not an application.
 */
export async function loadApplication(target: string): Promise<Pottle> {
  const { file, name } = splitTarget(target);
  const module = await importFile(file);
  const app = module[name];
  if (isPottle(app)) return app;
  throw new LoadError(`Cannot run '${target}' as ${describe(name, app)}: ${describeExports(file, module)}`);
}

/** Takes `app.ts:api` apart. A colon before anything but a name belongs to the path, as in `C:\app.ts`. */
export function splitTarget(target: string): { file: string; name: string } {
  const [, file = target, name = "default"] = /^(.+):([\p{ID_Start}$_][\p{ID_Continue}$]*)$/u.exec(target) ?? [];
  return { file, name };
}

async function importFile(file: string): Promise<Module> {
  const path = resolve(file);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new LoadError(`Cannot run '${file}' as there is no such file: looked for ${path}`);
  }
  try {
    return await waitPromise(import(pathToFileURL(path).href) as Promise<Module>, { name: `the import of ${file}` });
  } catch (cause) {
    if (isCancelled(cause)) throw cause;
    throw new LoadError(`Cannot run '${file}' as importing it fails`, { cause });
  }
}

function describe(name: string, value: unknown): string {
  const what = name === "default" ? "its default export" : `its export '${name}'`;
  return value === undefined ? `${what} is missing` : `${what} is not a Pottle application`;
}

function describeExports(file: string, module: Module): string {
  const names = Object.keys(module);
  if (names.length === 0) return "it exports nothing";
  const list = names.map((name) => `${name} (${kindOf(module[name])})`).join(", ");
  const app = names.find((name) => isPottle(module[name]));
  return `it exports ${list}${app === undefined ? "" : `; try '${app === "default" ? file : `${file}:${app}`}'`}`;
}

function kindOf(value: unknown): string {
  if (isPottle(value)) return "an application";
  if (typeof value !== "object" || value === null) return typeof value === "object" ? "null" : typeof value;
  return value.constructor?.name ?? "object";
}
