import { inspect } from "node:util";
import { UsageError } from "../errors.ts";
import { kinds } from "./kinds.ts";
import type { OptionEntry, OptionValue } from "./option-table.ts";
import { flagOf, keyOf, variableOf } from "./option-names.ts";

/** Where the value of an option was found. */
export type Origin =
  /** On the command line. */
  | { readonly source: "flag" }
  /** In an environment variable. */
  | { readonly source: "variable" }
  /** In a TOML file, on this line, counted from 1, if it is known. */
  | { readonly source: "file"; readonly file: string; readonly line: number | undefined };

/** The value that one source has for an option. */
export interface Setting {
  readonly name: string;
  readonly value: OptionValue;
  readonly origin: Origin;
}

/** A value as it was found, of one option. */
export interface Found {
  readonly name: string;
  readonly entry: OptionEntry;
  /** A text; of a TOML file any value. */
  readonly raw: unknown;
  readonly origin: Origin;
}

/**
 * Reads a value that was found.
 *
 * @throws {UsageError} If it is not one that the option can have.
 */
export function readSetting(found: Found): Setting {
  const { name, entry, raw, origin } = found;
  const kind = kinds[entry.kind];
  const value = origin.source === "file" ? kind.fromToml(raw, entry) : kind.fromText(String(raw), entry);
  if (value === "") throw refusal(found, (option) => `the value of ${option} is empty`);
  if (value === undefined) {
    const rule = `must be ${kind.expected(entry)}: current value is ${describe(raw)}`;
    throw refusal(found, (option) => `the value of ${option} ${rule}`);
  }
  const reason = Object.entries(entry.refused ?? {}).find(([text]) => text === value)?.[1];
  if (reason !== undefined) throw refusal(found, () => `${reason} in ${assignment(found)}`);
  return { name, value, origin };
}

/** The error for a value. `say` makes its text from the option's spelling; the place in a file comes before it. */
export function refusal({ name, origin }: Pick<Found, "name" | "origin">, say: (option: string) => string): UsageError {
  return new UsageError(`${placeOf(origin)}${say(spellingOf(name, origin))}`);
}

/** How an option is called where its value was found: `'--port'`, `POTTLE_PORT`, `'port'`. */
export function spellingOf(name: string, { source }: Origin): string {
  if (source === "variable") return variableOf(name);
  return `'${source === "flag" ? flagOf(name) : keyOf(name)}'`;
}

/** Where a value comes from: `--port`, `POTTLE_PORT`, `pottle.toml:3`; `default` if it was found nowhere. */
export function describeOrigin(name: string, origin: Origin | undefined): string {
  if (origin === undefined) return "default";
  if (origin.source === "flag") return flagOf(name);
  return origin.source === "variable" ? variableOf(name) : lineOf(origin);
}

/** The place of a value in a file, as messages begin with it: `pottle.toml:3: `. */
function placeOf(origin: Origin): string {
  return origin.source === "file" ? `${lineOf(origin)}: ` : "";
}

function lineOf({ file, line }: Origin & { readonly source: "file" }): string {
  return line === undefined ? file : `${file}:${line}`;
}

function assignment({ name, raw, origin }: Found): string {
  if (origin.source === "flag") return `'${flagOf(name)} ${String(raw)}'`;
  return origin.source === "variable"
    ? `${variableOf(name)}=${String(raw)}`
    : `'${keyOf(name)} = ${JSON.stringify(raw)}'`;
}

/** A value on one line; a text in quotes, and not at any length. */
function describe(raw: unknown): string {
  if (raw instanceof Date) return `the date ${raw.toISOString()}`;
  return inspect(raw, { depth: 1, breakLength: Infinity, maxArrayLength: 10, maxStringLength: 100 });
}
