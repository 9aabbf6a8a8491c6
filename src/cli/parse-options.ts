// Node's own parser: it is kept by Node, has no dependencies, and refuses what it does not know.

import { parseArgs, type ParseArgsConfig } from "node:util";
import { UsageError } from "./errors.ts";

/** The options that a command has, as `parseArgs` of `node:util` takes them. */
export type OptionsConfig = NonNullable<ParseArgsConfig["options"]>;

/** The options and the other arguments of a command line. */
export type ParsedOptions<Config extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Config; allowPositionals: true; strict: true }>
>;

/** How arguments are parsed. */
export interface ParseRules {
  /** Whether `--no-debug` turns the boolean option `--debug` off. @default false */
  readonly allowNegative?: boolean;
}

/**
 * Parses the arguments of a command.
 *
 * @throws {UsageError} If there is an option that is not in `options`, or one without its value.
 */
export function parseOptions<const Config extends OptionsConfig>(
  args: readonly string[],
  options: Config,
  { allowNegative = false }: ParseRules = {},
): ParsedOptions<Config> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true, allowNegative });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Only its first sentence is about the mistake; the rest is about arguments that begin with a dash.
    throw new UsageError(error.message.split(/\.\s/)[0]!.replace(/^U/, "u").replace(/^O/, "o"), { cause: error });
  }
}
