import { ConfigError } from "./config-error.ts";
import { getOwn, isTable, setOwn, type Table } from "./own-properties.ts";
import { valueOf, type ValueParser } from "./parse-value.ts";

/** Variables by name, as of `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Puts the variables whose names begin with `prefix` into a table, in the order of their names. Two underscores in a row
 * lead into a table within.
 *
 * @throws {ConfigError} If a name leads into a value that is not a table.
 */
export function readVariables(into: Table, variables: Variables, prefix: string, loads: ValueParser): void {
  for (const name of Object.keys(variables).toSorted()) {
    const text = variables[name];
    if (text === undefined || !name.startsWith(prefix) || name === prefix) continue;
    setNested(into, name, name.slice(prefix.length).split("__"), valueOf(text, loads));
  }
}

function setNested(table: Table, variable: string, path: readonly string[], value: unknown): void {
  let current = table;
  for (const part of path.slice(0, -1)) {
    let next = getOwn(current, part);
    if (next === undefined) {
      next = {};
      setOwn(current, part, next);
    }
    if (!isTable(next)) {
      throw new ConfigError(
        `Cannot use the variable ${variable} as '${part}' is set already, to a value without parts`,
      );
    }
    current = next;
  }
  setOwn(current, path.at(-1) ?? "", value);
}
