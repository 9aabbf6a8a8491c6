import { timeout } from "pottle/asyncio";
import { createSubprocessExec, DEVNULL, INHERIT, PIPE, type Process } from "pottle/asyncio/subprocess";

/**
 * On which core a program stays: servers on one, their clients on the other, so that neither disturbs the other; `any` for
 * programs that share all cores.
 */
export type Core = "server" | "client" | "any";

/** What a program has printed, once it has ended. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** How long any program may take, in milliseconds. */
const limit = 300_000;

/**
 * Runs a program to its end.
 *
 * @throws {Error} If it cannot be started, or ends with another exit code than 0.
 * @throws {TimeoutError} If it takes too long; it is killed then.
 */
export async function runProgram(core: Core, command: readonly string[]): Promise<Output> {
  const [program, ...args] = onCore(core, command);
  await using process = await createSubprocessExec(program!, args, {
    stdin: DEVNULL,
    stdout: PIPE,
    stderr: PIPE,
    processGroup: true,
    env: environment(),
  });
  const [stdout, stderr] = (await timeout(limit, () => process.communicate())).map(String) as [string, string];
  if (process.returncode === 0) return { stdout, stderr };
  throw new Error(`Cannot measure as ${command.join(" ")} ended with exit code ${process.returncode}:\n${stderr}`);
}

/**
 * Starts a server. It is killed, with whatever it has started, when the benchmark ends, or by `await using`. Its standard
 * input stays open: some servers end with it.
 */
export function startServer(command: readonly string[], core: Core = "server"): Promise<Process> {
  const [program, ...args] = onCore(core, command);
  return createSubprocessExec(program!, args, {
    stdin: PIPE,
    stdout: DEVNULL,
    stderr: INHERIT,
    processGroup: true,
    env: environment(),
  });
}

/** Starts a client that is told on its standard input what to do, and answers on its standard output. It ends as servers do. */
export function startClient(command: readonly string[]): Promise<Process> {
  const [program, ...args] = onCore("client", command);
  return createSubprocessExec(program!, args, {
    stdin: PIPE,
    stdout: PIPE,
    stderr: INHERIT,
    processGroup: true,
    env: environment(),
  });
}

function onCore(core: Core, command: readonly string[]): readonly string[] {
  if (core === "any") return command;
  return ["taskset", "-c", core === "server" ? "0" : "1", ...command];
}

// What would change how the peers work is kept from them.
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, POTTLE_DEBUG: _debug, ...rest } = process.env;
  return { ...rest, NODE_ENV: "production" };
}
