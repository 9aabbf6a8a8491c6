import { basename, resolve } from "node:path";
import { contentDisposition, HeaderList, type ResponseBody } from "../../http/index.ts";
import { option } from "../../base/options.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { requireRequest, type RequestContext } from "../message/context.ts";
import { HttpResponse } from "../message/http-response.ts";
import { CacheControl } from "../negotiation/cache-control.ts";
import { formatEntityTag } from "../negotiation/entity-tags.ts";
import { fileResponse, typeOfName } from "./_file-response.ts";
import { type FileAccess, locateFile, realPath } from "./_locate-file.ts";

/** Options of a file that is sent. */
export interface SendFileOptions {
  /**
   * Its `Content-Type`.
   * @default by the extension of `downloadName`, or of its path
   */
  readonly mimetype?: string;
  /**
   * Whether the browser saves it instead of showing it.
   * @default false
   */
  readonly asAttachment?: boolean;
  /**
   * The name under which the browser saves it.
   * @default the name of its path, if it is an attachment
   */
  readonly downloadName?: string;
  /**
   * Whether the conditions and ranges of the request are answered.
   * @default true
   */
  readonly conditional?: boolean;
  /**
   * The text of its `ETag`, without quotes, or whether it has one.
   * @default true: made of the size and the date of a file, or of the bytes; a stream has none
   */
  readonly etag?: boolean | string;
  /**
   * When it was changed.
   * @default the date of the file; bytes and streams have none
   */
  readonly lastModified?: Date;
  /**
   * The time, in milliseconds, for which any cache may use it without asking.
   * @default none: browsers keep a file, and ask each time whether it is still the same
   */
  readonly maxAge?: number;
  /**
   * The `Cache-Control` header, in place of `maxAge`.
   * @default "no-cache", or by `maxAge`
   */
  readonly cacheControl?: string;
}

/**
 * Answers the current request with a file, bytes or a stream: all of it, the parts that the client asks for, 304 if the client
 * has it, or 412 if it demands another version. Parts of a stream are not sent, as its size is not known.
 *
 * @param file The path of a file, which begins at the folder of the application; bytes; or a stream of bytes. A path that comes
 *   from outside needs {@link sendFromDirectory}.
 * @throws {NotFound} If there is no such file.
 * @throws {RangeNotSatisfiable} If it has no such part.
 * @throws {InvalidStateError} If there is no current request.
 * @throws {TypeError} If `file` or an option is of the wrong type.
 * @throws {RangeError} If `lastModified` is not a date, or `maxAge` not a number of milliseconds >= 0.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/report", () => sendFile(Buffer.from("a,b\n1,2\n"), { downloadName: "report 2024.csv", asAttachment: true }));
 * const response = await app.testClient().get("/report", { headers: { Range: "bytes=0-2" } });
 * console.log(response.status, response.text(), response.headers.get("content-type")); // 206 a,b text/csv; charset=utf-8
 * console.log(response.headers.get("content-disposition")); // attachment; filename="report 2024.csv"
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14
 */
export async function sendFile(
  file: string | Uint8Array | AsyncIterable<Uint8Array>,
  options: SendFileOptions = {},
): Promise<HttpResponse> {
  const context = requireRequest("sendFile()");
  if (typeof file !== "string") return await sendData(context, file, options);
  return await sendPath(context, await realPath(resolve(context.app.rootPath, file)), file, options);
}

/**
 * Answers the current request with a file below a folder, as {@link sendFile} does. The path may come from outside: what is
 * hidden or outside the folder cannot be reached.
 *
 * @param directory The folder; a relative one begins at the folder of the application.
 * @param path The path below the folder, with `/` between its parts.
 * @throws {NotFound} If there is no such file, or it must not be served.
 * @throws The errors of {@link sendFile}.
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/files/<path:path>", ({ path }) => sendFromDirectory("uploads", path));
 * console.log((await app.testClient().get("/files/..%2fapp.ts")).status); // 404
 */
export async function sendFromDirectory(
  directory: string,
  path: string,
  options: SendFileOptions & FileAccess = {},
): Promise<HttpResponse> {
  const context = requireRequest("sendFromDirectory()");
  const file = await locateFile(resolve(context.app.rootPath, directory), path, options);
  return await sendPath(context, file, path, options);
}

async function sendPath(
  { request }: RequestContext,
  path: string,
  name: string,
  options: SendFileOptions,
): Promise<HttpResponse> {
  const { mimetype, downloadName, conditional = true } = options;
  const type = mimetype ?? (downloadName === undefined ? undefined : await typeOfName(downloadName));
  return await fileResponse(conditional ? request : undefined, path, (headers) => {
    if (type !== undefined) headers.set("Content-Type", type);
    describe(headers, basename(name), options);
  });
}

async function sendData(
  { request }: RequestContext,
  data: Uint8Array | AsyncIterable<Uint8Array>,
  options: SendFileOptions,
): Promise<HttpResponse> {
  checkData(data);
  const { mimetype, downloadName = "", etag = true, conditional = true } = options;
  const headers = new HeaderList(["Content-Type", mimetype ?? (await typeOfName(downloadName))]);
  headers.append("X-Content-Type-Options", "nosniff");
  describe(headers, downloadName, options);
  const response = new HttpResponse(data, 200, headers);
  if (etag === true && data instanceof Uint8Array) response.addEtag();
  return conditional ? response.makeConditional(request, { acceptRanges: true }) : response;
}

function checkData(data: unknown): asserts data is ResponseBody {
  if (data instanceof Uint8Array) return;
  if (typeof data === "object" && data !== null && Symbol.asyncIterator in data) return;
  throw wrongType("send a file", "'file' must be a path, bytes or a stream of bytes", data, showKind);
}

/** Sets the headers that the options ask for. */
function describe(headers: HeaderList, name: string, options: SendFileOptions): void {
  const { asAttachment = false, downloadName, etag = true, lastModified, cacheControl, maxAge } = options;
  if (typeof etag === "string") headers.set("ETag", formatEntityTag(etag, false));
  else if (!option("send a file", "etag", etag).boolean()) headers.delete("ETag");
  if (lastModified !== undefined) headers.set("Last-Modified", formatDate(lastModified));
  headers.set("Cache-Control", cacheControl ?? "no-cache");
  if (maxAge !== undefined && cacheControl === undefined) {
    new CacheControl(headers).set({ noCache: false, public: true, maxAge });
  }
  if (!asAttachment && downloadName === undefined) return;
  const disposition = contentDisposition(downloadName ?? (name === "" ? "file" : name));
  headers.set("Content-Disposition", asAttachment ? disposition : disposition.replace(/^attachment/, "inline"));
}

function formatDate(date: Date): string {
  if (date instanceof Date && !Number.isNaN(date.getTime())) return date.toUTCString();
  throw outOfRange("send a file", "'lastModified' must be a date", date);
}
