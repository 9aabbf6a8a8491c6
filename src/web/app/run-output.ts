import { type AccessEntry, formatAccessEntry } from "../../http/index.ts";
import type { RunningServer } from "../../server/index.ts";

/** Prints where a server listens. */
export function describeServer(server: RunningServer): void {
  console.log(`Serving on ${server.url} (Ctrl+C to stop)`);
}

/** Prints a line for a request that is over. */
export function printAccess(entry: AccessEntry): void {
  console.log(formatAccessEntry(entry));
}
