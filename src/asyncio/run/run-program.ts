import type { TaskFunction } from "../core/index.ts";
import { run, type RunOptions } from "./runner.ts";
import { exitCodes, exitSignalOf } from "./signals.ts";

/**
 * Runs the main function of a command-line program, and gives the exit code of its process: the number that `main`
 * returned, 0 if it returned nothing, and 130 or 143 if SIGINT (Ctrl+C) or SIGTERM ended it.
 *
 * @throws Whatever `main` throws, except the interrupt; left uncaught, the process ends with code 1 and shows the error.
 * @throws {InvalidStateError} If a program is running already.
 * @example
 * process.exitCode = await runProgram(async () => {
 *   await sleep(10);
 *   console.log("done");
 * });
 */
export async function runProgram(main: TaskFunction<number | void>, options: RunOptions = {}): Promise<number> {
  try {
    return (await run(main, options)) ?? 0;
  } catch (error) {
    const signal = exitSignalOf(error);
    if (signal === undefined) throw error;
    return exitCodes[signal];
  }
}
