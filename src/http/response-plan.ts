import { cannot, outOfRange, wrongType } from "../base/refusal.ts";
import { showKind } from "../base/show.ts";
import type { RawHeaders, ResponseBody } from "./application.ts";
import { ContentLengthError, InvalidHeaderError } from "./errors.ts";
import { findHeader } from "./header-list.ts";
import { isToken, isFieldValue } from "./field-syntax.ts";

/** A response that has been checked and framed, so that a server need only write it. */
export interface ResponsePlan {
  /** The status. */
  readonly status: number;
  /** The headers, with `Content-Length` where it is known. */
  readonly headers: string[];
  /** What to send; `undefined` where a response has no body: for HEAD, 204, 205 and 304. */
  readonly body: ResponseBody | undefined;
  /** How many bytes `body` has; `undefined` for an async iterable. */
  readonly length: number | undefined;
  /** How many bytes an async iterable must have, if the application said so. */
  readonly declaredLength: number | undefined;
}

const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Checks a response and frames it. Every server calls it before it sends anything, so that an application meets the
 * same rules on each of them.
 *
 * @throws {RangeError} If `status` is not a whole number from 200 to 599.
 * @throws {InvalidHeaderError} If a name or value may not stand in a header: a line break in one would let its
 *   author add headers, or a whole response.
 * @throws {ContentLengthError} If `Content-Length` is not a number, or not that of a body whose length is known.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.5
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6.3
 */
export function planResponse(method: string, status: number, headers: RawHeaders, body: ResponseBody): ResponsePlan {
  checkStatus(status);
  const declared = checkHeaders(headers);
  const length = lengthOf(body);
  if (declared !== undefined && length !== undefined && declared !== length)
    throw new ContentLengthError(declared, length);
  const framed = [...headers];
  const said = declared === undefined && length !== undefined ? contentLength(method, status, length) : undefined;
  if (said !== undefined) framed.push("Content-Length", String(said));
  const sends = method !== "HEAD" && !bodiless.has(status);
  return {
    status,
    headers: framed,
    body: sends ? body : undefined,
    length: sends ? length : 0,
    declaredLength: declared,
  };
}

/** Closes an async iterable of which nothing will be read. One that was never begun has nothing to clean up. */
export async function dismissBody(body: ResponseBody): Promise<void> {
  if (typeof body === "string" || body instanceof Uint8Array) return;
  await body[Symbol.asyncIterator]().return?.();
}

function checkStatus(status: number): void {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return;
  throw outOfRange("respond", "'status' must be a whole number from 200 to 599", status);
}

/**
 * Checks the names and values of a flat list.
 *
 * @throws {InvalidHeaderError} If one may not stand in a header.
 */
export function checkFields(headers: RawHeaders): void {
  requirePairs(headers);
  for (let i = 0; i < headers.length; i += 2) checkValue(checkName(headers[i]), headers[i + 1]);
}

/** What says how a message is framed, sent on or read, which is too late behind its body. */
const notBehindBody: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "date",
  "host",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
]);

/**
 * Checks trailers, and gives them.
 *
 * @throws {InvalidHeaderError} If a name or value may not stand in one.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-6.5.1
 */
export function checkTrailers(trailers: RawHeaders): RawHeaders {
  checkFields(trailers);
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i]!;
    if (!notBehindBody.has(name.toLowerCase())) continue;
    throw new InvalidHeaderError(cannot(`send the trailer '${name}'`, "it must stand in the head", trailers[i + 1]));
  }
  return trailers;
}

/**
 * Whether the client of a request takes trailers: over HTTP/1.1 it has to say so.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.1.4
 */
export function takesTrailers(rawHeaders: RawHeaders): boolean {
  const codings = findHeader(rawHeaders, "te");
  return codings !== undefined && /(?:^|,)[ \t]*trailers[ \t]*(?:$|[,;])/i.test(codings);
}

function requirePairs(headers: RawHeaders): void {
  if (headers.length % 2 === 0) return;
  throw new InvalidHeaderError(
    `Cannot send the headers as each name must have a value: current list is ${JSON.stringify(headers)}`,
  );
}

/** Checks each name and value; returns the length that they say the body has. */
function checkHeaders(headers: RawHeaders): number | undefined {
  requirePairs(headers);
  let length: number | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = checkName(headers[i]);
    const value = checkValue(name, headers[i + 1]);
    if (name.length === 14 && name.toLowerCase() === "content-length") length = readLength(value, length);
    if (name.length === 17 && name.toLowerCase() === "transfer-encoding") throw frames(name, value);
  }
  return length;
}

function checkName(name: unknown): string {
  if (typeof name === "string" && isToken(name)) return name;
  throw new InvalidHeaderError(cannot("send the header", "its name must be a token", name));
}

function checkValue(name: string, value: unknown): string {
  if (typeof value === "string" && isFieldValue(value)) return value;
  const must = "its value must be a string of visible Latin-1 characters, blanks and tabs";
  throw new InvalidHeaderError(cannot(`send the header '${name}'`, must, value));
}

function readLength(value: string, before: number | undefined): number {
  if (!/^\d{1,15}$/.test(value) || before !== undefined) throw new ContentLengthError(value, before ?? "unknown");
  return Number(value);
}

function frames(name: string, value: string): InvalidHeaderError {
  return new InvalidHeaderError(cannot(`send the header '${name}'`, "the server frames the body", value));
}

function lengthOf(body: ResponseBody): number | undefined {
  if (typeof body === "string") return Buffer.byteLength(body);
  if (body instanceof Uint8Array) return body.byteLength;
  if (typeof (body as Partial<AsyncIterable<unknown>> | null)?.[Symbol.asyncIterator] === "function") return undefined;
  const must = "'body' must be a string, bytes or an async iterable of them";
  throw wrongType("respond", must, body, showKind);
}

/** A 204 says no length. An empty body for HEAD or 304 tells nothing of what GET would have sent, so neither do we. */
function contentLength(method: string, status: number, length: number): number | undefined {
  if (status === 204 || (length === 0 && (method === "HEAD" || status === 304))) return undefined;
  return status === 205 ? 0 : length;
}
