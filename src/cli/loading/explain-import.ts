// Why a file cannot be imported, in the user's terms. Node's errors about modules name a file and no remedy, and their
// stacks are Node's own; what the user's code throws is shown with the user's frames.

import { existsSync, statSync } from "node:fs";
import { basename, extname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidStateError } from "../../asyncio/index.ts";
import { codeOf } from "../../base/error-code.ts";
import { describeThrown, hasUserFrame } from "../user-frames.ts";
import { findSyntaxPlace, readSyntaxPlace, type SyntaxPlace } from "./syntax-error.ts";

/** Makes a reason of the message of one of Node's errors; `undefined` if the message is not as expected. */
type Explanation = (message: string, file: string) => string | undefined;

const explanations: Readonly<Record<string, Explanation>> = {
  ERR_UNKNOWN_FILE_EXTENSION: explainExtension,
  ERR_IMPORT_ATTRIBUTE_MISSING: explainData,
  ERR_MODULE_NOT_FOUND: (message) => explainPackage(message) ?? explainMissing(message),
  ERR_UNSUPPORTED_DIR_IMPORT: explainFolder,
};

/**
 * Explains why importing `file` failed with `error`.
 *
 * @returns A reason for "Cannot run 'app.ts' as …": one line, two more for a syntax error, and the user's frames for an
 * error that the user's code threw.
 */
export async function explainImport(file: string, error: unknown): Promise<string> {
  if (!(error instanceof Error)) return `importing it throws ${describeThrown(error)}, which is not an Error`;
  const explained = explanations[codeOf(error) ?? ""]?.(error.message, resolve(file));
  return explained ?? (await explainSyntax(file, error)) ?? `importing it fails: ${describe(error)}`;
}

function describe(error: Error): string {
  if (hasUserFrame(error) || error.message === "" || error.cause !== undefined) {
    const text = describeThrown(error);
    return error instanceof InvalidStateError && error.message.startsWith("Cannot run a program as one is running")
      ? `${text}\nLet a file that 'pottle run' serves run itself only as a program: if (import.meta.main) await app.run();`
      : text;
  }
  return `${error.name}: ${error.message}`;
}

function explainExtension(message: string, file: string): string | undefined {
  const [, path] = /^Unknown file extension "[^"]*" for (.+)$/.exec(message) ?? [];
  if (path === undefined) return undefined;
  const remedy = /\.[jt]sx$/.test(path) ? "compile it to JavaScript first" : "name one that ends with .ts or .js";
  const reason = `Node does not run files that end with ${extname(path)}`;
  return path === file ? `${reason}: ${remedy}` : `it imports ${shorten(path)}, and ${reason}`;
}

function explainData(message: string, file: string): string | undefined {
  const [, url] = /^Module "(file:[^"]+)" needs an import attribute/.exec(message) ?? [];
  if (url === undefined) return undefined;
  const path = fileURLToPath(url);
  if (path === file) return "it is data, not a program: name the file that exports the application";
  return `${shorten(path)} is imported without its type: write 'with { type: "json" }' behind its name`;
}

function explainPackage(message: string): string | undefined {
  const [, name, importer] = /^Cannot find package '([^']+)' imported from (.+)$/.exec(message) ?? [];
  if (name === undefined || name.startsWith("/")) return undefined;
  return `${shorten(importer!)} imports the package '${name}', which is not installed: run "npm install ${name}"`;
}

function explainMissing(message: string): string | undefined {
  const [, path, importer] = /^Cannot find (?:module|package) '([^']+)' imported from (.+)$/.exec(message) ?? [];
  if (path === undefined) return undefined;
  const similar = [`${path}.ts`, `${path}.js`, path.replace(/\.([mc]?)js$/, ".$1ts")].find((each) => existsSync(each));
  const remedy = similar === undefined ? `looked for ${path}` : `its name is ${basename(similar)}`;
  return `${shorten(importer!)} imports ${shorten(path)}, which does not exist: ${remedy}`;
}

function explainFolder(message: string): string | undefined {
  const [, path, importer] = /^Directory import '([^']+)' is not supported .* imported from (.+)$/.exec(message) ?? [];
  if (path === undefined) return undefined;
  return `${shorten(importer!)} imports the directory ${shorten(path)}: name a file in it, such as ${shorten(path)}/index.ts`;
}

async function explainSyntax(file: string, error: Error): Promise<string | undefined> {
  if (!(error instanceof SyntaxError)) return undefined;
  const place = readSyntaxPlace(error) ?? (hasUserFrame(error) ? undefined : await findSyntaxPlace(resolve(file)));
  return place && `${shorten(place.path)}:${place.line}:${place.column} ${describeSyntax(error)}\n${mark(place)}`;
}

function describeSyntax({ message }: Error): string {
  const [, module, name] = /^The requested module '(.+)' does not provide an export named '(.+)'$/.exec(message) ?? [];
  if (name !== undefined) return `imports '${name}', which '${module}' does not export`;
  return `has a syntax error: ${message}${remedyOf(message)}`;
}

function remedyOf(message: string): string {
  if (message.endsWith(" is not supported in strip-only mode"))
    return ": Node only removes types, so write it in JavaScript";
  // `npm init` writes a `type` into package.json by which the files are CommonJS.
  return message === "Cannot use import statement outside a module" ? `: run "npm pkg set type=module"` : "";
}

function mark({ text, column }: SyntaxPlace): string {
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, " ");
  return `    ${text}\n    ${indent}^`;
}

/** A path as the user would write it: relative to the current folder, if it is inside. */
export function shorten(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") ? path : short;
}

/** The reason why a path is not a file; `undefined` if it is one. */
export function explainPath(file: string): string | undefined {
  const path = resolve(file);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return `there is no such file: looked for ${path}`;
  if (stats.isDirectory()) return `it is a directory: name a file in it, such as ${shorten(resolve(path, "app.ts"))}`;
  return stats.isFile() ? undefined : `it is not a file: looked for ${path}`;
}
