import { HeaderList, InvalidHeaderError, isToken, isFieldValue } from "../http/index.ts";
import { cannot, wrongType } from "../base/refusal.ts";
import { showKind } from "../base/show.ts";
import { acceptedCodings } from "./_decode.ts";
import { InvalidUrl, type RequestInfo } from "./errors.ts";
import { isStream, type OutgoingBody, type OutgoingRequest } from "./_outgoing-request.ts";
import { appendFields, type RequestOptions } from "./request-options.ts";
import type { SessionSettings } from "./session-options.ts";

/**
 * Makes of what the caller says a request that can be sent.
 *
 * @throws {InvalidUrl} If the URL cannot be asked.
 * @throws {InvalidHeaderError} If a header has characters that may not stand there.
 * @throws {TypeError} If there is more than one body, or a method that is none.
 */
export function prepare(
  session: SessionSettings,
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

/** What errors tell of a request. */
export function infoOf(method: string, url: URL): RequestInfo {
  return { method, url: url.href };
}

/** Moves user and password from the URL into a header, where they are not shown to everybody. */
export function takeCredentials(url: URL, headers: HeaderList): void {
  if (url.username === "" && url.password === "") return;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  headers.set("Authorization", `Basic ${Buffer.from(pair).toString("base64")}`);
  url.username = url.password = "";
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

/** Whether it is a URL of HTTP whose parts can be understood. */
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

/** A URL as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, "//…@");
}

function mergeHeaders(session: HeaderList, own: HeaderList): HeaderList {
  const kept = [...session].filter(([name]) => !own.has(name));
  return new HeaderList([...kept, ...own]);
}

function bodyOf({ json, form, body }: RequestOptions): [type: string | undefined, body: OutgoingBody] {
  if ([json, form, body].filter((one) => one !== undefined).length > 1) {
    throw new TypeError("Cannot make a request as it has more than one body: give 'json', 'form' or 'body'");
  }
  if (json !== undefined) return ["application/json", JSON.stringify(json)];
  if (form !== undefined) {
    const fields = new URLSearchParams();
    appendFields(fields, form);
    return ["application/x-www-form-urlencoded", fields.toString()];
  }
  return [typeof body === "string" ? "text/plain;charset=UTF-8" : undefined, checkBody(body)];
}

function checkBody(body: unknown): OutgoingBody {
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) return body;
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

// The value is not shown: it may be a secret.
function checkHeader(name: string, value: string): void {
  if (isToken(name) && isFieldValue(value)) return;
  throw new InvalidHeaderError(`Cannot send a header as it has characters that may not stand there: ${name}`);
}
