// The web framework: routes, blueprints, hooks, pages, forms, and the test client.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// the application
export { isPottle, Pottle } from "./app/pottle.ts";
export type { ModuleMeta, PottleOptions } from "./app/pottle-options.ts";
export type { FetchOptions } from "./app/fetch.ts";
export type { GatewayMiddleware } from "./app/middlewares.ts";
export { Blueprint } from "./app/blueprint.ts";
export type { BlueprintOptions } from "./app/blueprint-options.ts";
export type { RegisterOptions, Registrar } from "./app/registrar.ts";
export type { RouteOptions, ViewOptions } from "./routing/route.ts";
export type { ViewResult } from "./message/from-result.ts";
export type { RoutingOptions } from "./app/routing-options.ts";
export { type RouteView, View, type ViewWith, wrapView } from "./dispatch/view.ts";
export type { ClassView, ViewDecorator, ViewProperties } from "./dispatch/class-view.ts";
export { MethodView } from "./app/method-view.ts";
export type { PathConverter, PathConverters } from "./routing/path-converter.ts";
export type {
  CheckedPath,
  CheckedPrefix,
  CheckedRoute,
  ConverterName,
  JoinedPath,
  NoConverters,
  PathArguments,
  PathValue,
} from "./routing/path-types.ts";

// contracts of routes
export { Reply, reply } from "./contracts/reply.ts";
export {
  addContractRoutes,
  type CheckedTable,
  contractRoutes,
  type RouteMethod,
  type RouteTable,
  type TableViews,
} from "./contract-routes/contract-routes.ts";
export type { ContractResult, ResponsesOf } from "./contracts/contract-result.ts";
export type {
  ContractPart,
  ContractValues,
  FreeParts,
  FreePartsAfter,
  InputOf,
  OutputOf,
  ResponseSchemas,
  RouteContract,
  RouteDocumentation,
  Schema,
} from "./routing/contract.ts";
export { type RequestIssue, RequestValidationError } from "./errors/request-validation-error.ts";
export { ResponseValidationError } from "./errors/response-validation-error.ts";

// around views
export type { AfterRequest } from "./message/context.ts";
export type { BeforeRequest, TeardownRequest, UrlDefaults, UrlValuePreprocessor } from "./dispatch/hooks.ts";
export type { ErrorClass, ErrorHandler } from "./failure/error-handlers.ts";
export type { RequestRouteMessage } from "./dispatch/tell-route.ts";
export type { ServingManager } from "./app/serving-hooks.ts";
export type { BackgroundTaskOptions } from "./app/background-tasks.ts";
export { DeadlineExceeded } from "./dispatch/deadline.ts";

// configuration, commands, log
export type { RouteDescription } from "./app/routes.ts";
export { Config, type EnvFileOptions, type NamespaceOptions, type VariableOptions } from "./config/config.ts";
export { ConfigError } from "./config/config-error.ts";
export type { ConfigSchema } from "./config/parse-config.ts";
export type { ValueParser } from "./config/parse-value.ts";
export type { FileOptions, FileParser } from "./config/read-file.ts";
export {
  CommandError,
  type CommandFunction,
  type CommandOption,
  type CommandOptions,
  type CommandSettings,
  type CommandValues,
} from "./commands/command.ts";
export { CommandGroup } from "./commands/command-group.ts";
export type { TeardownAppContext } from "./contexts/app-context.ts";
export type { LoggingOptions } from "./logging/create-logger.ts";
export type { LogLevel } from "./logging/levels.ts";
export type { LogFunction, Logger } from "./logging/logger.ts";

// periodic tasks
export type { EveryOptions, Overlap, PeriodicBackoff } from "./schedule/every-options.ts";
export type { PeriodicTask, PeriodicTaskStatistics } from "./schedule/periodic-task.ts";

// from anywhere in a request
export { afterThisRequest, currentApp, g, request, urlFor } from "./app/accessors.ts";

// WebSockets
export { type AcceptWebSocketOptions, HttpWebSocket } from "./websocket/http-web-socket.ts";
export { websocket } from "./websocket/socket-context.ts";
export { WebSocketMessageError } from "./websocket/message-error.ts";
export type { AllowedOrigins } from "./websocket/check-origin.ts";
export type { WebSocketOptions } from "./websocket/web-socket-options.ts";
export type { AfterWebSocket, BeforeWebSocket, TeardownWebSocket, WebSocketView } from "./websocket/socket-hooks.ts";

// events
export { type EventSourceItems, sse, type SseOptions } from "./events/sse.ts";
export type { ServerSentEvent } from "./events/format-event.ts";

// messages to all
export { Broadcast, type BroadcastOptions, type BroadcastStatistics } from "./broadcast/broadcast.ts";
export type { BroadcastRedis, RelaySource } from "./broadcast/relay.ts";
export { BroadcastSubscription, type SubscribeOptions } from "./broadcast/subscription.ts";
export { type SlowPolicy, SlowSubscriberError } from "./broadcast/slow-subscriber.ts";

// requests and responses
export { HttpRequest, type JSONOptions } from "./message/http-request.ts";
export type { NegotiatedRequest } from "./message/negotiated-request.ts";
export type { RequestHead } from "./message/request-head.ts";
export { RequestValues } from "./message/request-values.ts";
export type { BodyLimits } from "./routing/body-limits.ts";
export {
  type ConditionalOptions,
  type DeleteCookieOptions,
  type EtagOptions,
  HttpResponse,
} from "./message/http-response.ts";
export type { ResponseHead } from "./message/response-head.ts";
export { jsonify, makeResponse } from "./message/from-result.ts";
export { JSONProvider, type JSONSource } from "./message/json-provider.ts";
export { redirect, type RedirectStatus } from "./message/redirect.ts";
export type { Form, FormOptions, UploadedFiles } from "./message/form.ts";
export type { UploadedFile } from "./message/uploaded-file.ts";
export { safeFilename } from "./message/safe-filename.ts";

// what clients accept and demand
export type {
  AcceptList,
  AcceptRange,
  CharsetAccept,
  EncodingAccept,
  LanguageAccept,
  MimetypeAccept,
} from "./negotiation/accept.ts";
export type { Authorization } from "./negotiation/authorization.ts";
export type { BytePart, RequestedRange, RequestRange } from "./negotiation/byte-ranges.ts";
export type { CacheControl, CacheDirectives } from "./negotiation/cache-control.ts";
export type { ConditionalRequest, IfRange } from "./negotiation/conditions.ts";
export type { ContentRange } from "./negotiation/content-range.ts";
export type { EntityTags } from "./negotiation/entity-tags.ts";
export type { HeaderSet } from "./negotiation/header-set.ts";

// files
export { sendFile, type SendFileOptions, sendFromDirectory } from "./files/send-file.ts";
export type { Precompressed } from "./files/_precompressed.ts";
export { staticFiles, type StaticOptions, type StaticView } from "./files/static-files.ts";
export type { FileAccess } from "./files/_locate-file.ts";

// HTML
export {
  type Html,
  html,
  type HtmlItems,
  type HtmlStreamItems,
  type HtmlStreamValue,
  type HtmlValue,
  isHtml,
  raw,
} from "./html/html.ts";
export { escapeHtml } from "./html/escape-html.ts";

// templates
export { renderTemplate, renderTemplateString, streamTemplate } from "./templates/render-template.ts";
export type {
  TemplateEngine,
  TemplateFilter,
  TemplateSettings,
  TemplateTest,
  TemplateValues,
} from "./jinja/template-engine.ts";
export type { ContextProcessor } from "./templates/template-setup.ts";
export {
  TemplateError,
  TemplateNotFound,
  TemplateRuntimeError,
  TemplateSyntaxError,
} from "./jinja-syntax/template-errors.ts";

// development
export { enableDevelopment, isDevelopment } from "./failure/development.ts";

// errors that are answers
export { abort } from "./message/abort.ts";
export { ContentTooLarge, HTTPError, type HTTPErrorOptions, MethodNotAllowed } from "./errors/http-error.ts";
export {
  BadRequest,
  InternalServerError,
  NotFound,
  Conflict,
  ExpectationFailed,
  FailedDependency,
  Forbidden,
  Gone,
  ImATeapot,
  LengthRequired,
  Locked,
  MisdirectedRequest,
  NotAcceptable,
  PaymentRequired,
  PreconditionFailed,
  PreconditionRequired,
  RangeNotSatisfiable,
  RequestHeaderFieldsTooLarge,
  RequestTimeout,
  TooManyRequests,
  Unauthorized,
  UnavailableForLegalReasons,
  UnprocessableContent,
  UnsupportedMediaType,
  URITooLong,
  BadGateway,
  GatewayTimeout,
  HTTPVersionNotSupported,
  NotImplemented,
  ServiceUnavailable,
} from "./errors/statuses.ts";

// errors of the programmer
export { BuildError, type UrlOptions, type UrlValue, type UrlValues } from "./routing/build-path.ts";
export type { UrlBuildErrorHandler } from "./app/routes.ts";
export { EndpointError } from "./routing/route-names.ts";
export { PathSyntaxError } from "./routing/path-pattern.ts";
export { SetupError } from "./errors/setup-error.ts";

// tests
export { TestClient, type TestClientOptions } from "./testing/test-client.ts";
export type { TestAuth, TestConnectionOptions } from "./testing/test-connection-options.ts";
export type { TestContextOptions } from "./testing/call-in-request.ts";
export { TestCall, type TestRequestOptions } from "./testing/test-call.ts";
export { CookieJar } from "./testing/cookie-jar.ts";
export { TestWebSocket, type TestWebSocketOptions, WebSocketRejected } from "./testing/test-web-socket.ts";
export type { ReceivedEvent } from "./events/event-stream-parser.ts";
export { TestResponse } from "./testing/test-response.ts";

// passwords and signed texts
export { BadData, BadPayload, BadSignature, SignatureExpired } from "./security/signature-errors.ts";
export {
  type KeyDerivation,
  type LoadOptions,
  type TextSerializer,
  URLSafeTimedSerializer,
  type URLSafeTimedSerializerOptions,
} from "./security/url-safe-timed-serializer.ts";
export {
  checkPasswordHash,
  generatePasswordHash,
  needsRehash,
  type PasswordHashOptions,
} from "./security/password-hash.ts";
