// The types of files are those of @fastify/send, and their tags and dates have its form. It is not asked for more: it would
// look at the file once more, and nearly all that a small file costs are such waits for the file system. The body is read by
// us, and closed if the client leaves.

import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { waitPromise } from "../../asyncio/index.ts";
import { HeaderList } from "../../http/index.ts";
import { applyConditions } from "../message/conditional-response.ts";
import { NotFound } from "../errors/statuses.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { HttpResponse } from "../message/http-response.ts";
import { FileSource, FileStream } from "./_file-body.ts";
import { orNotFound } from "./_locate-file.ts";

interface Types {
  getType(path: string): string | null;
}

let loaded: Types | undefined;

/**
 * Makes the response to a request for a file: all of it, the parts that are asked for, 304 if the client has it, or 412 if it
 * demands another version.
 *
 * @param path Its real path.
 * @param change Changes its headers before they are compared with the request.
 * @param known What {@link statFile} said of it.
 * @throws {NotFound} If there is no such file.
 * @throws {RangeNotSatisfiable} If it has no such part.
 */
export async function fileResponse(
  request: HttpRequest | undefined,
  path: string,
  change: (headers: HeaderList) => void,
  known?: Stats,
): Promise<HttpResponse> {
  const headers = await fileHeaders(path, known ?? (await statFile(path)));
  headers.append("X-Content-Type-Options", "nosniff");
  change(headers);
  const source = new FileSource(path, Number(headers.get("Content-Length")));
  const response = new HttpResponse(source.part({ start: 0, length: source.size }), 200, headers);
  if (request === undefined) headers.delete("Accept-Ranges");
  else applyConditions(response, request, source);
  if (response.body instanceof FileStream) response.body = await response.body.resolve();
  else if (response.status !== 200) response.body = "";
  return response;
}

/** The headers of a whole file. */
async function fileHeaders(path: string, stats: Stats): Promise<HeaderList> {
  if (!stats.isFile()) throw new NotFound();
  const { size, mtime } = stats;
  // Without a type, and with `nosniff`, browsers disagree about what it is.
  return new HeaderList()
    .append("Accept-Ranges", "bytes")
    .append("Last-Modified", mtime.toUTCString())
    .append("ETag", `W/"${size.toString(16)}-${mtime.getTime().toString(16)}"`)
    .append("Content-Type", await typeOfName(path))
    .append("Content-Length", String(size));
}

/** The `Content-Type` for a file name. */
export async function typeOfName(name: string): Promise<string> {
  const type = (loaded ??= await waitPromise(loadTypes())).getType(name) ?? "application/octet-stream";
  return /^(?:text\/|application\/(?:javascript|json)$)/.test(type) ? `${type}; charset=utf-8` : type;
}

/** Loaded when the first file is asked for: the table takes its time. */
async function loadTypes(): Promise<Types> {
  const { mime } = (await import("@fastify/send")) as unknown as { readonly mime: Types };
  return mime;
}

/** Looks at a path. @throws {NotFound} If nothing is there. */
export async function statFile(path: string): Promise<Stats> {
  try {
    return await waitPromise(stat(path), { name: path });
  } catch (error) {
    throw orNotFound(error);
  }
}
