import { exitSignalOf, runProgram } from "../asyncio/index.ts";
import { UsageError } from "./errors.ts";
import { parseOptions } from "./parse-options.ts";
import { choosePort, defaultPort, isSocket, type RunSettings } from "./run-settings.ts";
import { findPrimary } from "./workers/primary-link.ts";
import { readWorkerSettings, type WorkerSettings } from "./workers/worker-settings.ts";

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

Several processes:
  --workers N              serve with N processes, or 'auto' for as many as there are processors
  --max-requests N         replace a worker that has served N requests
  --max-requests-jitter M  let each worker serve up to M more than that, so that they are not replaced together
  --pid-file PATH          write the process id there while it serves

SIGHUP replaces the workers one by one, so that what has changed is served without a pause. SIGTERM lets running
requests end and exits with 0. Ctrl+C cancels them and exits with 130; a second one ends the process at once. Unless
NODE_ENV is production, errors are shown to clients on this machine.`;

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
  if (settings.reload) return await supervise(settings);
  if (settings.workers === undefined) return await serveUntilStopped(settings);
  return await serveWithWorkers(settings, settings.workers, args);
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

async function serveWithWorkers(
  settings: RunSettings,
  workers: WorkerSettings,
  args: readonly string[],
): Promise<number> {
  const primary = findPrimary(workers);
  if (primary !== undefined) return await (await import("./workers/serve-worker.ts")).serveWorker(settings, primary);
  const { runWorkers } = await import("./workers/run-workers.ts");
  const main = async (): Promise<number> => {
    const port = await choosePort(settings);
    return await runWorkers({ ...workers, target: settings.target, args: ["run", ...args], port });
  };
  return await runProgram(main, debugOf(settings));
}

async function serveUntilStopped(settings: RunSettings): Promise<number> {
  // Loaded here only: a process that starts others needs no server.
  const { describeFailure, serveApplication } = await import("./serve-application.ts");
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
    workers: { type: "string" },
    "max-requests": { type: "string" },
    "max-requests-jitter": { type: "string" },
    "pid-file": { type: "string" },
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
  const workers = readWorkerSettings(values);
  return { target, host, port: port === undefined ? undefined : readPort(port), debug, reload, workers };
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`the value of '--port' must be a whole number from 0 to 65535: current value is '${text}'`);
}
