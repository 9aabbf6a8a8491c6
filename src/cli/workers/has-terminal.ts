import { closeSync, constants, openSync } from "node:fs";

/** Whether this process has a terminal that is still there: that of a window which was closed can no longer be opened. */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", constants.O_RDONLY | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}
