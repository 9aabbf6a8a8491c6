// The HTTP client: sessions with connection limits and time limits, whose every wait can be cancelled.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// sessions
export { ClientSession } from "./client-session.ts";
export type { ClientSessionOptions } from "./session-options.ts";
export type { ClientStatistics } from "./_connection-pool.ts";
export type { Dispatcher } from "./_connection.ts";

// requests and responses
export type { Fields, FieldValue, RequestOptions } from "./request-options.ts";
export type { ClientTimeout } from "./client-timeout.ts";
export { ClientResponse } from "./client-response.ts";

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
