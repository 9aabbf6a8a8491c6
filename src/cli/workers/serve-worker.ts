import { runProgram } from "../../asyncio/index.ts";
import type { RunSettings } from "../run-settings.ts";
import type { PrimaryLink } from "./primary-link.ts";

/**
 * Serves an application as a worker, until a signal or its primary ends the process.
 *
 * @returns The exit code: 0 after SIGTERM, 130 after SIGINT, 1 if the application failed.
 */
export async function serveWorker(settings: RunSettings, primary: PrimaryLink): Promise<number> {
  const { describeFailure, serveApplication } = await import("../serve-application.ts");
  const main = (): Promise<void> => {
    primary.connect();
    return serveApplication(settings, primary);
  };
  try {
    return await runProgram(main, { onSignal: primary.onSignal, debug: settings.values.debug });
  } catch (error) {
    await primary.failed(describeFailure(error, settings));
    return 1;
  }
}
