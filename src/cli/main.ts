import { readFileSync } from "node:fs";
import { UsageError } from "./errors.ts";

/** A command: takes the arguments after its name, returns the exit code. */
export type Command = (args: readonly string[]) => number | Promise<number>;

// Each is loaded when it is called: `run` needs no parser of JavaScript, `repl` no server.
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./run.ts")).run,
  repl: async () => (await import("./repl.ts")).repl,
  ps: async () => (await import("./ps.ts")).ps,
  pstree: async () => (await import("./pstree.ts")).pstree,
  openapi: async () => (await import("./openapi.ts")).openapi,
  routes: async () => (await import("./application/routes.ts")).routes,
  tasks: async () => (await import("./application/tasks.ts")).tasks,
  shell: async () => (await import("./application/shell.ts")).shell,
  new: async () => (await import("./new/new.ts")).newApplication,
};

const help = `Usage: pottle <command> [options]

Commands:
  run FILE[:name]   serve the application that a file exports
  repl              an interactive prompt with top-level await and asyncio
  ps [PID]          the processes that run Pottle, or the tasks of one
  pstree PID        the tree of tasks of a running process
  openapi FILE      the OpenAPI document of an application
  new NAME          make an application with a test and a Dockerfile
  routes FILE       the routes of an application
  tasks FILE        the periodic tasks of an application, and when they run
  shell FILE        the prompt in the context of an application

An application's own commands:
  FILE[:name] COMMAND   run one, as 'pottle app.ts init-db'; FILE alone lists them

Options:
  -h, --help        this text, or that of a command
  -V, --version     the version of Pottle`;

/**
 * The `pottle` command: runs the command that `argv` names, and ends the process with its exit code. Wrong use is
 * answered on standard error, with exit code 2.
 *
 * @param argv - The arguments after the program's name on the command line.
 */
export default async function main(argv: readonly string[]): Promise<void> {
  const code = await dispatch(argv);
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  // Leftovers of a program, such as a timer or a socket without an owner, must not hold the process open.
  process.exit(code);
}

/** Waits until all output is written, or its reader is gone: a full pipe takes the rest later. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once("error", () => resolve());
    stream.write("", () => resolve());
  });
}

async function dispatch([name, ...args]: readonly string[]): Promise<number> {
  if (name === "--version" || name === "-V") return print(readVersion());
  if (name === "--help" || name === "-h") return print(help);
  if (name === undefined) return refuse(help);
  const load = commandOf(name);
  if (load === undefined)
    return refuse(`pottle: unknown ${name.startsWith("-") ? "option" : "command"} '${name}'\nTry 'pottle --help'.`);
  try {
    return await (
      await load()
    )(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return refuse(`pottle ${name}: ${error.message}\nTry 'pottle ${name} --help'.`);
  }
}

function commandOf(name: string): (() => Promise<Command>) | undefined {
  if (Object.hasOwn(commands, name)) return commands[name];
  if (!/\.[cm]?[jt]s(?::[\p{ID_Start}$_][\p{ID_Continue}$]*)?$/u.test(name)) return undefined;
  return async () => {
    const { runAppCommand } = await import("./application/app-command.ts");
    return (args) => runAppCommand(name, args);
  };
}

function print(text: string): number {
  console.log(text);
  return 0;
}

function refuse(text: string): number {
  console.error(text);
  return 2;
}

function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return manifest.version;
}
