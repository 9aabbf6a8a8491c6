import { inspect } from "node:util";
import { currentTask, exitSignalOf, isCancelled } from "../asyncio/index.ts";
import { withLiveView } from "../inspect/index.ts";
import {
  type CloseOptions,
  ListenError,
  LogOpenError,
  type RunningServer,
  serve,
  TlsFileError,
} from "../server/index.ts";
import { enableDevelopment, type Pottle } from "../web/index.ts";
import { LoadError, ServeError } from "./errors.ts";
import { loadApplication } from "./loading/load-application.ts";
import { connectToWatcher, replacedWithin, type Watcher } from "./reload/connect-to-watcher.ts";
import { choosePort, isFixedPort, isSocket, type RunSettings, serverValues } from "./run-settings.ts";
import { describeOrigin } from "./settings/setting.ts";
import { watchTreeKey } from "./tree-key.ts";
import { untilStopped } from "./until-stopped.ts";
import { describeThrown } from "./user-frames.ts";
import type { PrimaryLink } from "./workers/primary-link.ts";

/** How long idle connections are kept after a SIGTERM, in milliseconds, for requests that are on their way. */
const keepIdle = 1_000;

/**
 * Loads an application and serves it until a signal ends the process. SIGTERM drains the server.
 *
 * @throws {CancelledError} After Ctrl+C.
 * @throws {ListenError} If the server cannot listen there.
 * @throws {LoadError} If the application cannot be loaded.
 * @throws {ServeError} If the application fails when it is started or stopped.
 */
export async function serveApplication(settings: RunSettings, primary?: PrimaryLink): Promise<void> {
  enableDevelopment();
  using watcher = connectToWatcher();
  currentTask()!.role = "server";
  try {
    await serveLoaded(settings, { watcher, primary });
  } catch (error) {
    if (!isEnding(error)) await watcher?.failed(describeFailure(error, settings));
    throw error;
  }
}

async function serveLoaded(settings: RunSettings, parents: Parents): Promise<void> {
  const { watcher, primary } = parents;
  const app = await loadApplication(settings.target);
  const server = await start(app, settings, parents);
  if (!isSocket(settings.values.host) && !isFixedPort(settings)) watcher?.listening(server.address.port);
  using keys = watchTreeKey();
  const hint = keys.isWatching ? "Ctrl+C to stop, t for the tree of tasks" : "Ctrl+C to stop";
  if (primary === undefined) console.log(`Serving ${settings.target} (${hint}) on ${server.urls.join(", ")}`);
  else primary.listening(server);
  await untilStopped(server, () =>
    stop(server, settings, watcher === undefined ? { keepIdle } : { keepIdle: replacedWithin.keepIdle }),
  );
}

/** The text that is printed for an error that ended {@link serveApplication}; in debug mode with its whole cause. */
export function describeFailure(error: unknown, settings: RunSettings): string {
  if (error instanceof ListenError) return `${error.message}${remedyOf(error, settings)}`;
  if (isOfServer(error)) return error.message;
  if (!(error instanceof LoadError || error instanceof ServeError)) return describeThrown(error);
  if (!settings.values.debug || error.cause === undefined) return error.message;
  return `${error.message}\nIn full: ${inspect(error.cause)}`;
}

function remedyOf({ code }: ListenError, { values, origins }: RunSettings): string {
  if (isSocket(values.host)) return "";
  if (code === "EADDRINUSE")
    return "\nEnd the program that uses it, or choose another port by --port; 0 is any free one.";
  if (code === "EACCES") return "\nChoose another port by --port: those from 1024 on need no rights.";
  if (code === "ENOTFOUND" || code === "EADDRNOTAVAIL")
    return `\nThe host, from ${describeOrigin("host", origins.get("host"))}, must be an address of this machine.`;
  return "";
}

/** The processes that an application's process is started by. */
interface Parents {
  readonly watcher: Watcher | undefined;
  readonly primary: PrimaryLink | undefined;
}

async function start(app: Pottle, settings: RunSettings, { watcher, primary }: Parents): Promise<RunningServer> {
  const { target, values } = settings;
  // Of several places, each names its own.
  const isPrimarys = primary !== undefined && values.bind === undefined;
  const port = isPrimarys ? primary.port : await choosePort(settings, watcher?.lastPort);
  try {
    return await serve(withLiveView(app), {
      ...serverValues(settings),
      port,
      ...(watcher !== undefined && { drainTimeout: Math.min(values.drainTimeout, replacedWithin.drainTimeout) }),
      ...(primary !== undefined && { onAccess: () => primary.served() }),
    });
  } catch (error) {
    if (isOfServer(error)) throw error;
    throw refusedOption(target, error) ?? failure(`Cannot serve '${target}' as starting it fails`, error);
  }
}

// The message of such an error is enough.
function isOfServer(error: unknown): error is Error {
  return error instanceof ListenError || error instanceof LogOpenError || error instanceof TlsFileError;
}

const refusal = "Cannot serve as ";

/** The error for an option that the server refuses. A stack of Pottle's would not explain it. */
function refusedOption(target: string, error: unknown): ServeError | undefined {
  if (!(error instanceof RangeError || error instanceof TypeError) || !error.message.startsWith(refusal))
    return undefined;
  return new ServeError(`Cannot serve '${target}' as ${error.message.slice(refusal.length)}`, { cause: error });
}

async function stop(server: RunningServer, { target }: RunSettings, options: CloseOptions): Promise<void> {
  try {
    await server.close(options);
  } catch (error) {
    throw failure(`Cannot stop '${target}' as it should be`, error);
  }
}

/** The error to throw for an error of the application: itself, if it is a cancellation. */
function failure(message: string, cause: unknown): unknown {
  if (isEnding(cause)) return cause;
  return new ServeError(`${message}: ${describeThrown(cause)}`, { cause });
}

function isEnding(error: unknown): boolean {
  return isCancelled(error) || exitSignalOf(error) !== undefined;
}
