import {
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
} from "../errors/statuses.ts";
import { BadRequest, HTTPError, type HTTPErrorOptions, InternalServerError, NotFound } from "../errors/http-error.ts";
import type { HttpResponse } from "./http-response.ts";
import {
  BadGateway,
  GatewayTimeout,
  HTTPVersionNotSupported,
  NotImplemented,
  ServiceUnavailable,
} from "../errors/server-errors.ts";

/** @internal Ends a view with a response. */
export class ResponseThrown extends Error {
  override readonly name = "ResponseThrown";
  /** What is sent. */
  readonly response: HttpResponse | Response;

  constructor(response: HttpResponse | Response) {
    super(`A view ended with abort() and a response: status is ${response.status}`);
    this.response = response;
  }
}

type ErrorWithStatus = new (description?: string, options?: HTTPErrorOptions) => HTTPError;

const classes: ReadonlyMap<number, ErrorWithStatus> = new Map<number, ErrorWithStatus>([
  [400, BadRequest],
  [404, NotFound],
  [401, Unauthorized],
  [402, PaymentRequired],
  [403, Forbidden],
  [406, NotAcceptable],
  [408, RequestTimeout],
  [409, Conflict],
  [410, Gone],
  [411, LengthRequired],
  [412, PreconditionFailed],
  [414, URITooLong],
  [415, UnsupportedMediaType],
  [416, RangeNotSatisfiable],
  [417, ExpectationFailed],
  [418, ImATeapot],
  [421, MisdirectedRequest],
  [422, UnprocessableContent],
  [423, Locked],
  [424, FailedDependency],
  [428, PreconditionRequired],
  [429, TooManyRequests],
  [431, RequestHeaderFieldsTooLarge],
  [451, UnavailableForLegalReasons],
  [501, NotImplemented],
  [502, BadGateway],
  [503, ServiceUnavailable],
  [504, GatewayTimeout],
  [505, HTTPVersionNotSupported],
]);

/**
 * Ends the view with an error status, by the class of that status; or with a response. It never returns, so that
 * `todos.find(id) ?? abort(404)` is a todo.
 *
 * @param description What the page says; it is shown to the client.
 * @throws {HTTPError} Always, if it is given a status.
 * @throws {RangeError} If `status` is not a whole number from 400 to 599.
 * @throws {TypeError} If `status` is not a number.
 * @example
 * const todos = new Map([[1, { title: "write a test" }]]);
 * const app = new Pottle(import.meta);
 * app.get("/todos/<int:id>", ({ id }) => todos.get(id) ?? abort(404, `There is no todo ${id}.`));
 * console.log((await app.testClient().get("/todos/2")).status); // 404
 */
export function abort(status: number, description?: string): never;
export function abort(response: HttpResponse | Response): never;
export function abort(what: number | HttpResponse | Response, description?: string): never {
  if (typeof what === "object") throw new ResponseThrown(what);
  if (what === 500) throw new InternalServerError(description);
  const Class = classes.get(what);
  throw Class === undefined ? new HTTPError(what, description) : new Class(description);
}
