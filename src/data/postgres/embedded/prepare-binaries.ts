import { chmodSync, cpSync, existsSync, lstatSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { codeOf } from "../../../base/error-code.ts";
import { type Binaries, listLinks } from "./find-binaries.ts";
import { requireOurs, temporaryFolder } from "./temporary-folder.ts";
import { canReach, type User } from "./user.ts";

/**
 * @internal Makes the programs usable by `user`: whole, and where that user can read them.
 *
 * @returns The folder with the programs in it.
 * @throws {EmbeddedPostgresError} If there is no place for them.
 */
export function prepareBinaries({ bin, root }: Binaries, user: User): string {
  if (root === undefined || canReach(user, bin)) {
    if (root !== undefined) addLinks(root);
    return bin;
  }
  return join(copyOf(root), "bin");
}

// The package's install script makes them, where install scripts may run.
function addLinks(root: string): void {
  for (const [target, link] of listLinks(root)) {
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) makeLink(target, link);
  }
}

function makeLink(target: string, link: string): void {
  try {
    symlinkSync(relative(dirname(link), target), link);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error; // another process made it just now
  }
}

// One copy for each place that was copied from, made once: under another name first, so that none is ever incomplete.
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
    if (!existsSync(copy)) throw error; // else another process was faster
  }
}
