// Lines that have not been written when the process exits, by whatever way it runs code for that: an uncaught error, a
// second Ctrl+C, process.exit().

const writers = new Set<() => void>();

/** Calls `write` when the process exits. */
export function addLastLines(write: () => void): void {
  if (writers.size === 0) process.on("exit", writeAll);
  writers.add(write);
}

/** Takes that back. */
export function removeLastLines(write: () => void): void {
  writers.delete(write);
  if (writers.size === 0) process.off("exit", writeAll);
}

function writeAll(): void {
  for (const write of writers) write();
}
