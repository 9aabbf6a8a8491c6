import { KeyboardInterrupt, run } from "pottle/asyncio";

/** Runs a benchmark, and ends the process with the exit code that it gives: 2 if it fails. Ctrl+C ends it as usual. */
export async function exitWith(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await run(main);
  } catch (error) {
    if (error instanceof KeyboardInterrupt) throw error;
    console.error(error);
    process.exitCode = 2;
  }
}
