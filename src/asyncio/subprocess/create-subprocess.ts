import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { basename } from "node:path";
import { currentScope, outside, type Resource, throwPending } from "../core/index.ts";
import { requireCount } from "../../base/options.ts";
import { once } from "../streams/_once.ts";
import { Process } from "./process.ts";

/** A pipe to this program, available as `stdin`, `stdout` or `stderr` of the {@link Process}. */
export const PIPE = "pipe";
/** The null device: reading from it finds the end at once, and what is written to it is dropped. */
export const DEVNULL = "ignore";
/** The stream that this program itself reads from or writes to. */
export const INHERIT = "inherit";

/** The source of a process's input, or the destination of its output. A number is a file descriptor of this program. */
export type Stdio = typeof PIPE | typeof DEVNULL | typeof INHERIT | number;

/** Options for starting a process. */
export interface SubprocessOptions {
  /** The source of its standard input. @default INHERIT */
  readonly stdin?: Stdio;
  /** The destination of its standard output. @default INHERIT */
  readonly stdout?: Stdio;
  /** The destination of its standard error. @default INHERIT */
  readonly stderr?: Stdio;
  /** The folder to run it in. @default this program's */
  readonly cwd?: string | URL;
  /** The environment variables of the process. @default this program's */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How many bytes of its output `readLine` and `readUntil` search for a separator. @default 65_536 */
  readonly limit?: number;
  /**
   * Whether the process leads a process group of its own. Signals sent to it then also reach the processes that it
   * starts, and Ctrl+C at the terminal reaches this program only. A process that leads a group cannot read from the
   * terminal.
   *
   * @default false; for a shell, true
   */
  readonly processGroup?: boolean;
}

/**
 * Starts `program` with `args`. No shell interprets the arguments: they may contain any characters.
 *
 * The process belongs to the nearest group, request or run, and is killed when that ends. `await using` kills it
 * earlier.
 *
 * @throws {Error} If the process cannot be started; `code` is the system's error code, such as `ENOENT`.
 * @throws {CancelledError} If this call is cancelled; the process is then killed.
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
 * Runs `command` in the shell. The shell interprets the whole text, so untrusted input in it can run any command:
 * prefer {@link createSubprocessExec}.
 *
 * @throws {CancelledError} If this call is cancelled; the shell and all processes that it started are then killed.
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

// The scope may have ended meanwhile: then nothing can own the process, so it is killed.
function own(child: ChildProcess, options: SubprocessOptions, { name, group }: Way): Process {
  try {
    return new Process(child, name, options.limit, group && process.platform !== "win32");
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

// Node emits the reason soon, as an `error` event.
async function failed(child: ChildProcess, resource: Resource): Promise<never> {
  await once(child, "spawn", resource);
  throw new Error(`Cannot start process ${resource.name} as the system gave it no process ID`);
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
