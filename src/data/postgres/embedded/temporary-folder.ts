import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedPostgresError } from "../errors.ts";

/** @internal The temporary folder for `origin`; it is always the same for the same origin. */
export function temporaryFolder(origin: string): string {
  const hash = createHash("sha256").update(origin).digest("hex").slice(0, 16);
  return join(tmpdir(), `pottle-postgres-${hash}`);
}

/**
 * @internal Checks that a temporary folder belongs to this user. Any user can create temporary folders, but the
 * programs to start and their data must be our own.
 *
 * @throws {EmbeddedPostgresError} If the folder belongs to another user.
 */
export function requireOurs(folder: string): string {
  const { uid, mode } = lstatSync(folder);
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return folder;
  throw new EmbeddedPostgresError(`Cannot start PostgreSQL as ${folder} belongs to another user: remove it`);
}
