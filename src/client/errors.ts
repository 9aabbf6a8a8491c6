// The errors of a request. Each error has the request that it belongs to.
//
//   Error
//   └─ ClientError                      `request`: its method and URL
//      ├─ InvalidUrl                    not a URL that can be requested: fix the caller
//      │  └─ InvalidRedirectUrl         the server redirected to such a URL
//      ├─ SessionClosedError            the session was closed
//      ├─ ClientTimeoutError            `limit` says which of the limits ran out
//      ├─ ClientConnectionError         the network or the server failed: trying again may help
//      │  ├─ ClientConnectorError       no connection could be opened
//      │  └─ ServerDisconnectedError    the connection broke before the response began
//      ├─ InvalidResponseError          the answer is not HTTP, or its head is too large
//      ├─ ClientPayloadError            the body was cut off, or cannot be decoded
//      │  ├─ PayloadTooLarge            the body is larger than `maxBodySize`
//      │  └─ InvalidJsonError           `json()` was called, but the body is not JSON
//      └─ ClientResponseError           a complete response, but not the wanted one; `status`, `headers`
//         ├─ ContentTypeError           `json()` was called for an HTML page
//         └─ TooManyRedirects           `history`: the URLs
//
// The names are those of aiohttp, where it has one. ClientTimeoutError is a ClientError, not a TimeoutError. So all
// errors of a request can be caught by one class, and are not confused with those of a `timeout()` around the request.

import type { HeaderList } from "../http/index.ts";

/** The request that an error belongs to. */
export interface RequestInfo {
  /** The method. */
  readonly method: string;
  /** The URL, without user name and password. */
  readonly url: string;
}

/** The form of a URL that errors may show. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, "//…@");
}

/**
 * The base class of all errors of a request, except its cancellation.
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

/** The URL cannot be requested: it is not a URL, or not an HTTP URL. */
export class InvalidUrl extends ClientError {
  override readonly name: string = "InvalidUrl";
}

/** A server redirected to a URL that cannot be requested. */
export class InvalidRedirectUrl extends InvalidUrl {
  override readonly name = "InvalidRedirectUrl";
}

/** The session was closed before or during the request. */
export class SessionClosedError extends ClientError {
  override readonly name = "SessionClosedError";

  /** @param closedWith - The scope that closed the session when it ended, if the session was not closed explicitly. */
  constructor(request: RequestInfo, closedWith?: string) {
    const when = closedWith === undefined ? "" : ` with '${closedWith}', in which it was made`;
    super(request, `Cannot ${request.method} ${request.url} as the session was closed${when}`);
  }
}

/** The names of a request's time limits. */
export type TimeLimitName = "total" | "connect" | "headers" | "idle";

const whatTookLong: Readonly<Record<TimeLimitName, string>> = {
  total: "it was not over",
  connect: "no connection was open",
  headers: "no response had begun",
  idle: "nothing had moved",
};

/** A time limit of the request ran out. */
export class ClientTimeoutError extends ClientError {
  override readonly name = "ClientTimeoutError";
  /** The name of the limit. */
  readonly limit: TimeLimitName;
  /** The limit, in milliseconds. */
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

/** No connection could be opened: it was refused, the host does not exist, or the certificate is not trusted. */
export class ClientConnectorError extends ClientConnectionError {
  override readonly name = "ClientConnectorError";
  /** The error code: `ECONNREFUSED`, `ENOTFOUND`, `DEPTH_ZERO_SELF_SIGNED_CERT`. */
  readonly code: string;

  constructor(request: RequestInfo, code: string, detail: string, options?: ErrorOptions) {
    super(request, `Cannot ${request.method} ${request.url} as no connection could be opened: ${detail}`, options);
    this.code = code;
  }
}

/** The server closed or reset the connection before the response began. */
export class ServerDisconnectedError extends ClientConnectionError {
  override readonly name = "ServerDisconnectedError";

  constructor(request: RequestInfo, detail: string, options?: ErrorOptions) {
    super(request, `Cannot ${request.method} ${request.url} as the server closed the connection: ${detail}`, options);
  }
}

/** The answer of the server is not HTTP, or its head is too large. */
export class InvalidResponseError extends ClientError {
  override readonly name = "InvalidResponseError";
}

/** The body of a response was cut off or cannot be decoded. */
export class ClientPayloadError extends ClientError {
  override readonly name: string = "ClientPayloadError";
}

/** The decoded body of a response is larger than `maxBodySize`. */
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

/** `json()` was called, and the body is not JSON, although its `Content-Type` is. */
export class InvalidJsonError extends ClientPayloadError {
  override readonly name = "InvalidJsonError";
}

/** The head of a response, for errors. */
export interface ResponseInfo {
  /** The status code. */
  readonly status: number;
  /** The reason phrase of the status; may be empty. */
  readonly reason: string;
  /** The headers. */
  readonly headers: HeaderList;
}

/** The response has a status of 400 or more, and `raiseForStatus` was requested. */
export class ClientResponseError extends ClientError {
  override readonly name: string = "ClientResponseError";
  /** The status code. */
  readonly status: number;
  /** The reason phrase of the status; may be empty. */
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

/** `json()` was called, and neither the `Content-Type` nor the body is JSON. */
export class ContentTypeError extends ClientResponseError {
  override readonly name = "ContentTypeError";
}

/** A request was redirected more often than `maxRedirects` allows. */
export class TooManyRedirects extends ClientResponseError {
  override readonly name = "TooManyRedirects";
  /** The requested URLs, the first one first. */
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

/** @internal The state of a request and its response. */
export type CallState = "connecting" | "sent" | "receiving" | "discarding" | "over";

interface Failure extends Error {
  readonly code?: string;
  readonly errors?: readonly Error[];
}

/** @internal The error for a failure of undici or of the network that happened in `state`. */
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

// undici has no error code for an unrequested protocol upgrade, so its message is compared.
function isNotHttp({ name, code, message }: Failure): boolean {
  return name === "HTTPParserError" || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" || message === "bad upgrade";
}

// If several addresses were tried, each has its own error, and the aggregate error has no message.
function detailOf(failure: Failure): string {
  const { errors = [], message, code = "" } = failure;
  if (errors.length > 0) return [...new Set(errors.map((error) => error.message))].join(", ");
  return message === "" ? code : message;
}
