/** An option of a command. */
export interface CommandOption {
  /** Whether it is a flag, a text or a number. */
  readonly type: "boolean" | "string" | "number";
  /** One letter for it: `d` for `-d`. */
  readonly short?: string;
  /** A line for the help. */
  readonly description?: string;
  /** The value if it is not given. */
  readonly default?: boolean | string | number;
  /** Whether it must be given. @default false */
  readonly required?: boolean;
}

/** No options. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- a command without options has none
export type NoOptions = Record<never, never>;

/** The options of a command by their names. */
export type CommandOptions = Readonly<Record<string, CommandOption>>;

interface ValueTypes {
  readonly boolean: boolean;
  readonly string: string;
  readonly number: number;
}

type ValueOf<Option extends CommandOption> = Option extends
  | { readonly default: boolean | string | number }
  | { readonly required: true }
  | { readonly type: "boolean" }
  ? ValueTypes[Option["type"]]
  : ValueTypes[Option["type"]] | undefined;

/** The values of options by their names. A flag that is not given is `false`. */
export type CommandValues<Options extends CommandOptions> = {
  readonly [Name in keyof Options]: ValueOf<Options[Name]>;
};

/** What is said of a command besides its name. */
export interface CommandSettings<Options extends CommandOptions = CommandOptions> {
  /** A line for the help. */
  readonly description?: string;
  /** Its options. */
  readonly options?: Options;
  /**
   * The names of its other arguments, for the help: `name`; `name?` may be left out, and of `name...`, the last, there may
   * be several or none.
   * @default none
   */
  readonly arguments?: readonly string[];
}

/** The function of a command. A number that it returns is the exit code. */
export type CommandFunction<Options extends CommandOptions = CommandOptions> = (
  options: CommandValues<Options>,
  args: readonly string[],
) => number | void | PromiseLike<number | void>;

/** @internal A command, whatever its options. */
export interface Command {
  readonly settings: CommandSettings;
  readonly fn: CommandFunction<never>;
}

/** Ends a command with a message and an exit code, and without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** The exit code. */
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? 1;
  }
}

/** @internal A command line that cannot be understood. */
export class CommandUsageError extends Error {
  override readonly name = "CommandUsageError";
}
