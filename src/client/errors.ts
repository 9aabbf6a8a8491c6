// What can go wrong with a request. Each error says which request it was.
//
//   Error
//   └─ ClientError                      `request`: its method and URL
//      ├─ InvalidUrl                    no URL that could be asked: fix the caller
//      │  └─ InvalidRedirectUrl         the server sent us to one
//      ├─ SessionClosedError            the session was closed
//      ├─ ClientTimeoutError            `limit` says which of the limits ran out
//      ├─ ClientConnectionError         the network, or the server's end of it: trying again may help
//      │  ├─ ClientConnectorError       no connection could be opened
//      │  └─ ServerDisconnectedError    the connection broke before the response began
//      ├─ InvalidResponseError          what came is not HTTP, or its head is too large
//      ├─ ClientPayloadError            the body broke off, or cannot be decoded
//      │  ├─ PayloadTooLarge            it is larger than `maxBodySize`
//      │  └─ InvalidJsonError           `json()` was asked of what is not JSON
//      └─ ClientResponseError           a whole response, but not what was wanted; `status`, `headers`
//         ├─ ContentTypeError           `json()` was asked of an HTML page
//         └─ TooManyRedirects           `history`: where it went
//
// The names are those of aiohttp where it has one. Time limits stand under ClientError, not under the TimeoutError of
// `timeout()`: who writes a request catches its errors by one name, and `timeout()` around it keeps its own.

import type { HeaderList } from "../http/index.ts";

/** The request that an error is about. */
export interface RequestInfo {
  /** Its method. */
  readonly method: string;
  /** Its URL, without a password. */
  readonly url: string;
}

/** A URL as errors may show it. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, "//…@");
}

/**
 * Anything that can go wrong with a request, but for its being cancelled.
 *
 * @see https://docs.aiohttp.org/en/stable/client_reference.html#client-exceptions
 */
export class ClientError extends Error {
  override readonly name: string = "ClientError";
  /** The request. */
  readonly request: RequestInfo;

  constructor(request: RequestInfo, message: string, options?: ErrorOptions) {
    super(message, options);
    this.request = request;
  }
}

/** The URL of a request cannot be asked: it is none, or not one of HTTP. */
export class InvalidUrl extends ClientError {
  override readonly name: string = "InvalidUrl";
}

/** A server redirected to a URL that cannot be asked. */
export class InvalidRedirectUrl extends InvalidUrl {
  override readonly name = "InvalidRedirectUrl";
}

/** The session was closed before, or while, it was asked. */
export class SessionClosedError extends ClientError {
  override readonly name = "SessionClosedError";

  /** @param closedWith - What ended and closed the session, if it was not closed by hand. */
  constructor(request: RequestInfo, closedWith?: string) {
    const when = closedWith === undefined ? "" : ` with '${closedWith}', in which it was made`;
    super(request, `Cannot ${request.method} ${request.url} as the session was closed${when}`);
  }
}

/** The time limits of a request. */
export type TimeLimitName = "total" | "connect" | "headers" | "idle";

const whatTookLong: Readonly<Record<TimeLimitName, string>> = {
  total: "it was not over",
  connect: "no connection was open",
  headers: "no response had begun",
  idle: "nothing had moved",
};

/** One of a request's time limits ran out. */
export class ClientTimeoutError extends ClientError {
  override readonly name = "ClientTimeoutError";
  /** Which one. */
  readonly limit: TimeLimitName;
  /** How long it was, in milliseconds. */
  readonly ms: number;

  constructor(request: RequestInfo, limit: TimeLimitName, ms: number) {
    super(
      request,
      `Cannot ${request.method} ${request.url} as ${whatTookLong[limit]} after ${ms} ms: limit '${limit}'`,
    );
    this.limit = limit;
    this.ms = ms;
  }
}

/** The connection to the server failed. */
export class ClientConnectionError extends ClientError {
  override readonly name: string = "ClientConnectionError";
}

/** No connection could be opened: refused, no such host, a certificate that is not trusted. */
export class ClientConnectorError extends ClientConnectionError {
  override readonly name = "ClientConnectorError";
  /** What the system says: `ECONNREFUSED`, `ENOTFOUND`, `DEPTH_ZERO_SELF_SIGNED_CERT`. */
  readonly code: string;

  constructor(request: RequestInfo, code: string, detail: string, options?: ErrorOptions) {
    super(request, `Cannot ${request.method} ${request.url} as no connection could be opened: ${detail}`, options);
    this.code = code;
  }
}

/** The server closed or reset the connection before its response began. */
export class ServerDisconnectedError extends ClientConnectionError {
  override readonly name = "ServerDisconnectedError";

  constructor(request: RequestInfo, detail: string, options?: ErrorOptions) {
    super(request, `Cannot ${request.method} ${request.url} as the server closed the connection: ${detail}`, options);
  }
}

/** What the server sent is not HTTP, or its head is too large. */
export class InvalidResponseError extends ClientError {
  override readonly name = "InvalidResponseError";
}

/** The body of a response broke off, or cannot be decoded. */
export class ClientPayloadError extends ClientError {
  override readonly name: string = "ClientPayloadError";
}

/** The body of a response is larger, once decoded, than `maxBodySize`. */
export class PayloadTooLarge extends ClientPayloadError {
  override readonly name = "PayloadTooLarge";
  /** The limit, in bytes. */
  readonly limit: number;

  constructor(request: RequestInfo, limit: number) {
    super(
      request,
      `Cannot read the body of ${request.method} ${request.url} as it is larger than 'maxBodySize': limit is ${limit} bytes`,
    );
    this.limit = limit;
  }
}

/** `json()` was called, and the body is not JSON although its type says so. */
export class InvalidJsonError extends ClientPayloadError {
  override readonly name = "InvalidJsonError";
}

/** What the errors that are about a response tell of it. */
export interface ResponseInfo {
  /** The status code. */
  readonly status: number;
  /** The text next to the status code; may be empty. */
  readonly reason: string;
  /** The headers. */
  readonly headers: HeaderList;
}

/** A response came, with a status of 400 or more, and `raiseForStatus` was asked for. */
export class ClientResponseError extends ClientError {
  override readonly name: string = "ClientResponseError";
  /** The status code. */
  readonly status: number;
  /** The text next to the status code; may be empty. */
  readonly reason: string;
  /** The headers. */
  readonly headers: HeaderList;

  constructor(request: RequestInfo, response: ResponseInfo, message?: string, options?: ErrorOptions) {
    super(request, message ?? describeStatus(request, response), options);
    this.status = response.status;
    this.reason = response.reason;
    this.headers = response.headers;
  }
}

function describeStatus({ method, url }: RequestInfo, { status, reason }: ResponseInfo): string {
  return `Cannot ${method} ${url} as the server answered ${status} ${reason}`.trimEnd();
}

/** `json()` was called, and the body is of another type, and not JSON either. */
export class ContentTypeError extends ClientResponseError {
  override readonly name = "ContentTypeError";
}

/** A request was redirected more often than `maxRedirects` allows. */
export class TooManyRedirects extends ClientResponseError {
  override readonly name = "TooManyRedirects";
  /** The URLs that were asked, first to last. */
  readonly history: readonly string[];

  constructor(request: RequestInfo, response: ResponseInfo, history: readonly string[]) {
    const times = history.length === 1 ? "once" : `${history.length} times`;
    super(
      request,
      response,
      `Cannot ${request.method} ${request.url} as it was redirected more than allowed: ${times}`,
    );
    this.history = history;
  }
}

/** @internal How far a request and its response have come. */
export type CallState = "connecting" | "sent" | "receiving" | "discarding" | "over";

interface Failure extends Error {
  readonly code?: string;
  readonly errors?: readonly Error[];
}

/** @internal The error for a failure of undici's, or of the network's, in the state in which it happened. */
export function explain(request: RequestInfo, failure: Failure, state: CallState): ClientError {
  const { code = "" } = failure;
  const options = { cause: failure };
  const asking = `Cannot ${request.method} ${request.url}`;
  if (cannotBeSent.has(code)) {
    return new ClientError(request, `${asking} as it cannot be sent: ${failure.message}`, options);
  }
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    const reason = `${asking} as the head of its response is too large: limit is 16 KiB`;
    return new InvalidResponseError(request, reason, options);
  }
  if (state === "receiving") {
    const reading = `Cannot read the body of ${request.method} ${request.url}`;
    return new ClientPayloadError(request, `${reading} as it broke off: ${detailOf(failure)}`, options);
  }
  if (isNotHttp(failure)) {
    return new InvalidResponseError(request, `${asking} as its response is not HTTP: ${detailOf(failure)}`, options);
  }
  if (code === "" || code.startsWith("UND_MOCK_ERR")) {
    return new ClientConnectionError(request, `${asking} as the dispatcher failed: ${detailOf(failure)}`, options);
  }
  if (state === "connecting") return new ClientConnectorError(request, code, detailOf(failure), options);
  return new ServerDisconnectedError(request, detailOf(failure), options);
}

const cannotBeSent: ReadonlySet<string> = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
]);

// undici has no code for a protocol that nothing asked for.
function isNotHttp({ name, code, message }: Failure): boolean {
  return name === "HTTPParserError" || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" || message === "bad upgrade";
}

// When several addresses were tried, each has its own error, and the whole has no message.
function detailOf(failure: Failure): string {
  const { errors = [], message, code = "" } = failure;
  if (errors.length > 0) return [...new Set(errors.map((error) => error.message))].join(", ");
  return message === "" ? code : message;
}
