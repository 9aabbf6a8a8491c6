import { exitSignalOf, runProgram } from "../asyncio/index.ts";
import { UsageError } from "./errors.ts";
import { parseOptions } from "./parse-options.ts";
import { describeFailure, serveApplication } from "./serve-application.ts";
import { choosePort, defaultPort, isSocket, type RunSettings } from "./run-settings.ts";

/** How long the supervisor waits for the application to end, in milliseconds: longer than until it kills it. */
const superviseTimeout = 12_000;

const help = `Usage: pottle run FILE[:name] [options]

Serves the application that FILE exports: its default export, or the one called 'name'. An export that is a function is
called, and must return the application or a promise of it.

Options:
  --host HOST    the address to listen on (default 127.0.0.1; 0.0.0.0 lets other machines in), or unix:/path for a socket
  --port PORT    the port to listen on, 0 for any (default ${defaultPort}, or the next free one)
  --reload       start it again when one of its files changes
  --debug        report what goes wrong, as POTTLE_DEBUG=1 does
  -h, --help     this text

SIGTERM lets running requests end and exits with 0. Ctrl+C cancels them and exits with 130; a second one ends the
process at once. Unless NODE_ENV is production, errors are shown to clients on this machine.`;

/**
 * `pottle run`: serves an application until a signal ends the process.
 *
 * @returns The exit code: 0 after SIGTERM, 130 after Ctrl+C, 1 if it could not serve.
 * @throws {UsageError} If the arguments cannot be understood.
 */
export async function run(args: readonly string[]): Promise<number> {
  const settings = readSettings(args);
  if (settings === undefined) {
    console.log(help);
    return 0;
  }
  return await (settings.reload ? supervise(settings) : serveUntilStopped(settings));
}

async function supervise(settings: RunSettings): Promise<number> {
  // Loaded only when it is asked for.
  const { runReloading } = await import("./reload/run-reloading.ts");
  const { target, host, debug } = settings;
  const args = ["run", target, "--host", host, ...(debug ? ["--debug"] : [])];
  const main = async (): Promise<number> => {
    try {
      return await runReloading({ args, port: isSocket(host) ? undefined : await choosePort(settings) });
    } catch (error) {
      if (exitSignalOf(error) !== "SIGTERM") throw error;
      return 0;
    }
  };
  return await runProgram(main, { ...debugOf(settings), shutdownTimeout: superviseTimeout });
}

async function serveUntilStopped(settings: RunSettings): Promise<number> {
  try {
    return await runProgram(() => serveApplication(settings), debugOf(settings));
  } catch (error) {
    console.error(describeFailure(error, settings));
    return 1;
  }
}

function debugOf({ debug }: RunSettings): { readonly debug?: boolean } {
  return debug ? { debug } : {};
}

function readSettings(args: readonly string[]): RunSettings | undefined {
  const { values, positionals } = parseOptions(args, {
    host: { type: "string" },
    port: { type: "string" },
    debug: { type: "boolean" },
    reload: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help === true) return undefined;
  const [target, ...others] = positionals;
  if (target === undefined) throw new UsageError("the FILE to run is missing");
  if (others.length > 0) throw new UsageError(`there is one FILE to run, not also '${others.join("', '")}'`);
  const { host = "127.0.0.1", port, debug = false, reload = false } = values;
  if (host === "") throw new UsageError("the value of '--host' is empty");
  if (host === "unix:") throw new UsageError("the path of the socket is missing in '--host unix:'");
  if (isSocket(host) && port !== undefined) throw new UsageError("a socket has no port: leave '--port' out");
  return { target, host, port: port === undefined ? undefined : readPort(port), debug, reload };
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`the value of '--port' must be a whole number from 0 to 65535: current value is '${text}'`);
}
