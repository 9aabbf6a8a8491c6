import { join, resolve } from "node:path";
import { fileResponse, statFile } from "./_file-response.ts";
import { type FileAccess, locateFile } from "./_locate-file.ts";
import { NotFound } from "../errors/statuses.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { HttpResponse } from "../message/http-response.ts";
import { redirect } from "../message/redirect.ts";

/** Options of files that are served. */
export interface StaticOptions extends FileAccess {
  /**
   * The `Cache-Control` header. Files whose name changes with their content can have
   * `public, max-age=31536000, immutable`.
   * @default "no-cache", by which browsers keep a file, and ask each time whether it is still the same
   */
  readonly cacheControl?: string;
  /**
   * The file that is sent for a folder; `false` for none, so that a folder is not found.
   * @default "index.html"
   */
  readonly index?: string | false;
}

/** A view that answers with the file that its path names. */
export type StaticView = (args: { readonly path?: string }, request: HttpRequest) => Promise<HttpResponse>;

/**
 * Makes a view that serves the files below a folder, with their types, ETags, dates and ranges. `app.static` routes one.
 * Files outside the folder cannot be reached: not by dots, however they are encoded, nor by a link in it. Hidden files
 * (`.env`, `.git`) are not served either.
 *
 * @param folder The folder. Of a relative path, the working directory is where it begins.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/files/<path:path>", staticFiles(import.meta.dirname));
 * console.log((await app.testClient().get("/files/../../etc/passwd")).status); // 404
 */
export function staticFiles(folder: string, options: StaticOptions = {}): StaticView {
  const root = resolve(folder);
  const { cacheControl = "no-cache", index = "index.html" } = options;
  return async ({ path = "" }, request) => {
    const file = await locateFile(root, path, options);
    if (!(await statFile(file)).isDirectory()) {
      // `/a.txt/` would be another address of `/a.txt`, with other relative links.
      if (path.endsWith("/")) throw new NotFound();
      return await fileResponse(request, file, cacheControl);
    }
    if (index === false) throw new NotFound();
    const indexFile = await locateFile(root, join(path, index), options);
    return isFolder(path) ? await fileResponse(request, indexFile, cacheControl) : toFolder(path);
  };
}

function isFolder(path: string): boolean {
  return path === "" || path.endsWith("/");
}

/** Sends on to the path with a slash, relative to where the client is, so that it holds wherever this is mounted. */
function toFolder(path: string): HttpResponse {
  const name = path.split("/").at(-1) ?? "";
  return redirect(`./${encodeURIComponent(name.toWellFormed())}/`, 308);
}
