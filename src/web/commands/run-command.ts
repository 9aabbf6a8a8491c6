import { type Command, CommandError, CommandUsageError } from "./command.ts";
import { CommandGroup } from "./command-group.ts";
import { commandHelp, groupHelp } from "./command-help.ts";
import { readArguments } from "./read-arguments.ts";

/** How a command is run. */
export interface CommandRunning {
  /** The words before the command on the command line, for its help. */
  readonly program: string;
  /** Calls the function of the command. */
  readonly call: (fn: () => number | void | PromiseLike<number | void>) => Promise<number | void>;
}

/**
 * Runs the command that `argv` names. Wrong use is answered on standard error.
 *
 * @returns The exit code: 2 after wrong use, that of a {@link CommandError}, else the number that the command returns, or 0.
 * @throws The error that the command throws, except a {@link CommandError}.
 */
export async function runCommand(
  commands: CommandGroup,
  argv: readonly string[],
  running: CommandRunning,
): Promise<number> {
  let names = running.program;
  try {
    const { command, path, args } = findCommand(commands, argv);
    names = [running.program, ...path].join(" ");
    if (command instanceof CommandGroup) return print(groupHelp(names, command));
    const call = readArguments(command.settings, args);
    if (call === undefined) return print(commandHelp(names, command));
    return checkCode((await running.call(() => command.fn(call.options as never, call.args))) ?? 0);
  } catch (error) {
    if (error instanceof CommandError) return complain(error.message, error.exitCode);
    if (!(error instanceof CommandUsageError)) throw error;
    return complain(`${names}: ${error.message}\nTry '${names} --help'.`, 2);
  }
}

interface FoundCommand {
  readonly command: Command | CommandGroup;
  readonly path: readonly string[];
  readonly args: readonly string[];
}

function findCommand(commands: CommandGroup, argv: readonly string[]): FoundCommand {
  let command: Command | CommandGroup = commands;
  const path: string[] = [];
  for (const [index, name] of argv.entries()) {
    if (name === "--help" || name === "-h") break;
    const next: Command | CommandGroup | undefined = command.find(name);
    if (next === undefined) throw new CommandUsageError(`there is no command '${[...path, name].join(" ")}'`);
    path.push(name);
    if (!(next instanceof CommandGroup)) return { command: next, path, args: argv.slice(index + 1) };
    command = next;
  }
  return { command, path, args: [] };
}

function checkCode(code: number): number {
  return Number.isInteger(code) && code >= 0 && code <= 255 ? code : 1;
}

function print(text: string): number {
  console.log(text);
  return 0;
}

function complain(text: string, code: number): number {
  console.error(text);
  return code;
}
