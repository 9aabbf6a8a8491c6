import { crypto } from "../../base/node.ts";
import type { HeaderList, ResponseBody } from "../../http/index.ts";
import { RangeNotSatisfiable } from "../errors/statuses.ts";
import type { BytePart } from "../negotiation/byte-ranges.ts";
import { type ConditionalRequest, evaluateConditions, isRangeCurrent } from "../negotiation/conditions.ts";
import { toDate } from "../negotiation/http-date.ts";
import { emptyInPlaceOf } from "./_derived-stream.ts";
import type { PartSource } from "./_part-source.ts";

/** A response that is made what a client asks for. */
export interface ChangeableResponse {
  status: number;
  readonly headers: HeaderList;
  body: ResponseBody;
}

/**
 * Makes a response with the status 200 what the conditions and ranges of a request ask for: 304 if the client has it, 412
 * without a body if it demands another version, 206 with the parts that it asks for.
 *
 * @param source The parts of the body; `undefined` if it has none that can be sent.
 * @throws {RangeNotSatisfiable} If the body has no such part.
 */
export function applyConditions(
  response: ChangeableResponse,
  request: ConditionalRequest,
  source: PartSource | undefined,
): void {
  if (response.status !== 200) return;
  const { headers } = response;
  const validators = { tag: headers.get("ETag"), modified: toDate(headers.get("Last-Modified")) };
  const status = evaluateConditions(request, validators);
  if (status !== 200) return refuseBody(response, status);
  if (source === undefined) return;
  headers.set("Accept-Ranges", "bytes");
  if (request.method !== "GET" || !isRangeCurrent(request.ifRange, validators)) return;
  const parts = request.range?.select(source.size);
  if (parts !== undefined) sendParts(response, source, parts);
}

const ofBody = ["Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Disposition"];

function refuseBody(response: ChangeableResponse, status: 304 | 412): void {
  response.status = status;
  for (const name of ofBody) response.headers.delete(name);
  response.body = emptyInPlaceOf(response.body);
  if (status === 412 && response.body !== "") response.headers.set("Content-Length", "0");
}

function sendParts(response: ChangeableResponse, source: PartSource, parts: readonly BytePart[]): void {
  const [first] = parts;
  if (first === undefined) {
    throw new RangeNotSatisfiable(undefined, { headers: ["Content-Range", `bytes */${source.size}`] });
  }
  response.status = 206;
  if (parts.length > 1) return sendSeveral(response, source, parts);
  response.headers.set("Content-Range", describePart(first, source.size)).set("Content-Length", String(first.length));
  response.body = source.part(first);
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-14.6 */
function sendSeveral(response: ChangeableResponse, source: PartSource, parts: readonly BytePart[]): void {
  const boundary = `part-${crypto().randomUUID()}`;
  const type = response.headers.get("Content-Type");
  const heads = parts.map((part, i) => {
    const said = type === undefined ? "" : `Content-Type: ${type}\r\n`;
    const range = `Content-Range: ${describePart(part, source.size)}\r\n`;
    return Buffer.from(`${i === 0 ? "" : "\r\n"}--${boundary}\r\n${said}${range}\r\n`, "latin1");
  });
  const between = [...heads, Buffer.from(`\r\n--${boundary}--\r\n`)];
  const length = sum(between.map((bytes) => bytes.byteLength)) + sum(parts.map((part) => part.length));
  response.headers.set("Content-Type", `multipart/byteranges; boundary=${boundary}`);
  response.headers.set("Content-Length", String(length));
  response.body = source.parts(parts, (index) => between[index]!);
}

function describePart({ start, length }: BytePart, size: number): string {
  return `bytes ${start}-${start + length - 1}/${size}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
