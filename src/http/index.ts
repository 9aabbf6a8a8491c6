// The nouns of HTTP, and the contract between servers and applications. It opens no sockets.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// the gateway
export type {
  AcceptOptions,
  Application,
  ClientCertificate,
  Exchange,
  Peer,
  RawHeaders,
  RespondOptions,
  ResponseBody,
  TlsFacts,
  WebSocketConnection,
} from "./application.ts";
export { Lifespan, type LifespanFunction, type LifespanHooks } from "./lifespan.ts";

export { type ExchangeView, WrappedExchange } from "./wrapped-exchange.ts";
export { type WebSocketView, WrappedWebSocket } from "./websocket/wrapped-web-socket.ts";
export { passWebSocket } from "./websocket/pass-web-socket.ts";
export { type ApplicationWrapper, wrapApplications } from "./websocket/wrap-applications.ts";

// nouns
export { findHeader, HeaderList, type HeadersLike } from "./header-list.ts";
export { splitTarget, type TargetParts } from "./target.ts";
export { type CookieList, parseCookies } from "./cookie.ts";
export { type CookieOptions, formatSetCookie } from "./set-cookie.ts";
export { contentDisposition } from "./content-disposition.ts";
export { type MediaType, parseMediaType } from "./media-type.ts";
export {
  type FilePart,
  type MultipartEvent,
  MultipartLimitError,
  type MultipartLimits,
  MultipartSyntaxError,
  readMultipart,
} from "./multipart/multipart.ts";

// errors
export {
  AlreadyRespondedError,
  ClientDisconnected,
  ConnectionCut,
  ContentLengthError,
  Disconnect,
  formatPeer,
  InvalidHeaderError,
  NoResponseError,
  ResponseAborted,
  ServerShutdown,
  WebSocketClosed,
} from "./errors.ts";
export { isFieldValue, isToken } from "./field-syntax.ts";
export { phraseOf } from "./status-phrases.ts";

// what may be shown, and to whom
export { hasTrustedHost, type NotLocal, whyNotLocal } from "./local-client.ts";
export { toPrintable } from "./printable.ts";

// for those who write a server
export {
  type AccessedExchange,
  type AccessEntry,
  describeOutcome,
  describeReason,
  formatAccessEntry,
  type RequestOutcome,
} from "./access-entry.ts";
export { BytePipe, type BytePipeOptions } from "./byte-pipe.ts";
export {
  checkFields,
  checkTrailers,
  dismissBody,
  planResponse,
  type ResponsePlan,
  takesTrailers,
} from "./response-plan.ts";
export { type SendChunk, sendStream, toBytes } from "./send-stream.ts";
export {
  type RequestEndMessage,
  type RequestErrorMessage,
  type RequestStartMessage,
  serveExchange,
  type ServeExchangeOptions,
} from "./serve-exchange.ts";
export { isRequestOver, ownCancellation } from "./request-over.ts";
export { ServerExchange } from "./server-exchange.ts";
export type { Acceptance } from "./websocket/check-accept.ts";
export { serveWebSocketConnection } from "./websocket/serve-web-socket-connection.ts";
export { ServerWebSocket, type ServerWebSocketOptions } from "./websocket/server-web-socket.ts";

// without sockets
export { MemoryExchange, type MemoryRequestHead, type ResponseHead } from "./memory-exchange.ts";
export { MemoryWebSocket, type MemoryWebSocketOptions } from "./websocket/memory-web-socket.ts";
