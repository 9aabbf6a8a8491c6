// The web framework: routes, blueprints, hooks, pages, forms, and the test client.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// the application
export { isPottle, Pottle } from "./app/pottle.ts";
export type { ModuleMeta, PottleOptions } from "./app/pottle-options.ts";
export { Blueprint, type BlueprintOptions } from "./app/blueprint.ts";
export type { RegisterOptions, Registrar } from "./app/registrar.ts";
export type { RouteOptions, ViewOptions } from "./routing/route.ts";
export type { ViewResult } from "./message/from-result.ts";
export type { View } from "./app/view.ts";
export type {
  CheckedPath,
  CheckedPrefix,
  CheckedRoute,
  ConverterName,
  JoinedPath,
  PathArguments,
  PathValue,
} from "./routing/path-types.ts";

// around views
export type { AfterRequest } from "./message/context.ts";
export type { BeforeRequest, TeardownRequest } from "./app/hooks.ts";
export type { ErrorClass, ErrorHandler } from "./failure/error-handlers.ts";
export type { RequestRouteMessage } from "./app/tell-route.ts";
export type { ServingManager } from "./app/serving-hooks.ts";
export type { BackgroundTaskOptions } from "./app/background-tasks.ts";
export { DeadlineExceeded } from "./app/deadline.ts";

// from anywhere in a request
export { afterThisRequest, currentApp, g, request, urlFor } from "./app/accessors.ts";

// requests and responses
export { HttpRequest } from "./message/http-request.ts";
export { type DeleteCookieOptions, HttpResponse } from "./message/http-response.ts";
export { makeResponse } from "./message/from-result.ts";
export { redirect, type RedirectStatus } from "./message/redirect.ts";
export type { Form, FormOptions, UploadedFiles } from "./message/form.ts";
export type { UploadedFile } from "./message/uploaded-file.ts";
export { safeFilename } from "./message/safe-filename.ts";

// files
export { sendFile, type SendFileOptions } from "./files/send-file.ts";
export { staticFiles, type StaticOptions, type StaticView } from "./files/static-files.ts";
export type { FileAccess } from "./files/_locate-file.ts";

// HTML
export { type Html, html, type HtmlItems, type HtmlValue, isHtml, raw } from "./message/html.ts";
export { escapeHtml } from "./message/escape-html.ts";

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
export { BuildError, type UrlValue, type UrlValues } from "./routing/build-path.ts";
export { EndpointError } from "./routing/route-names.ts";
export { PathSyntaxError } from "./routing/path-pattern.ts";
export { SetupError } from "./errors/setup-error.ts";

// tests
export { TestClient, type TestClientOptions } from "./testing/test-client.ts";
export { TestCall, type TestRequestOptions } from "./testing/test-call.ts";
export { TestResponse } from "./testing/test-response.ts";

// passwords and signed texts
export { BadData, BadPayload, BadSignature, SignatureExpired } from "./security/signature-errors.ts";
export {
  type KeyDerivation,
  type LoadOptions,
  URLSafeTimedSerializer,
  type URLSafeTimedSerializerOptions,
} from "./security/url-safe-timed-serializer.ts";
export {
  checkPasswordHash,
  generatePasswordHash,
  needsRehash,
  type PasswordHashOptions,
} from "./security/password-hash.ts";
