/**
 * Errors that are answers: thrown anywhere in a view, they become a response with their status.
 *
 *     Error
 *     └── HTTPError                   any status from 400 to 599
 *         ├── BadRequest              400
 *         ├── NotFound                404
 *         ├── MethodNotAllowed        405
 *         ├── ContentTooLarge         413
 *         └── InternalServerError     500
 */

import { STATUS_CODES } from "node:http";
import type { RawHeaders } from "../http/index.ts";

/** What an {@link HTTPError} may carry beside its status. */
export interface HTTPErrorOptions extends ErrorOptions {
  /**
   * Headers for the response.
   * @default []
   */
  readonly headers?: RawHeaders;
}

const descriptions: Readonly<Record<number, string>> = {
  400: "This request cannot be understood.",
  401: "This address answers only those who say who they are.",
  403: "This address does not answer you.",
  404: "There is nothing at this address.",
  405: "This address does not answer requests of this method.",
  413: "The body of this request is too large.",
  500: "Something went wrong on the server.",
  503: "The server cannot answer now.",
};

/** An error that is answered with its status and a page that shows its description. */
export class HTTPError extends Error {
  override readonly name: string = "HTTPError";
  /** The status of the response. */
  readonly status: number;
  /** What the page says. It is shown to the client. */
  readonly description: string;
  /** Headers for the response. */
  readonly headers: RawHeaders;

  /** @throws {RangeError} If `status` is not a whole number from 400 to 599. */
  constructor(status: number, description: string = descriptions[status] ?? "", options: HTTPErrorOptions = {}) {
    super(`${status} ${reasonPhrase(checkStatus(status))}: ${description}`, options);
    this.status = status;
    this.description = description;
    this.headers = options.headers ?? [];
  }

  /** The reason phrase of the status: `Not Found`. */
  get reason(): string {
    return reasonPhrase(this.status);
  }
}

/** 400: the request makes no sense. */
export class BadRequest extends HTTPError {
  override readonly name = "BadRequest";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(400, description, options);
  }
}

/** 404: there is nothing at this address. */
export class NotFound extends HTTPError {
  override readonly name = "NotFound";

  constructor(description?: string, options?: HTTPErrorOptions) {
    super(404, description, options);
  }
}

/** 405: there is something at this address, but not for this method. */
export class MethodNotAllowed extends HTTPError {
  override readonly name = "MethodNotAllowed";
  /** The methods that the address answers. */
  readonly allowed: readonly string[];

  constructor(allowed: readonly string[], description?: string) {
    super(405, description, { headers: ["Allow", allowed.join(", ")] });
    this.allowed = allowed;
  }
}

/** 413: the body is larger than the application takes. */
export class ContentTooLarge extends HTTPError {
  override readonly name = "ContentTooLarge";
  /** How many bytes the application takes. */
  readonly limit: number;

  constructor(limit: number) {
    super(413, `The body of this request is larger than ${limit} bytes.`);
    this.limit = limit;
  }
}

/** 500: a view failed. Its `cause` is the error that it failed with, of which the page says nothing. */
export class InternalServerError extends HTTPError {
  override readonly name = "InternalServerError";

  constructor(options?: HTTPErrorOptions) {
    super(500, undefined, options);
  }
}

/**
 * Ends the view with an error status. It never returns, so that `todos.find(id) ?? abort(404)` is a todo.
 *
 * @param description What the page says; it is shown to the client.
 * @throws {HTTPError} Always.
 * @throws {RangeError} If `status` is not a whole number from 400 to 599.
 * @example
 * const todos = new Map([[1, { title: "write a test" }]]);
 * const app = new Pottle(import.meta);
 * app.get("/todos/<int:id>", ({ id }) => todos.get(id) ?? abort(404, `There is no todo ${id}.`));
 * console.log((await app.testClient().get("/todos/2")).status); // 404
 */
export function abort(status: number, description?: string): never {
  if (status === 400) throw new BadRequest(description);
  if (status === 404) throw new NotFound(description);
  throw new HTTPError(status, description);
}

function checkStatus(status: number): number {
  if (Number.isInteger(status) && status >= 400 && status <= 599) return status;
  throw new RangeError(
    `Cannot make an HTTPError as 'status' must be a whole number from 400 to 599: current value is ${String(status)}`,
  );
}

function reasonPhrase(status: number): string {
  return STATUS_CODES[status] ?? "Error";
}
