import { appendFileSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { codeOf } from "../../base/error-code.ts";

/** The number of lines that are kept. */
export const historySize = 1_000;

/**
 * Where the lines that were typed are kept: the file that the environment variable `POTTLE_REPL_HISTORY` names, else
 * `.pottle_repl_history` in the home folder; `undefined` if the variable is set and empty.
 */
export function historyFile(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const file = env["POTTLE_REPL_HISTORY"] ?? join(homedir(), ".pottle_repl_history");
  return file === "" ? undefined : file;
}

/**
 * The lines of earlier sessions, the newest first, without repetitions in a row; empty if there is no file yet.
 *
 * @throws {Error} If there is a file that cannot be read.
 */
export function readHistory(file: string): string[] {
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    const kept = lines.filter((line, index) => line !== "" && line !== lines[index - 1]);
    return kept.slice(-historySize).toReversed();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/**
 * Adds a line to those of earlier sessions. Only the user may read the file: secrets are typed at prompts.
 *
 * @throws {Error} If the file cannot be written.
 */
export function appendHistory(file: string, line: string): void {
  appendFileSync(file, `${line}\n`, { mode: 0o600 });
}
