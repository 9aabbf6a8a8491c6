// Around @fastify/send, which knows the type, the tag and the date of a file. It is asked as for HEAD, and without
// conditions: it opens no file. The body is read by us, and closed if the client leaves.

import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import type { SendOptions, SendResult } from "@fastify/send";
import { waitPromise } from "../../asyncio/index.ts";
import { HeaderList } from "../../http/index.ts";
import { evaluateConditions, selectRange, type Validators } from "./_conditions.ts";
import { fileBody } from "./_file-body.ts";
import { orNotFound } from "./_locate-file.ts";
import { PreconditionFailed, RangeNotSatisfiable, NotFound } from "../errors/statuses.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { HttpResponse } from "../message/http-response.ts";

/** The part of its request that @fastify/send uses; it declares more. */
interface SendRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

type Send = (request: SendRequest, path: string, options: SendOptions) => Promise<SendResult>;

let loaded: Send | undefined;
const unconditional: SendRequest = { method: "HEAD", headers: {} };
const sendOptions: SendOptions = { cacheControl: false, dotfiles: "allow", index: false };

/**
 * Makes the response to a request for a file: all of it, the part that is asked for, or 304 if the client has it.
 *
 * @param path Its real path.
 * @throws {NotFound} If there is no such file.
 * @throws {PreconditionFailed} If it is not as the request demands.
 * @throws {RangeNotSatisfiable} If it has no such part.
 */
export async function fileResponse(request: HttpRequest, path: string, cacheControl: string): Promise<HttpResponse> {
  const headers = await fileHeaders(path);
  headers.append("Cache-Control", cacheControl).append("X-Content-Type-Options", "nosniff");
  const validators: Validators = { tag: headers.get("ETag") ?? "", modified: headers.get("Last-Modified") ?? "" };
  const status = evaluateConditions(request, validators);
  if (status === 412) throw new PreconditionFailed();
  if (status === 304) return notModified(headers);
  const size = Number(headers.get("Content-Length"));
  const range = selectRange(request, validators, size);
  if (range === undefined) return new HttpResponse(await fileBody(path, { start: 0, length: size }), 200, headers);
  if (range === "none") throw new RangeNotSatisfiable(undefined, { headers: ["Content-Range", `bytes */${size}`] });
  const { start, length } = range;
  headers.append("Content-Range", `bytes ${start}-${start + length - 1}/${size}`).set("Content-Length", String(length));
  return new HttpResponse(await fileBody(path, range), 206, headers);
}

/** The headers of a whole file. */
async function fileHeaders(path: string): Promise<HeaderList> {
  if (!(await statFile(path)).isFile()) throw new NotFound();
  const send = (loaded ??= await waitPromise(loadSend()));
  const { headers, type } = await waitPromise(send(unconditional, encodeURIComponent(path), sendOptions));
  // It may have gone meanwhile.
  if (type !== "file") throw new NotFound();
  const list = new HeaderList();
  // The length is a number there, whatever the declared type says.
  for (const [name, value] of Object.entries<string | number>(headers)) list.append(name, String(value));
  // Without a type, and with `nosniff`, browsers disagree about what it is.
  if (!list.has("Content-Type")) list.append("Content-Type", "application/octet-stream");
  return list;
}

function notModified(headers: HeaderList): HttpResponse {
  headers.delete("Content-Type");
  headers.delete("Content-Length");
  return new HttpResponse("", 304, headers);
}

/** Loaded when the first file is asked for: its table of types takes its time. */
async function loadSend(): Promise<Send> {
  const { send } = await import("@fastify/send");
  return send as unknown as Send;
}

/** Looks at a path. @throws {NotFound} If nothing is there. */
export async function statFile(path: string): Promise<Stats> {
  try {
    return await waitPromise(stat(path), { name: path });
  } catch (error) {
    throw orNotFound(error);
  }
}
