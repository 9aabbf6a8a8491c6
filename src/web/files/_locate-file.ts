import { realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { waitPromise } from "../../asyncio/index.ts";
import { codeOf } from "../../base/error-code.ts";
import { NotFound } from "../errors/statuses.ts";

/** Options of access to the files below a folder. */
export interface FileAccess {
  /**
   * Whether files and folders whose name begins with a dot are.
   * @default false
   */
  readonly dotfiles?: boolean;
  /**
   * Whether those outside the folder are that a symbolic link in it leads to.
   * @default false
   */
  readonly followLinks?: boolean;
}

const missing: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"]);

/**
 * Finds a file, or a folder, that a client asks for below a folder.
 *
 * @param folder Its absolute path.
 * @param path The path below the folder, decoded, with `/` between its parts.
 * @returns Its real path, without links.
 * @throws {NotFound} If there is none, or it must not be served.
 */
export async function locateFile(folder: string, path: string, access: FileAccess): Promise<string> {
  const parts = path.split("/").filter((part) => part !== "");
  if (!parts.every((part) => isPlain(part) && (access.dotfiles === true || !part.startsWith("."))))
    throw new NotFound();
  const wanted = join(folder, ...parts);
  const real = await realPath(wanted);
  // If there was no link on the way to the file, there was none on the way to the folder.
  const root = real === wanted ? folder : await realPath(folder);
  if (access.followLinks === true || real === root) return real;
  const below = root.endsWith(sep) ? root : root + sep;
  if (!real.startsWith(below)) throw new NotFound();
  // A link within the folder may lead to what is hidden in it.
  const isHidden = real
    .slice(below.length)
    .split(sep)
    .some((part) => part.startsWith("."));
  if (isHidden && access.dotfiles !== true) throw new NotFound();
  return real;
}

/** Whether a part of a path names what it looks like, on every system: `..\..`, `file::$DATA` and `C:` do not. */
function isPlain(part: string): boolean {
  return part !== "." && part !== ".." && !/[\0\\]/.test(part) && !(process.platform === "win32" && part.includes(":"));
}

/** The path without links. @throws {NotFound} If nothing is there. */
export async function realPath(path: string): Promise<string> {
  try {
    return await waitPromise(realpath(path), { name: path });
  } catch (error) {
    throw orNotFound(error);
  }
}

/** An error of the file system as an answer, if it says that there is nothing. */
export function orNotFound(error: unknown): unknown {
  return missing.has(codeOf(error)) ? new NotFound(undefined, { cause: error }) : error;
}
