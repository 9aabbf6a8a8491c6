// Recognises the statements in an SQL text that need special treatment: those that this driver does not support, those
// that would end a transaction without its knowledge, and those that change the session for its next user.

import type { PgResult } from "./driver.ts";

/** @internal The statements of a text, in lower case, without strings, quoted names and comments. */
export function statementsOf(text: string): string[] {
  const plain = text.replace(quoted, (part) => (part.startsWith("--") || part.startsWith("/*") ? " " : " ? "));
  return plain.split(";").flatMap((statement) => statement.trim().replace(/\s+/g, " ").toLowerCase() || []);
}

const quoted =
  /--[^\n]*|\/\*(?:[^*/]|\*(?!\/)|\/(?!\*)|\/\*(?:[^*]|\*(?!\/))*\*\/)*\*\/|\b[eE]'(?:[^'\\]|''|\\[^])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\w$])\$([A-Za-z_]\w*)?\$[^]*?\$\1\$/g;

// A quick test: most texts have none of these words and need no parsing.
const unsupported = /\b(?:copy|listen)\b/i;
const special = /\b(?:commit|end|rollback|abort|prepare)\b/i;

/** @internal The reason why a text cannot be sent as a query; `undefined` if it can. */
export function whyUnsupported(text: string): string | undefined {
  if (!unsupported.test(text)) return undefined;
  for (const statement of statementsOf(text)) {
    if (statement.startsWith("listen ")) return "LISTEN is not supported: nothing would receive the notifications";
    if (/^copy\b.*\b(?:from stdin|to stdout)\b/.test(statement))
      return "COPY from and to the client is not supported: use insert, stream() or a file of the server";
  }
  return undefined;
}

/**
 * @internal Whether a text has a statement that ends a transaction. The word `end` in the body of a function does not
 * count.
 */
export function endsTransaction(text: string): boolean {
  if (!special.test(text) || /\bbegin\s+atomic\b/i.test(text)) return false;
  return statementsOf(text).some((statement) => ending.test(statement));
}

const ending =
  /^(?:(?:commit|end|abort)\b(?! prepared)|rollback\b(?!(?: work| transaction)? to\b)(?! prepared)|prepare transaction\b)/;

/**
 * @internal Whether a query leaves the session unchanged for its next user: no setting, role, lock, prepared statement,
 * cursor or temporary table. A user-defined function that changes one of these is not recognised.
 */
export function leavesSessionAlone(text: string, result: PgResult | PgResult[] | undefined): boolean {
  if (change.test(text) && change.test(text.replace(localSetting, ""))) return false;
  if (result === undefined) return !text.includes(";"); // it failed, but earlier statements of the text may have had lasting effects
  if (Array.isArray(result)) return result.every(({ command }) => isHarmless(command));
  return isHarmless(result.command) || (result.command === "SET" && setsLocally.test(text));
}

const change = /set_config|advisory|\btemp|\bpg_temp|\bhold\b/i;
const localSetting = /\bset_config\s*\([^;]*?,\s*true\s*\)/gi;
const setsLocally = /^\s*set\s+(?:local|transaction|constraints)\b/i;

// The first words of harmless command tags. Any other statement may have changed the session.
const harmless: ReadonlySet<string> = new Set(
  (
    "SELECT INSERT UPDATE DELETE MERGE BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE DECLARE FETCH MOVE CLOSE EXPLAIN SHOW " +
    "CREATE ALTER DROP COMMENT TRUNCATE LOCK COPY ANALYZE VACUUM REINDEX CLUSTER REFRESH GRANT REVOKE NOTIFY CHECKPOINT"
  ).split(" "),
);

function isHarmless(command: string | null): boolean {
  return command === null || harmless.has(command);
}
