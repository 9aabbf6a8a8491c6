import { isCancelled, type ExitSignal, runProgram } from "../../asyncio/index.ts";
import { enableDevelopment, type Pottle } from "../../web/index.ts";
import { LoadError } from "../errors.ts";
import { loadApplication } from "../loading/load-application.ts";
import { describeThrown } from "../user-frames.ts";

/** How a function with an application is run. */
export interface ApplicationRun {
  /** Whether the application is started before, and stopped after. */
  readonly start: boolean;
  /** What goes before the description of an error, as in "Cannot run 'init-db'". */
  readonly action: string;
  /** Called on a signal; "handled" keeps the program running. */
  readonly onSignal?: (signal: ExitSignal) => "handled" | undefined;
}

/**
 * Loads an application, and calls a function with it as a program. What the application or the function throws is described
 * on standard error: its message, and the frames of the user's code.
 *
 * @returns The exit code: that of the function; 1 if something failed, 130 or 143 if a signal ended it.
 */
export async function inApplication(
  target: string,
  { start, action, onSignal }: ApplicationRun,
  fn: (app: Pottle) => Promise<number>,
): Promise<number> {
  enableDevelopment();
  const main = async (): Promise<number> => {
    try {
      const app = await loadApplication(target);
      return start ? await whileStarted(app, () => fn(app)) : await fn(app);
    } catch (error) {
      if (isCancelled(error)) throw error;
      console.error(error instanceof LoadError ? error.message : `${action}: ${describeThrown(error)}`);
      return 1;
    }
  };
  return await runProgram(main, onSignal === undefined ? {} : { onSignal });
}

async function whileStarted(app: Pottle, fn: () => Promise<number>): Promise<number> {
  // These are for the processes that serve.
  app.turnOffPeriodicTasks();
  await app.lifespan.start();
  try {
    return await fn();
  } finally {
    await app.lifespan.stop();
  }
}
