import { currentTask, exitSignalOf, KeyboardInterrupt, run } from "../asyncio/index.ts";
import type { Application } from "../http/index.ts";
import type { RunningServer } from "./running-server.ts";
import { checkServeOptions, type ServeOptions } from "./serve-options.ts";
import { serve } from "./serve.ts";

/** How to run a server as a program. */
export interface RunServerOptions extends ServeOptions {
  /**
   * Called when the server listens.
   * @default no function is called
   */
  readonly onListening?: (server: RunningServer) => void;
}

/** How long idle connections are kept after a SIGTERM at most, in milliseconds, for requests that are on their way. */
const longestKeepIdle = 1_000;
/** How long closing may take beyond what the running requests are given, in milliseconds. */
const closingTime = 2_000;

/**
 * Serves an application until a signal ends the process: the whole program of a server. SIGTERM and Ctrl+C both drain
 * the server. After a SIGTERM the promise resolves, so that the process ends with 0, as service managers expect. Idle
 * connections are then kept for a second, or half of `drainTimeout` if that is less: a request that is on its way is
 * answered, and its client is told to connect anew. A second signal ends the process at once.
 *
 * @throws {KeyboardInterrupt} After Ctrl+C; left uncaught, the process ends quietly with 130.
 * @throws {ListenError} If it cannot listen there.
 * @throws {RangeError} If an option is not one that it can have.
 * @throws {TypeError} If an option is not of the right kind.
 * @throws {InvalidStateError} If the caller is itself run by `run()`; it can use {@link serve} then.
 */
export async function runServer(app: Application, options: RunServerOptions = {}): Promise<void> {
  const { drainTimeout, cancelGrace } = checkServeOptions(options);
  try {
    await run(() => serveUntilClosed(app, options, drainTimeout), {
      shutdownTimeout: drainTimeout + cancelGrace + closingTime,
    });
  } catch (error) {
    if (!(error instanceof KeyboardInterrupt && error.signal === "SIGTERM")) throw error;
  }
}

async function serveUntilClosed(app: Application, options: RunServerOptions, drainTimeout: number): Promise<void> {
  currentTask()!.role = "server";
  await using server = await serve(app, options);
  options.onListening?.(server);
  try {
    await server.closed();
  } catch (error) {
    if (exitSignalOf(error) === "SIGTERM")
      await server.close({ keepIdle: Math.min(longestKeepIdle, drainTimeout / 2) });
    throw error;
  }
}
