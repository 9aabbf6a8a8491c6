import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedPostgresError } from "../errors.ts";

/** @internal The folder among temporary files that stands for `origin`, always the same one. */
export function temporaryFolder(origin: string): string {
  const hash = createHash("sha256").update(origin).digest("hex").slice(0, 16);
  return join(tmpdir(), `pottle-postgres-${hash}`);
}

/**
 * @internal Anybody may make folders among temporary files: what is started, and what it works on, must be ours.
 *
 * @throws {EmbeddedPostgresError} If it is somebody else's.
 */
export function requireOurs(folder: string): string {
  const { uid, mode } = lstatSync(folder);
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return folder;
  throw new EmbeddedPostgresError(`Cannot start PostgreSQL as ${folder} is somebody else's: remove it`);
}
