import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { codeOf } from "../../base/error-code.ts";
import { UsageError } from "../errors.ts";
import { configVariable } from "./variables.ts";

/** The file that is read if it is in the folder of the application. */
const usualName = "pottle.toml";

/** The TOML file of a run. */
export interface ConfigFile {
  /** The path, even if the file does not exist. */
  readonly path: string;
  /** The path as messages name it: relative to the current folder, if it is inside. */
  readonly shown: string;
  /** The contents; `undefined` if there is no file. */
  readonly text: string | undefined;
}

/** The inputs that decide which file is read. */
export interface ConfigSearch {
  /** The file that `--config` names. */
  readonly flag: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** The file of the application. */
  readonly application: string;
}

/**
 * Reads the file that `--config` names, else the one that `POTTLE_CONFIG` names, else `pottle.toml` in the folder of
 * the application, which need not exist.
 *
 * @throws {UsageError} If the file cannot be read.
 */
export function findConfigFile({ flag, env, application }: ConfigSearch): ConfigFile {
  const variable = env[configVariable] ?? "";
  const named = flag ?? (variable === "" ? undefined : variable);
  const path = resolve(named ?? join(dirname(resolve(application)), usualName));
  const shown = shorten(path);
  try {
    return { path, shown, text: readFileSync(path, "utf8") };
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" && named === undefined) return { path, shown, text: undefined };
    const by = named === undefined ? "" : ` that ${flag === undefined ? configVariable : "'--config'"} names`;
    throw new UsageError(`cannot read the file ${shown}${by}: ${explain(code, error)}`, { cause: error });
  }
}

function explain(code: unknown, error: unknown): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EISDIR") return "it is a directory";
  if (code === "EACCES" || code === "EPERM") return "this process may not read it";
  return String(error);
}

function shorten(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") || isAbsolute(short) ? path : short;
}
