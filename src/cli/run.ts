import { exitSignalOf, runProgram } from "../asyncio/index.ts";
import type { Plan } from "./reload/places.ts";
import { isReloaded, readOrders } from "./reload/messages.ts";
import { UsageError } from "./errors.ts";
import { choosePort, type RunSettings } from "./run-settings.ts";
import { readSettings } from "./settings/read-settings.ts";
import { runOptions } from "./settings/run-options.ts";
import { misspelledVariables } from "./settings/variables.ts";
import { workerVariable } from "./workers/messages.ts";
import { findPrimary } from "./workers/primary-link.ts";
import { readWorkerSettings, type WorkerSettings } from "./workers/worker-settings.ts";

/** How long the supervisor waits for the application to end, in milliseconds: longer than until it kills it. */
const superviseTimeout = 12_000;

/** How long the server may take to close beyond what a cancelled request is given, in milliseconds. */
const closingTime = 2_000;

/**
 * `pottle run`: serves an application until a signal ends the process.
 *
 * @returns The exit code: 0 after SIGTERM, 130 after Ctrl+C, 1 if it could not serve.
 * @throws {UsageError} If the arguments cannot be understood.
 */
export async function run(args: readonly string[]): Promise<number> {
  const request = await readSettings(args, process.env);
  if (request.kind === "help") {
    console.log((await import("./settings/help.ts")).help());
    return 0;
  }
  const { settings } = request;
  // A process that --reload has started leaves that to its watcher, and a worker to its primary.
  if (!isReloaded() && process.env[workerVariable] === undefined)
    for (const line of misspelledVariables(process.env, runOptions)) console.error(`pottle run: ${line}`);
  const workers = readWorkerSettings(settings);
  if (request.kind === "print") {
    console.log((await import("./settings/print-config.ts")).formatConfig(settings));
    return 0;
  }
  if (settings.values.reload) return await supervise(settings, args);
  const failure = readOrders()?.failure;
  if (failure !== undefined) return await (await import("./reload/serve-failure.ts")).serveFailure(settings, failure);
  if (workers === undefined) return await serveUntilStopped(settings);
  return await serveWithWorkers(settings, workers, args);
}

async function supervise(settings: RunSettings, given: readonly string[]): Promise<number> {
  // Loaded only when it is asked for.
  const { runReloading } = await import("./reload/run-reloading.ts");
  const { target, flags, configFile, values } = settings;
  const args = ["run", target, ...flags, "--no-reload"];
  const plan = (last: number | undefined): Promise<Plan | undefined> => planAgain(given, last);
  const main = async (): Promise<number> => {
    try {
      return await runReloading({ args, files: [configFile.path], plan });
    } catch (error) {
      if (exitSignalOf(error) !== "SIGTERM") throw error;
      return 0;
    }
  };
  return await runProgram(main, { debug: values.debug, shutdownTimeout: superviseTimeout });
}

// The TOML file may have changed since the last start.
async function planAgain(args: readonly string[], last: number | undefined): Promise<Plan | undefined> {
  const { planOf } = await import("./reload/places.ts");
  try {
    const request = await readSettings(args, process.env);
    return request.kind === "run" ? await planOf(request.settings, last) : undefined;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
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
  return await runProgram(main, { debug: settings.values.debug });
}

async function serveUntilStopped(settings: RunSettings): Promise<number> {
  const { debug, cancelGrace } = settings.values;
  // Loaded here only: a process that starts others needs no server.
  const { describeFailure, serveApplication } = await import("./serve-application.ts");
  try {
    return await runProgram(() => serveApplication(settings), { debug, shutdownTimeout: cancelGrace + closingTime });
  } catch (error) {
    console.error(describeFailure(error, settings));
    return 1;
  }
}
