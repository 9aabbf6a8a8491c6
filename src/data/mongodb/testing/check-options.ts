import type { Doc } from "./_engine.ts";
import { unsupported } from "./command-error.ts";

// Fields that any command may have, and that do not change a reply of a server without replicas and access control.
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
 * @internal Refuses a command with a field that the double does not support, because a wrong reply would be worse.
 *
 * @throws {CommandError} If a field of the command is none of `known`.
 */
export function checkOptions(command: Doc, known: readonly string[]): void {
  for (const [name, value] of Object.entries(command)) {
    if (known.includes(name) || harmless.has(name) || value === undefined || value === false) continue;
    throw unsupported(name === "startTransaction" || name === "txnNumber" ? "transactions" : `option ${name}`);
  }
}
