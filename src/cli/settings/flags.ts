import { UsageError } from "../errors.ts";
import { type OptionsConfig, parseOptions } from "../parse-options.ts";
import { nearestName } from "./nearest-name.ts";
import type { OptionEntry, OptionTable } from "./option-table.ts";
import { flagOf } from "./option-names.ts";
import { readSetting, type Setting } from "./setting.ts";

/** The contents of a command line. */
export interface CommandLine {
  readonly positionals: readonly string[];
  /** The values of options. */
  readonly settings: readonly Setting[];
  /** The arguments that `settings` were read from, each `--name=value`, without those of the options that were left out. */
  argumentsWithout(names: readonly string[]): string[];
  /** The TOML file that `--config` names. */
  readonly config: string | undefined;
  readonly printConfig: boolean;
  readonly help: boolean;
}

// Options that are not settings, and so are not in the table.
const ownOptions = {
  config: { type: "string", short: "c", multiple: true },
  "print-config": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const satisfies OptionsConfig;

const origin = { source: "flag" } as const;

/**
 * Reads the arguments of a command that has the options of `table`.
 *
 * @throws {UsageError} If there is an unknown option, one without its value, one that is given twice, or a wrong value.
 */
export function readFlags(args: readonly string[], table: OptionTable): CommandLine {
  const { values, positionals } = parse(args, table);
  const given = findGiven(values, table);
  const config = values["config"] as readonly string[] | undefined;
  if (config !== undefined) requireOne("--config", config);
  if (config?.[0] === "") throw new UsageError("the value of '--config' is empty");
  return {
    positionals,
    settings: given.map(readGiven),
    argumentsWithout: (names) => [
      ...given
        .filter(({ name }) => !names.includes(name))
        .flatMap(({ name, texts }) => argumentsOf(flagOf(name), texts)),
      ...(config === undefined ? [] : argumentsOf("--config", config)),
    ],
    config: config?.[0],
    printConfig: values["print-config"] === true,
    help: values["help"] === true,
  };
}

/** An option on the command line, with its value there; of a flag, whether it is on. */
interface Given {
  readonly name: string;
  readonly entry: OptionEntry;
  readonly texts: readonly (string | boolean)[];
}

function findGiven(values: Parsed["values"], table: OptionTable): Given[] {
  return Object.entries(table).flatMap(([name, entry]) => {
    const flag = flagOf(name);
    const texts = values[wordOf(flag)] as Given["texts"] | undefined;
    if (texts === undefined) return [];
    if (entry.kind !== "list") requireOne(flag, texts);
    return [{ name, entry, texts }];
  });
}

function readGiven({ name, entry, texts }: Given): Setting {
  const [first] = texts;
  if (typeof first === "boolean") return { name, value: first, origin };
  return readSetting({ name, entry, raw: texts.join(","), origin });
}

/** The result of `parseArgs` for options of any name. */
interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

function parse(args: readonly string[], table: OptionTable): Parsed {
  const config: OptionsConfig = { ...ownOptions };
  for (const [name, { kind }] of Object.entries(table)) {
    config[wordOf(flagOf(name))] = { type: kind === "flag" ? "boolean" : "string", multiple: true };
  }
  try {
    return parseOptions(args, config, { allowNegative: true });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const meant = meantFlag(error.message, Object.keys(config));
    throw meant === undefined ? error : new UsageError(`${error.message}\nDid you mean '${meant}'?`, { cause: error });
  }
}

function meantFlag(message: string, words: readonly string[]): string | undefined {
  const [, word] = /^unknown option '--(?:no-)?([^']+)'$/.exec(message) ?? [];
  if (word === undefined) return undefined;
  // --drainTimeout and --drain_timeout differ in their spelling only.
  const meant = nearestName(wordOf(flagOf(word)).replaceAll("_", "-"), words);
  return meant === undefined ? undefined : `--${meant}`;
}

function requireOne(flag: string, texts: readonly (string | boolean)[]): void {
  if (texts.length === 1) return;
  const given = argumentsOf(flag, texts).map((argument) => `'${argument}'`);
  const times = given.length === 2 ? "twice" : `${given.length} times`;
  throw new UsageError(`the option '${flag}' is given ${times}: ${given.join(", ")}`);
}

function argumentsOf(flag: string, texts: readonly (string | boolean)[]): string[] {
  return texts.map((text) => {
    if (typeof text === "string") return `${flag}=${text}`;
    return text ? flag : `--no-${wordOf(flag)}`;
  });
}

function wordOf(flag: string): string {
  return flag.slice(2);
}
