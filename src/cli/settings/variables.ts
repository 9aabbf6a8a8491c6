import { nearestName } from "./nearest-name.ts";
import type { OptionTable } from "./option-table.ts";
import { variableOf, variablePrefix } from "./option-names.ts";
import { readSetting, type Setting } from "./setting.ts";

/** The variable that names a TOML file. */
export const configVariable = "POTTLE_CONFIG";

/** Variables of Pottle that are not options of this command. */
const otherVariables: ReadonlySet<string> = new Set([
  configVariable,
  "POTTLE_LOG_LEVEL",
  "POTTLE_RELOADED",
  "POTTLE_REPL_HISTORY",
  "POTTLE_STARTUP",
  "POTTLE_WORKER",
  "POTTLE_WORKER_PORT",
]);

const origin = { source: "variable" } as const;

/**
 * Reads the options of `table` from environment variables. An empty variable counts as one that is not set.
 *
 * @throws {UsageError} If a value is not one that its option can have.
 */
export function readVariables(env: NodeJS.ProcessEnv, table: OptionTable): Setting[] {
  return Object.entries(table).flatMap(([name, entry]) => {
    const raw = env[variableOf(name)] ?? "";
    return raw === "" ? [] : [readSetting({ name, entry, raw, origin })];
  });
}

/**
 * Names the option that was probably meant by each variable that is not an option, but is spelled nearly like one. That is
 * not an error: the environment belongs to all programs that run in it, and a name with this prefix may belong to the
 * application, or to another version of Pottle.
 */
export function misspelledVariables(env: NodeJS.ProcessEnv, table: OptionTable): string[] {
  const known = Object.keys(table).map(variableOf);
  const words = [...known, configVariable].map((variable) => variable.slice(variablePrefix.length));
  return Object.keys(env).flatMap((variable) => {
    if (!variable.startsWith(variablePrefix) || known.includes(variable) || otherVariables.has(variable)) return [];
    const meant = nearestName(variable.slice(variablePrefix.length), words);
    if (meant === undefined) return [];
    return [`the environment variable ${variable} is ignored: did you mean ${variablePrefix}${meant}?`];
  });
}
