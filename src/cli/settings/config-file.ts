// Reads a TOML file. It is loaded only when there is one.

import { inspect } from "node:util";
import { parse, TomlError } from "smol-toml";
import { UsageError } from "../errors.ts";
import { nearestName } from "./nearest-name.ts";
import type { OptionTable } from "./option-table.ts";
import { keyOf } from "./option-names.ts";
import { readSetting, type Setting } from "./setting.ts";

/**
 * Reads the options of `table` from the text of a TOML file.
 *
 * @param file - The file as messages name it.
 * @throws {UsageError} If the text is not TOML, or has a key that is not an option, or a value that its option cannot have.
 */
export function readConfigText(text: string, file: string, table: OptionTable): Setting[] {
  const names = new Map(Object.keys(table).map((name) => [keyOf(name), name]));
  return Object.entries(parseToml(text, file)).map(([key, raw]) => {
    const line = findLine(text, key);
    const name = names.get(key);
    const place = line === undefined ? file : `${file}:${line}`;
    if (isTable(raw))
      throw new UsageError(
        `${place}: ${inspect(key)} is a table, and options are not in tables: write them at the top of the file`,
      );
    if (name === undefined) throw new UsageError(`${place}: ${explainKey(key, [...names.keys()])}`);
    return readSetting({ name, entry: table[name]!, raw, origin: { source: "file", file, line } });
  });
}

function parseToml(text: string, file: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    throw new UsageError(`${file}:${line}:${column}: ${explainSyntax(error, text)}`, { cause: error });
  }
}

// The parser's message has the reason on its first line, and the source below it.
function explainSyntax({ message, line }: TomlError, text: string): string {
  const source = text.split(/\r?\n/)[line - 1] ?? "";
  const [, key, value] = /^\s*([\w-]+)\s*=\s*([^\s"'#]+)/.exec(source) ?? [];
  if (key !== undefined && message.includes("redefine")) return `the option '${key}' is given twice`;
  const reason = message.split("\n")[0]!.replace(/^Invalid TOML document: /, "");
  const isUnquoted = value !== undefined && /^(?:\d[\d.]*[A-Za-z]+|infinity)$/.test(value);
  return isUnquoted ? `a value with a unit is a text: write '${key} = "${value}"'` : `not valid TOML: ${reason}`;
}

function explainKey(key: string, keys: readonly string[]): string {
  // drainTimeout, drain-timeout, --drain-timeout and POTTLE_DRAIN_TIMEOUT are all the same.
  const words = /[a-z]/.test(key) ? keyOf(key) : key.toLowerCase();
  const spelled = words.replaceAll("-", "_").replace(/^_+|^pottle_/, "");
  if (keys.includes(spelled)) return `the option ${inspect(key)} is written '${spelled}' in a file`;
  const meant = nearestName(spelled, keys);
  return `there is no option ${inspect(key)}${meant === undefined ? "" : `: did you mean '${meant}'?`}`;
}

/** The line on which a key is set, counted from 1; `undefined` if it is not certain, as the parser does not give it. */
function findLine(text: string, key: string): number | undefined {
  const lines = text.split(/\r?\n/).flatMap((line, index) => (keyOn(line) === key ? [index + 1] : []));
  return lines.length === 1 ? lines[0] : undefined;
}

/** The first part of the key, or of the table's name, with which a line begins. */
function keyOn(line: string): string | undefined {
  const [, double, single, bare] = /^\s*(?:\[+\s*)?(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*[.=\]]/.exec(line) ?? [];
  return double ?? single ?? bare;
}

/** Whether a value is a table, or an array of tables. */
function isTable(raw: unknown): boolean {
  if (Array.isArray(raw)) return raw.some(isTable);
  return typeof raw === "object" && raw !== null && !(raw instanceof Date);
}
