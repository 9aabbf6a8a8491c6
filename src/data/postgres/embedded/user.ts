// PostgreSQL refuses to run as root. If this process runs as root, the server runs as the user nobody, which exists on
// every system and owns nothing.

import { chownSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** @internal The user that the server runs as; empty if that is the user of this process. */
export interface User {
  readonly uid?: number;
  readonly gid?: number;
}

const nobody = 65_534;

/** @internal The user that a new server must run as. */
export function serverUser(): User {
  return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
}

/** @internal Makes the user the owner of a file or folder. */
export function giveTo({ uid, gid }: User, path: string): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

/** @internal Whether the user may enter every folder above `path`, and read the folder itself. */
export function canReach({ uid }: User, path: string): boolean {
  if (uid === undefined) return true;
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid: owner } = statSync(folder);
    const rights = owner === uid ? mode >> 6 : mode;
    const needed = folder === path ? 0o5 : 0o1;
    if ((rights & needed) !== needed) return false;
    if (folder === dirname(folder)) return true;
  }
}
