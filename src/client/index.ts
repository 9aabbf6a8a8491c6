// The HTTP client: sessions with connection limits and time limits. Every wait of the client can be cancelled.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// sessions
export { ClientSession } from "./session.ts";
export type { ClientSessionOptions } from "./options.ts";
export type { ClientStatistics } from "./pool.ts";
export type { Dispatcher } from "./undici.ts";

// requests and responses
export type { Fields, FieldValue, RequestOptions } from "./request.ts";
export type { ClientTimeout } from "./timeouts.ts";
export type { ClientRequestMessage } from "./request-channel.ts";
export { ClientResponse } from "./response.ts";

// errors
export {
  ClientConnectionError,
  ClientConnectorError,
  ClientError,
  ClientPayloadError,
  ClientResponseError,
  ClientTimeoutError,
  ContentTypeError,
  InvalidJsonError,
  InvalidRedirectUrl,
  InvalidResponseError,
  InvalidUrl,
  PayloadTooLarge,
  type RequestInfo,
  type ResponseInfo,
  ServerDisconnectedError,
  SessionClosedError,
  type TimeLimitName,
  TooManyRedirects,
} from "./errors.ts";
