import { HTTPError, type HTTPErrorOptions } from "../errors/http-error.ts";
import { classForStatus } from "../errors/statuses.ts";
import type { HttpResponse } from "./http-response.ts";

/** @internal Ends a view with a response. */
export class ResponseThrown extends Error {
  override readonly name = "ResponseThrown";
  /** The response that is sent. */
  readonly response: HttpResponse | Response;

  constructor(response: HttpResponse | Response) {
    super(`A view ended with abort() and a response: status is ${response.status}`);
    this.response = response;
  }
}

/**
 * Ends the view with an error status, by the class of that status; or with a response. It never returns, so that
 * `todos.find(id) ?? abort(404)` is a todo.
 *
 * @param description The text of the page; it is shown to the client.
 * @param options Headers, a cause, and the members of a problem.
 * @throws {HTTPError} Always, if it is given a status.
 * @throws {RangeError} If `status` is not a whole number from 400 to 599.
 * @throws {TypeError} If `status` is not a number.
 * @example
 * const todos = new Map([[1, { title: "write a test" }]]);
 * const app = new Pottle(import.meta);
 * app.get("/todos/<int:id>", ({ id }) => todos.get(id) ?? abort(404, `There is no todo ${id}.`));
 * console.log((await app.testClient().get("/todos/2")).status); // 404
 */
export function abort(status: number, description?: string, options?: HTTPErrorOptions): never;
/**
 * Ends the view with a response. It never returns.
 *
 * @throws {unknown} Always: an object that the application takes for the response.
 */
export function abort(response: HttpResponse | Response): never;
export function abort(what: number | HttpResponse | Response, description?: string, options?: HTTPErrorOptions): never {
  if (typeof what === "object") throw new ResponseThrown(what);
  const Class = classForStatus(what);
  throw Class === undefined ? new HTTPError(what, description, options) : new Class(description, options);
}
