// Around @fastify/send, which knows about conditions, ranges, dates, tags and types. It is asked as for HEAD, so that it
// opens no file: the body is read by us, and closed if the client leaves.

import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import type { SendOptions, SendResult } from "@fastify/send";
import { waitPromise } from "../asyncio/index.ts";
import { HeaderList } from "../http/index.ts";
import { fileBody, type FileRange } from "./_file-body.ts";
import { orNotFound } from "./_locate-file.ts";
import { PreconditionFailed, RangeNotSatisfiable } from "./client-errors.ts";
import { NotFound } from "./http-errors.ts";
import type { HttpRequest } from "./http-request.ts";
import { HttpResponse } from "./http-response.ts";

/** What it needs of a request, which it declares as more. */
interface SendRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

type Send = (request: SendRequest, path: string, options: SendOptions) => Promise<SendResult>;

let loaded: Send | undefined;
const sendOptions: SendOptions = { cacheControl: false, dotfiles: "allow", index: false };

/**
 * The response to a request for a file: all of it, the part that is asked for, or that the client has it already.
 *
 * @param path Its real path.
 * @throws {NotFound} If there is no such file.
 * @throws {PreconditionFailed} If it is not as the request demands.
 * @throws {RangeNotSatisfiable} If it has no such part.
 */
export async function fileResponse(request: HttpRequest, path: string, cacheControl: string): Promise<HttpResponse> {
  const stats = await statFile(path);
  if (!stats.isFile()) throw new NotFound();
  const send = (loaded ??= await waitPromise(loadSend()));
  const asked = { method: "HEAD", headers: askedHeaders(request, stats.size) };
  const { statusCode, headers, type } = await waitPromise(send(asked, encodeURIComponent(path), sendOptions));
  if (statusCode === 412) throw new PreconditionFailed();
  if (statusCode === 416) throw new RangeNotSatisfiable(undefined, { headers: pick(headers, "Content-Range") });
  // Gone since it was looked at.
  if (type !== "file") throw new NotFound();
  const list = new HeaderList();
  // The length is a number there, whatever the declared type says.
  for (const [name, value] of Object.entries<string | number>(headers)) list.append(name, String(value));
  list.append("Cache-Control", cacheControl).append("X-Content-Type-Options", "nosniff");
  const body = statusCode === 304 ? "" : await fileBody(path, rangeOf(list));
  return new HttpResponse(body, statusCode, list);
}

/** Loaded when the first file is asked for: its table of types takes its time. */
async function loadSend(): Promise<Send> {
  const { send } = await import("@fastify/send");
  return send as unknown as Send;
}

/** What is at a path. @throws {NotFound} If nothing is. */
export async function statFile(path: string): Promise<Stats> {
  try {
    return await waitPromise(stat(path), { name: path });
  } catch (error) {
    throw orNotFound(error);
  }
}

function rangeOf(headers: HeaderList): FileRange {
  const [, start = 0] = /^bytes (\d+)-/.exec(headers.get("Content-Range") ?? "") ?? [];
  return { start: Number(start), length: Number(headers.get("Content-Length") ?? 0) };
}

/** Headers as Node has them: names in lower case, several values joined. */
function askedHeaders(request: HttpRequest, size: number): Record<string, string> {
  const joined = Object.create(null) as Record<string, string>;
  for (const [name, value] of request.headers) {
    const key = name.toLowerCase();
    joined[key] = key in joined ? `${joined[key]}, ${value}` : value;
  }
  const range = plainRange(joined["range"] ?? "", size);
  if (range === undefined) delete joined["range"];
  else joined["range"] = range;
  return joined;
}

/**
 * A range that @fastify/send answers as the standard says: it refuses one that is malformed, which is to be ignored, and
 * more bytes from the end than there are, which is all of them. Of several ranges it sends the whole file.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2
 */
function plainRange(range: string, size: number): string | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(range.trim()) ?? [];
  if (first !== "") return last !== "" && Number(last) < Number(first) ? undefined : range;
  if (last === "") return undefined;
  return size > 0 && Number(last) >= size ? "bytes=0-" : range;
}

function pick(headers: Readonly<Record<string, string>>, name: string): readonly string[] {
  const value = headers[name];
  return value === undefined ? [] : [name, value];
}
