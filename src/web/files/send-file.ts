import { basename, resolve } from "node:path";
import { contentDisposition } from "../../http/index.ts";
import { fileResponse } from "./_file-response.ts";
import { type FileAccess, locateFile, realPath } from "./_locate-file.ts";
import { requireRequest } from "../message/context.ts";
import type { HttpResponse } from "../message/http-response.ts";

/** Options of a file that is sent. */
export interface SendFileOptions extends FileAccess {
  /**
   * The folder that `path` must be in, and stay in: required for safety if the path comes from outside.
   * @default none: `path` may be any
   */
  readonly folder?: string;
  /**
   * Whether the browser saves it instead of showing it: under the file's name, or under this one.
   * @default false
   */
  readonly download?: boolean | string;
  /**
   * Its `Content-Type`.
   * @default by the extension of its name
   */
  readonly contentType?: string;
  /**
   * The `Cache-Control` header.
   * @default "no-cache", by which browsers keep a file, and ask each time whether it is still the same
   */
  readonly cacheControl?: string;
}

/**
 * Answers the current request with a file: all of it, the part that the client asks for, or 304 if it has the file.
 *
 * @param path The file. A relative path begins at `folder`, and that at the folder of the application.
 * @throws {NotFound} If there is no such file, or it must not be served.
 * @throws {PreconditionFailed} If it is not as the request demands.
 * @throws {RangeNotSatisfiable} If it has no such part.
 * @throws {InvalidStateError} If there is no current request.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/source", () => sendFile(import.meta.filename, { download: "source.txt" }));
 * const response = await app.testClient().get("/source");
 * console.log(response.headers.get("content-disposition")); // attachment; filename="source.txt"
 */
export async function sendFile(path: string, options: SendFileOptions = {}): Promise<HttpResponse> {
  const { app, request } = requireRequest("sendFile()");
  const file = await locate(app.rootPath, path, options);
  const response = await fileResponse(request, file, options.cacheControl ?? "no-cache");
  const { contentType, download = false } = options;
  if (contentType !== undefined && response.status !== 304) response.headers.set("Content-Type", contentType);
  const name = typeof download === "string" ? download : basename(path);
  if (download !== false) response.headers.set("Content-Disposition", contentDisposition(name));
  return response;
}

async function locate(rootPath: string, path: string, options: SendFileOptions): Promise<string> {
  if (options.folder === undefined) return await realPath(resolve(rootPath, path));
  return await locateFile(resolve(rootPath, options.folder), path, options);
}
