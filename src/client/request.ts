import { cannot, wrongType } from "../base/refusal.ts";
import { showKind } from "../base/show.ts";
import { HeaderList, type HeadersLike, InvalidHeaderError, isFieldValue, isToken } from "../http/index.ts";
import { acceptedCodings } from "./decode.ts";
import { InvalidUrl, type RequestInfo, withoutPassword } from "./errors.ts";
import type { ClientTimeout } from "./timeouts.ts";
import { type BodyStream, sliceSize } from "./upload.ts";

/** A value of a query field or a form field. */
export type FieldValue = string | number | boolean;

/** The fields of a query or a form. A list repeats the field once for each value; `undefined` omits the field. */
export type Fields =
  | URLSearchParams
  | Readonly<Record<string, FieldValue | readonly FieldValue[] | undefined>>
  | readonly (readonly [name: string, value: FieldValue])[];

/** Options of one request. The settings of the session apply to options that are not given. */
export interface RequestOptions {
  /** Fields to add to the query of the URL. */
  readonly params?: Fields;
  /** Headers; they replace headers of the session with the same name. */
  readonly headers?: HeadersLike;
  /** A value to send as a JSON body. */
  readonly json?: unknown;
  /** Fields to send as a body in the format of an HTML form: `application/x-www-form-urlencoded`. */
  readonly form?: Fields;
  /**
   * The body itself: text, bytes, or pieces that are produced while the body is sent, no faster than the server reads
   * them. A body in pieces can be sent only once, so a redirect that would send it again is not followed.
   */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array | string>;
  /** Time limits, in milliseconds; a single number is the total limit. */
  readonly timeout?: number | ClientTimeout;
  /** The maximum number of redirects to follow. With 0, none is followed, and the redirect itself is returned. */
  readonly maxRedirects?: number;
  /** Whether a status of 400 or more is thrown as a `ClientResponseError`. */
  readonly raiseForStatus?: boolean;
  /** The maximum size of the decoded body, in bytes. `Infinity` means no limit. */
  readonly maxBodySize?: number;
}

/** The body of a request as it is sent. Text and bytes can be sent again, a stream cannot. */
export type OutgoingBody = string | Uint8Array | BodyStream | undefined;

/** A request that is ready to be sent. */
export interface OutgoingRequest {
  readonly info: RequestInfo;
  readonly method: string;
  /** The URL, without user name and password. */
  readonly url: URL;
  readonly headers: HeaderList;
  readonly body: OutgoingBody;
}

/** Whether a body can be sent only once. */
export function isStream(body: OutgoingBody): body is BodyStream {
  return typeof body === "object" && !(body instanceof Uint8Array);
}

/** The settings of a session that each request uses. */
export interface RequestDefaults {
  readonly baseUrl: URL | undefined;
  readonly headers: HeaderList;
}

/**
 * Makes a request from the arguments of a call.
 *
 * @throws {InvalidUrl} If the URL is not an HTTP URL.
 * @throws {InvalidHeaderError} If a header contains characters that are not allowed.
 * @throws {TypeError} If more than one body is given, or the method is not an HTTP method.
 */
export function prepare(
  session: RequestDefaults,
  method: string,
  target: string | URL,
  options: RequestOptions,
): OutgoingRequest {
  const verb = checkMethod(method);
  const url = resolve(session.baseUrl, verb, target);
  if (options.params !== undefined) appendFields(url.searchParams, options.params);
  const headers = mergeHeaders(session.headers, new HeaderList(options.headers));
  takeCredentials(url, headers);
  const [type, body] = bodyOf(options);
  setDefaults(headers, type, body);
  for (const [name, value] of headers) checkHeader(name, value);
  return { info: infoOf(verb, url), method: verb, url, headers, body };
}

/** The description of a request for errors. */
export function infoOf(method: string, url: URL): RequestInfo {
  return { method, url: url.href };
}

/** Moves user name and password from the URL to a header, because errors show the URL but not the headers. */
export function takeCredentials(url: URL, headers: HeaderList): void {
  if (url.username === "" && url.password === "") return;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  headers.set("Authorization", `Basic ${Buffer.from(pair).toString("base64")}`);
  url.username = url.password = "";
}

/** Whether `url` is an HTTP URL with parts that can be decoded. */
export function isAskable(url: URL): boolean {
  return /^https?:$/.test(url.protocol) && isDecodable(url.username) && isDecodable(url.password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const knownMethods = /^(?:get|head|options|post|put|patch|delete|trace|query)$/i;

function checkMethod(method: string): string {
  if (typeof method === "string" && isToken(method) && !/^connect$/i.test(method)) {
    return knownMethods.test(method) ? method.toUpperCase() : method;
  }
  throw wrongType("make a request", "its method must be one of HTTP", method);
}

function resolve(base: URL | undefined, method: string, target: string | URL): URL {
  const url = URL.parse(target, base);
  if (url !== null && isAskable(url)) return url;
  const hint = url === null && base === undefined ? "an absolute URL, or a session with a 'baseUrl'," : "a URL of HTTP";
  const shown = withoutPassword(String(target));
  throw new InvalidUrl({ method, url: shown }, cannot(method, `${hint} is needed`, shown));
}

function mergeHeaders(session: HeaderList, own: HeaderList): HeaderList {
  const kept = [...session].filter(([name]) => !own.has(name));
  return new HeaderList([...kept, ...own]);
}

function appendFields(query: URLSearchParams, fields: Fields): void {
  const pairs = Symbol.iterator in fields ? fields : Object.entries(fields);
  for (const [name, value] of pairs as Iterable<[string, FieldValue | readonly FieldValue[] | undefined]>) {
    for (const one of [value].flat()) if (one !== undefined) query.append(name, String(one));
  }
}

function bodyOf({ json, form, body }: RequestOptions): [type: string | undefined, body: OutgoingBody] {
  if ([json, form, body].filter((one) => one !== undefined).length > 1) {
    throw new TypeError("Cannot make a request as it has more than one body: give 'json', 'form' or 'body'");
  }
  if (json !== undefined) return ["application/json", encode(JSON.stringify(json))];
  if (form !== undefined) {
    const fields = new URLSearchParams();
    appendFields(fields, form);
    return ["application/x-www-form-urlencoded", encode(fields.toString())];
  }
  return typeof body === "string" ? ["text/plain;charset=UTF-8", encode(body)] : [undefined, checkBody(body)];
}

// Converts long text to bytes, which are sent in slices. A value without a JSON form, such as a function, gives
// `undefined` and is not sent.
function encode(text: string | undefined): string | Uint8Array | undefined {
  return text === undefined || text.length <= sliceSize ? text : Buffer.from(text);
}

function checkBody(body: unknown): OutgoingBody {
  if (body === undefined || body instanceof Uint8Array) return body;
  if (typeof body === "object" && body !== null && Symbol.asyncIterator in body) return body as OutgoingBody;
  throw wrongType("make a request", "'body' must be a string, bytes or an async iterable", body, showKind);
}

function setDefaults(headers: HeaderList, type: string | undefined, body: OutgoingBody): void {
  const set = (name: string, value: string | undefined): void => {
    if (value !== undefined && !headers.has(name)) headers.append(name, value);
  };
  set("User-Agent", "Pottle");
  set("Accept", "*/*");
  set("Accept-Encoding", acceptedCodings);
  set("Content-Type", body === undefined ? undefined : type);
  if (body instanceof Uint8Array) headers.set("Content-Length", String(body.byteLength));
  else if (!isStream(body)) headers.delete("Content-Length");
}

// The error does not show the value, because it may be a secret.
function checkHeader(name: string, value: string): void {
  if (isToken(name) && isFieldValue(value)) return;
  throw new InvalidHeaderError(`Cannot send a header as it has characters that are not allowed there: ${name}`);
}
