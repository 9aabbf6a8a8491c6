// Around @fastify/send, which knows the type, the tag and the date of a file. It is asked as for HEAD, and without
// conditions: it opens no file. The body is read by us, and closed if the client leaves.

import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import type { SendOptions, SendResult } from "@fastify/send";
import { waitPromise } from "../../asyncio/index.ts";
import { HeaderList } from "../../http/index.ts";
import { applyConditions } from "../message/conditional-response.ts";
import { NotFound } from "../errors/statuses.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { HttpResponse } from "../message/http-response.ts";
import { FileSource, FileStream } from "./_file-body.ts";
import { orNotFound } from "./_locate-file.ts";

/** The part of its request that @fastify/send uses; it declares more. */
interface SendRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Sender {
  readonly send: (request: SendRequest, path: string, options: SendOptions) => Promise<SendResult>;
  readonly mime: { getType(path: string): string | null };
}

let loaded: Sender | undefined;
const unconditional: SendRequest = { method: "HEAD", headers: {} };
const sendOptions: SendOptions = { cacheControl: false, dotfiles: "allow", index: false };

/**
 * Makes the response to a request for a file: all of it, the parts that are asked for, 304 if the client has it, or 412 if it
 * demands another version.
 *
 * @param path Its real path.
 * @param change Changes its headers before they are compared with the request.
 * @throws {NotFound} If there is no such file.
 * @throws {RangeNotSatisfiable} If it has no such part.
 */
export async function fileResponse(
  request: HttpRequest | undefined,
  path: string,
  change: (headers: HeaderList) => void,
): Promise<HttpResponse> {
  const headers = await fileHeaders(path);
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
async function fileHeaders(path: string): Promise<HeaderList> {
  if (!(await statFile(path)).isFile()) throw new NotFound();
  const { send } = (loaded ??= await waitPromise(loadSend()));
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

/** The `Content-Type` for a file name. */
export async function typeOfName(name: string): Promise<string> {
  const { mime } = (loaded ??= await waitPromise(loadSend()));
  const type = mime.getType(name) ?? "application/octet-stream";
  return /^(?:text\/|application\/(?:javascript|json)$)/.test(type) ? `${type}; charset=utf-8` : type;
}

/** Loaded when the first file is asked for: its table of types takes its time. */
async function loadSend(): Promise<Sender> {
  return (await import("@fastify/send")) as unknown as Sender;
}

/** Looks at a path. @throws {NotFound} If nothing is there. */
export async function statFile(path: string): Promise<Stats> {
  try {
    return await waitPromise(stat(path), { name: path });
  } catch (error) {
    throw orNotFound(error);
  }
}
