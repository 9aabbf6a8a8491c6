// PostgreSQL refuses to run as root. Then it runs as nobody: a user that is there on every system and owns nothing.

import { chownSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** @internal Who the server runs as; nothing, if as we do. */
export interface User {
  readonly uid?: number;
  readonly gid?: number;
}

const nobody = 65_534;

/** @internal Who a server that we start has to run as. */
export function serverUser(): User {
  return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
}

/** @internal Gives a file or folder to the user. */
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
