import type { TaskFunction } from "../core/index.ts";
import { run, type RunOptions } from "./runner.ts";
import { exitCodes, exitSignalOf } from "./signals.ts";

/**
 * Runs the main function of a command-line program, and returns the exit code for the process. It is the number that
 * `main` returned, or 0 if `main` returned nothing; it is 130 or 143 if SIGINT (Ctrl+C) or SIGTERM ended the program.
 *
 * @throws The error that `main` throws, except the interrupt. If it is not caught, Node prints it and the process ends
 * with exit code 1.
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
