import type { Stats } from "node:fs";
import { join, resolve } from "node:path";
import { noop } from "../../base/noop.ts";
import { wrongType } from "../../base/refusal.ts";
import type { HeaderList } from "../../http/index.ts";
import { fileResponse, statFile, typeOfName } from "./_file-response.ts";
import { type FileAccess, locateFile } from "./_locate-file.ts";
import { allCodings, findVariant, type Precompressed } from "./_precompressed.ts";
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
  /**
   * Whether files that lie beside others, compressed, are sent in their place to clients that accept that: `main.css.br` for
   * `main.css`. `true` for the codings `br`, `zstd` and `gzip`, or a list of some of them, the favourite first; their extensions
   * are `.br`, `.zst` and `.gz`.
   * @default false
   */
  readonly precompressed?: boolean | readonly Precompressed[];
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
  const site: Site = { ...options, root: resolve(folder), codings: toCodings(options.precompressed ?? false) };
  const { index = "index.html" } = options;
  return async ({ path = "" }, request) => {
    const file = await locateFile(site.root, path, options);
    const stats = await statFile(file);
    if (!stats.isDirectory()) {
      // `/a.txt/` would be another address of `/a.txt`, with other relative links.
      if (path.endsWith("/")) throw new NotFound();
      return await sendOne(site, path, file, request, stats);
    }
    if (index === false) throw new NotFound();
    const indexPath = join(path, index);
    const indexFile = await locateFile(site.root, indexPath, options);
    return isFolder(path) ? await sendOne(site, indexPath, indexFile, request) : toFolder(path);
  };
}

/** A folder that is served. */
interface Site extends StaticOptions {
  readonly root: string;
  readonly codings: readonly Precompressed[];
}

/** @param stats What is known of the file already. */
async function sendOne(
  site: Site,
  path: string,
  file: string,
  request: HttpRequest,
  stats?: Stats,
): Promise<HttpResponse> {
  const { root, codings, cacheControl = "no-cache" } = site;
  const send = (sent: string, change: (headers: HeaderList) => void): Promise<HttpResponse> => {
    const known = sent === file ? stats : undefined;
    return fileResponse(request, sent, (headers) => change(headers.append("Cache-Control", cacheControl)), known);
  };
  if (codings.length === 0) return await send(file, noop);
  const vary = (headers: HeaderList): HeaderList => headers.append("Vary", "Accept-Encoding");
  const search = { root, path, access: site, codings, accept: request.acceptEncodings };
  const variant = await findVariant(search);
  if (variant === undefined) return await send(file, vary);
  const type = await typeOfName(file);
  return await send(variant.file, (headers) => {
    const tag = headers.get("ETag")?.replace(/"$/, `-${variant.coding}"`);
    vary(headers).set("Content-Type", type).set("Content-Encoding", variant.coding);
    if (tag !== undefined) headers.set("ETag", tag);
  });
}

/** @throws {TypeError} If there is no such coding. */
function toCodings(given: boolean | readonly Precompressed[]): readonly Precompressed[] {
  if (typeof given === "boolean") return given ? allCodings : [];
  if (areCodings(given)) return given;
  throw wrongType("serve files", `'precompressed' must be true, false or some of ${allCodings.join(", ")}`, given);
}

function areCodings(given: unknown): given is readonly Precompressed[] {
  return Array.isArray(given) && given.every((coding: unknown) => (allCodings as readonly unknown[]).includes(coding));
}

function isFolder(path: string): boolean {
  return path === "" || path.endsWith("/");
}

/** Sends on to the path with a slash, relative to where the client is, so that it holds wherever this is mounted. */
function toFolder(path: string): HttpResponse {
  const name = path.split("/").at(-1) ?? "";
  return redirect(`./${encodeURIComponent(name.toWellFormed())}/`, 308);
}
