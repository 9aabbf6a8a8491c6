import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isCancelled, waitPromise } from "../../asyncio/index.ts";
import { isPottle, type Pottle } from "../../web/index.ts";
import { LoadError } from "../errors.ts";
import { describeThrown } from "../user-frames.ts";
import { explainImport, explainPath } from "./explain-import.ts";

/** A module as `import()` gives it. */
type Module = Readonly<Record<string, unknown>>;

/** A function that makes an application. */
type Factory = () => unknown;

/**
 * Imports the application that `target` names: `app.ts` for the default export of a file, `app.ts:api` for its export
 * `api`. An export that is a function is called, and its result awaited.
 *
 * @throws {CancelledError} If it is cancelled; a pending import is left then.
 * @throws {LoadError} If there is no such file, importing it fails, or the export is neither an application nor a function
 * that makes one.
 */
export async function loadApplication(target: string): Promise<Pottle> {
  const { file, name } = splitTarget(target);
  const module = await importFile(file);
  const value = module[name];
  if (isPottle(value)) return value;
  if (isFactory(value)) return await callFactory(target, name, value);
  throw new LoadError(`Cannot run '${target}' as ${describe(name, value)}: ${describeExports(file, module)}`);
}

/** Takes `app.ts:api` apart. A colon before anything but a name belongs to the path, as in `C:\app.ts`. */
export function splitTarget(target: string): { file: string; name: string } {
  const [, file = target, name = "default"] = /^(.+):([\p{ID_Start}$_][\p{ID_Continue}$]*)$/u.exec(target) ?? [];
  return { file, name };
}

async function importFile(file: string): Promise<Module> {
  const wrong = explainPath(file);
  if (wrong !== undefined) throw new LoadError(`Cannot run '${file}' as ${wrong}`);
  try {
    const url = pathToFileURL(resolve(file)).href;
    return await waitPromise(import(url) as Promise<Module>, { name: `the import of ${file}` });
  } catch (cause) {
    if (isCancelled(cause)) throw cause;
    throw new LoadError(`Cannot run '${file}' as ${await explainImport(file, cause)}`, { cause });
  }
}

function isFactory(value: unknown): value is Factory {
  return typeof value === "function" && !isClass(value);
}

function isClass(value: unknown): boolean {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

// Not in a task of its own: resources that the function opens belong to the whole run.
async function callFactory(target: string, name: string, factory: Factory): Promise<Pottle> {
  const which = name === "default" ? "its default export" : `its export '${name}'`;
  let made: unknown;
  try {
    made = await factory();
  } catch (cause) {
    if (isCancelled(cause)) throw cause;
    throw new LoadError(`Cannot run '${target}' as calling ${which} fails: ${describeThrown(cause)}`, { cause });
  }
  if (isPottle(made)) return made;
  throw new LoadError(
    `Cannot run '${target}' as ${which} is a function that returns ${kindOf(made)}: it must return a Pottle application`,
  );
}

function describe(name: string, value: unknown): string {
  const what = name === "default" ? "its default export" : `its export '${name}'`;
  return value === undefined ? `${what} is missing` : `${what} is not a Pottle application`;
}

function describeExports(file: string, module: Module): string {
  const names = Object.keys(module);
  if (names.length === 0) return "it exports nothing";
  const list = names.map((name) => `${name} (${kindOf(module[name])})`).join(", ");
  const app = names.find((name) => isPottle(module[name])) ?? names.find((name) => isNamedAsFactory(name, module));
  return `it exports ${list}${app === undefined ? "" : `; try '${app === "default" ? file : `${file}:${app}`}'`}`;
}

function isNamedAsFactory(name: string, module: Module): boolean {
  return /^(?:create|make|build)_?app/i.test(name) && isFactory(module[name]);
}

function kindOf(value: unknown): string {
  if (isPottle(value)) return "an application";
  if (isClass(value)) return "class";
  if (typeof value !== "object" || value === null) return typeof value === "object" ? "null" : typeof value;
  return value.constructor?.name ?? "object";
}
