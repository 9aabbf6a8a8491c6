import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { type CommandOption, CommandUsageError, type CommandSettings } from "./command.ts";

/** What a command is called with; `undefined` if its help is asked for. */
export interface CommandCall {
  readonly options: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
}

/**
 * Reads the arguments of a command.
 *
 * @throws {CommandUsageError} If they cannot be understood.
 */
export function readArguments(settings: CommandSettings, argv: readonly string[]): CommandCall | undefined {
  const { values, positionals } = parse(settings, argv);
  if (values["help"] === true) return undefined;
  const options: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(settings.options ?? {})) {
    Object.defineProperty(options, name, { value: valueOf(name, entry, values[name]), enumerable: true });
  }
  checkCount(settings.arguments ?? [], positionals);
  return { options, args: positionals };
}

function parse({ options = {} }: CommandSettings, argv: readonly string[]): ReturnType<typeof parseArgs> {
  const config: ParseArgsOptionsConfig = { help: { type: "boolean", short: "h" } };
  for (const [name, { type, short }] of Object.entries(options)) {
    const kind = type === "boolean" ? "boolean" : "string";
    Object.defineProperty(config, name, { value: { type: kind, ...(short && { short }) }, enumerable: true });
  }
  try {
    return parseArgs({ args: [...argv], options: config, allowPositionals: true, strict: true, allowNegative: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The rest is about arguments that begin with a dash.
    const reason = error.message.split(/\.\s/)[0] ?? "";
    throw new CommandUsageError(reason.charAt(0).toLowerCase() + reason.slice(1), { cause: error });
  }
}

function valueOf(name: string, { type, default: usual, required = false }: CommandOption, given: unknown): unknown {
  if (given === undefined) {
    if (required && usual === undefined) throw new CommandUsageError(`the option --${name} is missing`);
    return usual ?? (type === "boolean" ? false : undefined);
  }
  if (type !== "number" || typeof given !== "string") return given;
  const value = given.trim() === "" ? NaN : Number(given);
  if (Number.isFinite(value)) return value;
  throw new CommandUsageError(`--${name} must be a number, not '${given}'`);
}

function checkCount(names: readonly string[], given: readonly string[]): void {
  const missing = names.find((name, index) => /[\w-]$/.test(name) && index >= given.length);
  if (missing !== undefined) throw new CommandUsageError(`the argument ${missing.toUpperCase()} is missing`);
  if (given.length <= names.length || names.at(-1)?.endsWith("...") === true) return;
  throw new CommandUsageError(`there is no argument for '${given.slice(names.length).join(" ")}'`);
}
