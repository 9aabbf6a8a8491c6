import { currentTask, exitSignalOf } from "../asyncio/index.ts";
import type { RunningServer } from "../server/index.ts";

/**
 * Waits until a server has closed, or SIGTERM cancels this task: then `stop` has time to drain the server.
 *
 * @throws {CancelledError} After any other signal. The server ends with the task, which cancels its requests.
 */
export async function untilStopped(server: RunningServer, stop: () => Promise<void>): Promise<void> {
  try {
    await server.closed();
  } catch (error) {
    if (exitSignalOf(error) !== "SIGTERM") throw error;
    currentTask()!.uncancel();
    await stop();
  }
}
