import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname } from "node:path";
import { codeOf } from "../../base/error-code.ts";
import { ConfigError } from "./config-error.ts";
import { isTable, type Table } from "./own-properties.ts";

/** Makes a table of the text of a file. */
export type FileParser = (text: string) => unknown;

/** How a file is read. */
export interface FileOptions {
  /**
   * Makes an object of its text.
   * @default by the file's name: `.toml` as TOML, `.json` as JSON
   */
  readonly load?: FileParser;
  /**
   * Whether a file that does not exist is passed over.
   * @default false
   */
  readonly silent?: boolean;
}

/**
 * Reads the text of a file; `undefined` if there is none and `silent` is true.
 *
 * @throws {ConfigError} If it cannot be read.
 */
export function readText(path: string, silent: boolean): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = codeOf(cause);
    if (silent && (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR")) return undefined;
    const reason = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code ?? "unknown error"})`;
    throw new ConfigError(`Cannot read the configuration from '${path}' as ${reason}`, { cause });
  }
}

/**
 * Makes a table of the text of a file.
 *
 * @throws {ConfigError} If the parser does not know the file's kind, its text is not as it must be, or not a table.
 */
export function parseFile(path: string, text: string, load: FileParser | undefined): Table {
  const parse = load ?? parserFor(path);
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    // Messages of parsers show the line, which may hold a secret. Its place is enough.
    throw new ConfigError(
      `Cannot read the configuration from '${path}'${placeOf(cause, text)} as its text is not valid`,
    );
  }
  if (isTable(value)) return value;
  throw new ConfigError(`Cannot read the configuration from '${path}' as it holds no names with values`);
}

function parserFor(path: string): FileParser {
  const ending = extname(path);
  if (ending === ".json") return JSON.parse;
  if (ending === ".toml") return (text) => loadToml().parse(text);
  throw new ConfigError(
    `Cannot read the configuration from '${path}' as only .toml and .json are known: give a function as 'load'`,
  );
}

// Loaded when a file is TOML only. Configuration is read while modules are loaded, and without waiting.
function loadToml(): { parse(text: string): unknown } {
  return createRequire(import.meta.url)("smol-toml") as { parse(text: string): unknown };
}

function placeOf(error: unknown, text: string): string {
  const { line, message = "" } = error as { line?: unknown; message?: string };
  if (typeof line === "number") return `, line ${line},`;
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  return position === undefined ? "" : `, line ${text.slice(0, Number(position)).split("\n").length},`;
}
