/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// the application
export { isPottle, type ModuleMeta, Pottle, type PottleOptions, type RouteOptions } from "./pottle.ts";
export type { View, ViewResult } from "./view.ts";
export type { CheckedPath, ConverterName, PathArguments, PathValue } from "./path-types.ts";

// requests and responses
export { HttpRequest } from "./http-request.ts";
export { HttpResponse, makeResponse } from "./http-response.ts";
export { escapeHtml } from "./error-page.ts";

// errors that are answers
export {
  abort,
  BadRequest,
  ContentTooLarge,
  HTTPError,
  type HTTPErrorOptions,
  InternalServerError,
  MethodNotAllowed,
  NotFound,
} from "./http-errors.ts";

// errors of whoever writes the application
export { BuildError, type UrlValue, type UrlValues } from "./build-path.ts";
export { EndpointError } from "./endpoints.ts";
export { PathSyntaxError } from "./path-pattern.ts";

// tests
export { TestClient, type TestClientOptions, type TestRequestOptions } from "./test-client.ts";
export { TestCall } from "./test-call.ts";
export { TestResponse } from "./test-response.ts";
