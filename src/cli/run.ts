import { currentTask, runProgram, exitSignalOf } from "../asyncio/index.ts";
import { formatAccessEntry } from "../http/index.ts";
import { withLiveView } from "../inspect/index.ts";
import { ListenError, serve } from "../server/index.ts";
import { enableDevelopment } from "../web/index.ts";
import { LoadError, UsageError } from "./errors.ts";
import { findFreePort } from "./find-free-port.ts";
import { loadApplication } from "./load-application.ts";
import { parseOptions } from "./parse-options.ts";
import { connectToReloader, type Reloader } from "./reload-child.ts";
import { runReloading } from "./reload.ts";
import { watchTreeKey } from "./tree-key.ts";

const defaultPort = 5000;

/** How long requests may go on when the application is started again, in milliseconds. */
const reloadDrainTimeout = 1_000;

/** How long the supervisor waits for the application to end, in milliseconds: longer than until it kills it. */
const superviseTimeout = 12_000;

const help = `Usage: pottle run FILE[:name] [options]

Serves the application that FILE exports: its default export, or the one called 'name'.

Options:
  --host HOST    the address to listen on (default 127.0.0.1; 0.0.0.0 lets other machines in)
  --port PORT    the port to listen on, 0 for any (default ${defaultPort}, or the next free one)
  --reload       start it again when one of its files changes
  --debug        report what goes wrong, as POTTLE_DEBUG=1 does
  -h, --help     this text

SIGTERM lets running requests end and exits with 0. Ctrl+C cancels them and exits with 130; a second one ends the
process at once. Unless NODE_ENV is production, errors are shown to clients on this machine.`;

/** What is to be served, and where. */
interface RunSettings {
  readonly target: string;
  readonly host: string;
  /** `undefined` if it was not asked for. */
  readonly port: number | undefined;
  readonly debug: boolean;
  readonly reload: boolean;
}

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
  try {
    return await (settings.reload ? supervise(settings) : serveUntilStopped(settings));
  } catch (error) {
    console.error(...describe(error));
    return 1;
  }
}

function supervise(settings: RunSettings): Promise<number> {
  return runProgram(() => superviseUntilStopped(settings), { ...debugOf(settings), shutdownTimeout: superviseTimeout });
}

function serveUntilStopped(settings: RunSettings): Promise<number> {
  return runProgram(async () => {
    enableDevelopment();
    using reloader = connectToReloader();
    await serveApplication(settings, reloader);
  }, debugOf(settings));
}

function debugOf({ debug }: RunSettings): { readonly debug?: boolean } {
  return debug ? { debug } : {};
}

async function superviseUntilStopped(settings: RunSettings): Promise<number> {
  const { target, host, debug } = settings;
  const args = ["run", target, "--host", host, ...(debug ? ["--debug"] : [])];
  try {
    return await runReloading({ args, port: await choosePort(settings) });
  } catch (error) {
    if (exitSignalOf(error) !== "SIGTERM") throw error;
    return 0;
  }
}

async function serveApplication(settings: RunSettings, reloader: Reloader | undefined): Promise<void> {
  currentTask()!.role = "server";
  const app = await loadApplication(settings.target);
  const { host } = settings;
  const port = await choosePort(settings);
  const server = await serve(withLiveView(app), {
    host,
    port,
    ...(reloader !== undefined && { drainTimeout: reloadDrainTimeout }),
    onAccess: (entry) => console.log(formatAccessEntry(entry)),
  });
  reloader?.listening(server.address.port);
  using keys = watchTreeKey();
  const hint = keys.isWatching ? "Ctrl+C to stop, t for the tree of tasks" : "Ctrl+C to stop";
  console.log(`Serving ${settings.target} (${hint}) on ${server.url}`);
  try {
    await server.closed();
  } catch (error) {
    // After anything but SIGTERM the server ends with this run, which cancels its requests.
    if (exitSignalOf(error) !== "SIGTERM") throw error;
    currentTask()!.uncancel();
    await server.close();
  }
}

async function choosePort({ host, port }: RunSettings): Promise<number> {
  if (port !== undefined) return port;
  const free = await findFreePort(host, defaultPort);
  if (free !== defaultPort) console.log(`Port ${defaultPort} is in use: taking ${free}`);
  return free;
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
  return { target, host, port: port === undefined ? undefined : readPort(port), debug, reload };
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`the value of '--port' must be a whole number from 0 to 65535: current value is '${text}'`);
}

/** What is printed of an error: all of it, unless its message says all there is to do. */
function describe(error: unknown): unknown[] {
  if (error instanceof ListenError) return [error.message];
  if (!(error instanceof LoadError)) return [error];
  return error.cause === undefined ? [error.message] : [`${error.message}:`, error.cause];
}
