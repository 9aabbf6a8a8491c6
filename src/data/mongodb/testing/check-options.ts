import type { Doc } from "./_engine.ts";
import { unsupported } from "./command-error.ts";

// What may stand in any command and changes no answer of a server that has no replicas, sessions and access control.
const harmless: ReadonlySet<string> = new Set([
  "$db",
  "$readPreference",
  "$clusterTime",
  "lsid",
  "readConcern",
  "writeConcern",
  "comment",
  "maxTimeMS",
  "hint",
  "allowDiskUse",
  "noCursorTimeout",
  "allowPartialResults",
  "bypassDocumentValidation",
]);

/**
 * @internal Refuses a command that asks for more than it will get: a wrong answer would be worse than none.
 *
 * @throws {CommandError} If a field of the command is none of `known`.
 */
export function checkOptions(command: Doc, known: readonly string[]): void {
  for (const [name, value] of Object.entries(command)) {
    if (known.includes(name) || harmless.has(name) || value === undefined || value === false) continue;
    throw unsupported(name === "startTransaction" || name === "txnNumber" ? "transactions" : `option ${name}`);
  }
}
