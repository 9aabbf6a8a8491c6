// Log files are opened anew at SIGUSR2, so that a program that rotates logs can rename them first. The signal is listened
// to as long as a log writes into a file: SIGUSR1 opens the inspector of Node, and SIGHUP means other things to a server.

const logs = new Set<() => void>();

/** Calls `reopen` at each SIGUSR2. */
export function reopenAtSignal(reopen: () => void): void {
  if (logs.size === 0) process.on("SIGUSR2", reopenAll);
  logs.add(reopen);
}

/** Undoes that. */
export function forgetReopen(reopen: () => void): void {
  if (logs.delete(reopen) && logs.size === 0) process.off("SIGUSR2", reopenAll);
}

function reopenAll(): void {
  for (const reopen of logs) reopen();
}
