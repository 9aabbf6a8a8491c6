// The web framework: routes, blueprints, hooks, pages, forms, and the test client.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// the application
export { isPottle, Pottle } from "./pottle.ts";
export type { ModuleMeta, PottleOptions } from "./pottle-options.ts";
export { Blueprint, type BlueprintOptions } from "./blueprint.ts";
export type { RegisterOptions, Scaffold } from "./scaffold.ts";
export type { RouteOptions, ViewOptions } from "./route-options.ts";
export type { View, ViewResult } from "./view.ts";
export type {
  CheckedPath,
  CheckedPrefix,
  CheckedRoute,
  ConverterName,
  JoinedPath,
  PathArguments,
  PathValue,
} from "./path-types.ts";

// around views
export type { AfterRequest, BeforeRequest, TeardownRequest } from "./hooks.ts";
export type { ErrorClass, ErrorHandler } from "./error-handlers.ts";
export type { ServingManager } from "./serving-hooks.ts";
export type { BackgroundTaskOptions } from "./background-tasks.ts";
export { DeadlineExceeded } from "./deadline.ts";

// from anywhere in a request
export { afterThisRequest, currentApp, g, request, urlFor } from "./accessors.ts";

// requests and responses
export { HttpRequest } from "./http-request.ts";
export { type DeleteCookieOptions, HttpResponse, makeResponse } from "./http-response.ts";
export { redirect, type RedirectStatus } from "./redirect.ts";
export type { Form, FormOptions, UploadedFiles } from "./form.ts";
export type { UploadedFile } from "./uploaded-file.ts";
export { safeFilename } from "./safe-filename.ts";

// files
export { sendFile, type SendFileOptions } from "./send-file.ts";
export { staticFiles, type StaticOptions, type StaticView } from "./static-files.ts";
export type { FileAccess } from "./_locate-file.ts";

// HTML
export { type Html, html, type HtmlItems, type HtmlValue, isHtml, raw } from "./html.ts";
export { escapeHtml } from "./escape-html.ts";

// development
export { enableDevelopment, isDevelopment } from "./development.ts";

// errors that are answers
export { abort } from "./abort.ts";
export {
  BadRequest,
  ContentTooLarge,
  HTTPError,
  type HTTPErrorOptions,
  InternalServerError,
  MethodNotAllowed,
  NotFound,
} from "./http-errors.ts";
export {
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
} from "./client-errors.ts";
export {
  BadGateway,
  GatewayTimeout,
  HTTPVersionNotSupported,
  NotImplemented,
  ServiceUnavailable,
} from "./server-errors.ts";

// errors of whoever writes the application
export { BuildError, type UrlValue, type UrlValues } from "./build-path.ts";
export { EndpointError } from "./endpoints.ts";
export { PathSyntaxError } from "./path-pattern.ts";
export { SetupError } from "./setup-error.ts";

// tests
export { TestClient, type TestClientOptions, type TestRequestOptions } from "./test-client.ts";
export { TestCall } from "./test-call.ts";
export { TestResponse } from "./test-response.ts";

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
