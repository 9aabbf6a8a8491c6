import { type FileHandle, open, realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve } from "node:path";
import { waitPromise } from "../../asyncio/index.ts";
import { outOfRange } from "../../base/refusal.ts";

/**
 * Opens a file below a folder for reading. Links are followed, but not out of the folder.
 *
 * @throws {RangeError} If it is outside the folder.
 * @throws {Error} Of Node, with its `code`, if it cannot be opened.
 */
export async function openResource(folder: string, name: string): Promise<FileHandle> {
  const path = resolve(folder, name);
  if (isAbsolute(name) || name.includes("\0") || !isWithin(folder, path)) throw outside(name);
  const [root, real] = await waitPromise(Promise.all([realpath(folder), realpath(path)]));
  if (!isWithin(root, real)) throw outside(name);
  return await open(real, "r");
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !/^\.\.[/\\]/.test(way) && !isAbsolute(way);
}

function outside(name: string): RangeError {
  return outOfRange("open a resource", "its name must be that of a file in the application's folder", name);
}
