import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { basename } from "node:path";
import { currentScope, outside, type Resource, throwPending } from "../core/index.ts";
import { requireCount } from "../../base/options.ts";
import { once } from "../streams/_once.ts";
import { Process } from "./process.ts";

/** A pipe to this program: see `stdin`, `stdout` and `stderr` of the process. */
export const PIPE = "pipe";
/** Nothing: reading finds the end, what is written is dropped. */
export const DEVNULL = "ignore";
/** What this program itself reads from, or writes to. */
export const INHERIT = "inherit";

/** What a process reads from or writes to; a number is a file descriptor of this program. */
export type Stdio = typeof PIPE | typeof DEVNULL | typeof INHERIT | number;

/** How a process is started. */
export interface SubprocessOptions {
  /** What it reads. @default INHERIT */
  readonly stdin?: Stdio;
  /** Where it writes. @default INHERIT */
  readonly stdout?: Stdio;
  /** Where it writes errors. @default INHERIT */
  readonly stderr?: Stdio;
  /** The folder it runs in. @default this program's */
  readonly cwd?: string | URL;
  /** Its environment variables. @default this program's */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How many bytes `readLine` and `readUntil` of its pipes look through for a separator. @default 65_536 */
  readonly limit?: number;
  /**
   * Whether it leads a process group of its own, so that signals reach what it starts as well, and Ctrl+C at the terminal
   * reaches this program only. Such a process cannot read from the terminal.
   *
   * @default false; for a shell, true
   */
  readonly processGroup?: boolean;
}

/**
 * Starts `program` with `args`. Nothing is interpreted: an argument may contain anything.
 *
 * The process belongs to the nearest group, request or run, which kills it when it ends. `await using` kills it earlier.
 *
 * @throws {Error} If it cannot be started, with the `code` that the system gives, such as `ENOENT`.
 * @throws {CancelledError} If it is cancelled; the process is then killed.
 * @example
 * await using process = await createSubprocessExec("node", ["--version"], { stdout: PIPE });
 * const [stdout] = await process.communicate();
 * console.log(stdout?.toString().startsWith("v"), process.returncode); // true 0
 * @see https://docs.python.org/3/library/asyncio-subprocess.html#asyncio.create_subsubprocessexec
 */
export function createSubprocessExec(
  program: string,
  args: readonly string[] = [],
  options: SubprocessOptions = {},
): Promise<Process> {
  return start(program, args, options, { shell: false, group: options.processGroup ?? false, name: basename(program) });
}

/**
 * Runs `command` by the shell. Whatever comes from outside must not get into it unquoted: prefer
 * {@link createSubprocessExec}.
 *
 * @throws {CancelledError} If it is cancelled; the shell, and all that it started, is then killed.
 * @example
 * const process = await createSubprocessShell("echo one; exit 7", { stdout: PIPE });
 * const [stdout] = await process.communicate();
 * console.log(stdout?.toString(), process.returncode); // one 7
 * @see https://docs.python.org/3/library/asyncio-subprocess.html#asyncio.create_subsubprocessshell
 */
export function createSubprocessShell(command: string, options: SubprocessOptions = {}): Promise<Process> {
  return start(command, [], options, { shell: true, group: options.processGroup ?? true, name: command });
}

interface Way {
  readonly shell: boolean;
  readonly group: boolean;
  readonly name: string;
}

async function start(command: string, args: readonly string[], options: SubprocessOptions, way: Way): Promise<Process> {
  requireBytes(options);
  if (options.limit !== undefined) requireCount(options.limit, 1, "set the limit of a stream", true);
  throwPending(currentScope());
  const resource: Resource = { kind: "process", name: way.name };
  const child = outside(() => spawn(command, args, spawnOptions(options, way)));
  if (child.pid === undefined) return failed(child, resource);
  const subprocess = own(child, options, way);
  try {
    await once(child, "spawn", resource);
    return subprocess;
  } catch (error) {
    await subprocess[Symbol.asyncDispose]();
    throw error;
  }
}

// A task that outlived its scope cannot own a process.
function own(child: ChildProcess, options: SubprocessOptions, { name, group }: Way): Process {
  try {
    return new Process(child, name, options.limit, group && process.platform !== "win32");
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

// The platform says why in a moment, by an event.
async function failed(child: ChildProcess, resource: Resource): Promise<never> {
  await once(child, "spawn", resource);
  throw new Error(`Cannot start process ${resource.name} as the system gave it no number`);
}

function spawnOptions(options: SubprocessOptions, { shell, group }: Way): SpawnOptions {
  const { stdin = INHERIT, stdout = INHERIT, stderr = INHERIT, cwd, env } = options;
  return { stdio: [stdin, stdout, stderr], shell, detached: group, cwd, env: env ?? process.env };
}

const textModes: readonly string[] = ["text", "encoding", "universalNewlines"];

function requireBytes(options: object): void {
  const mode = textModes.find((name) => name in options);
  if (mode !== undefined)
    throw new TypeError(`Cannot start a process with option ${mode} as its pipes carry bytes: decode what you read`);
}
