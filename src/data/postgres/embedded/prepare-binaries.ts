import { chmodSync, cpSync, existsSync, lstatSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { codeOf } from "../../../base/error-code.ts";
import { type Binaries, listLinks } from "./find-binaries.ts";
import { requireOurs, temporaryFolder } from "./temporary-folder.ts";
import { canReach, type User } from "./user.ts";

/**
 * @internal Makes the programs usable by `user`: complete, and in a folder that the user can read.
 *
 * @returns The folder that contains the programs.
 * @throws {EmbeddedPostgresError} If they cannot be copied to such a folder.
 */
export function prepareBinaries({ bin, root }: Binaries, user: User): string {
  if (root === undefined || canReach(user, bin)) {
    if (root !== undefined) addLinks(root);
    return bin;
  }
  return join(copyOf(root), "bin");
}

// The package's install script creates these links, but install scripts may be disabled.
function addLinks(root: string): void {
  for (const [target, link] of listLinks(root)) {
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) makeLink(target, link);
  }
}

function makeLink(target: string, link: string): void {
  try {
    symlinkSync(relative(dirname(link), target), link);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error; // another process has just created it
  }
}

// There is one copy for each source folder. It is created under another name and then renamed, so that a copy is never
// incomplete.
function copyOf(root: string): string {
  const stamp = lstatSync(root).mtimeMs;
  const copy = temporaryFolder(`${root} ${stamp}`);
  if (existsSync(copy)) return requireOurs(copy);
  const draft = mkdtempSync(`${copy}-`);
  const native = join(draft, "native");
  cpSync(root, native, { recursive: true, verbatimSymlinks: true });
  addLinks(native);
  chmodSync(native, 0o755);
  publish(native, copy);
  rmSync(draft, { recursive: true, force: true });
  return requireOurs(copy);
}

function publish(draft: string, copy: string): void {
  try {
    renameSync(draft, copy);
  } catch (error) {
    if (!existsSync(copy)) throw error; // otherwise another process was faster
  }
}
