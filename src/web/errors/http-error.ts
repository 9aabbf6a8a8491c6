/**
 * Errors that are answers: thrown anywhere in a view, they become a response with their status.
 *
 *     Error
 *     └── HTTPError                   any status from 400 to 599
 *         ├── MethodNotAllowed        405, with the methods that are allowed
 *         ├── ContentTooLarge         413, with the limit
 *         └── BadRequest, NotFound …  the others, which carry nothing more: statuses.ts
 */

import { phraseOf, type RawHeaders } from "../../http/index.ts";
import { option } from "../../base/options.ts";

/** The optional parts of an {@link HTTPError}. */
export interface HTTPErrorOptions extends ErrorOptions {
  /**
   * Headers for the response.
   * @default []
   */
  readonly headers?: RawHeaders;
  /**
   * A URI that names the kind of problem, for programs.
   * @default "about:blank", by which the status says all
   */
  readonly type?: string;
  /**
   * The name of the kind of problem, for people.
   * @default the reason phrase of the status
   */
  readonly title?: string;
  /**
   * A URI that names this occurrence of it.
   * @default none
   */
  readonly instance?: string;
  /**
   * More members of the problem, for programs. They are shown to the client.
   * @default {}
   */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

const noExtensions: Readonly<Record<string, unknown>> = Object.freeze({});

const descriptions: Readonly<Record<number, string>> = {
  400: "This request cannot be understood.",
  401: "This address answers only those who say who they are.",
  402: "This address must be paid for.",
  403: "This address does not answer you.",
  404: "There is nothing at this address.",
  405: "This address does not answer requests of this method.",
  406: "There is nothing here of a kind that you would take.",
  408: "This request took too long to come.",
  409: "This does not go with what is there.",
  410: "What was at this address is gone.",
  411: "This request must say how long its body is.",
  412: "A condition of this request does not hold.",
  413: "The body of this request is too large.",
  414: "The address of this request is too long.",
  415: "The body of this request is of a type that is not taken here.",
  416: "There is no such part of what is at this address.",
  417: "What this request expects cannot be done.",
  418: "There is no coffee at this address.",
  421: "This server does not answer for that host.",
  422: "The body of this request can be read, but not be used.",
  423: "Another client holds what is at this address.",
  424: "What this request hangs on failed.",
  428: "This request must have a condition.",
  429: "There were too many requests.",
  431: "The headers of this request are too large.",
  451: "What is at this address may not be shown, by law.",
  500: "Something went wrong on the server.",
  501: "This server cannot do what this request asks for.",
  502: "A server behind this one gave a bad answer.",
  503: "The server cannot answer now.",
  504: "A server behind this one did not answer in time.",
  505: "This version of HTTP is not spoken here.",
};

/**
 * An error that is answered with its status: by a page that shows its description, or, to a client that prefers JSON, by the
 * members of a problem. Neither has a stack in it.
 *
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/", () => {
 *   throw new HTTPError(403, "You have 30 credits.", { type: "/probs/credit", title: "No credit", extensions: { balance: 30 } });
 * });
 * const response = await app.testClient().get("/", { headers: { Accept: "application/json" } });
 * console.log(response.json());
 * // {
 * //   type: '/probs/credit',
 * //   title: 'No credit',
 * //   status: 403,
 * //   detail: 'You have 30 credits.',
 * //   balance: 30
 * // }
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class HTTPError extends Error {
  override readonly name: string = "HTTPError";
  /** The status of the response. */
  readonly status: number;
  /** The text of the page. It is shown to the client. */
  readonly description: string;
  /** Headers for the response. */
  readonly headers: RawHeaders;
  /** The URI of the kind of problem; `about:blank` if the status says all. */
  readonly type: string;
  /** The name of the kind of problem. */
  readonly title: string;
  /** The URI of this occurrence; `undefined` if it has none. */
  readonly instance: string | undefined;
  /** More members of the problem. They are shown to the client. */
  readonly extensions: Readonly<Record<string, unknown>>;

  /** @throws {RangeError} If `status` is not a whole number from 400 to 599. */
  constructor(status: number, description: string = descriptions[status] ?? "", options: HTTPErrorOptions = {}) {
    super(`${status} ${reasonPhrase(checkStatus(status))}: ${description}`, options);
    this.status = status;
    this.description = description;
    this.headers = options.headers ?? [];
    this.type = options.type ?? "about:blank";
    this.title = options.title ?? reasonPhrase(status);
    this.instance = options.instance;
    this.extensions = options.extensions ?? noExtensions;
  }

  /** The text of the page, by its name in a problem. */
  get detail(): string {
    return this.description;
  }

  /** The reason phrase of the status: `Not Found`. */
  get reason(): string {
    return reasonPhrase(this.status);
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
  /** The largest number of bytes that the application takes; of parts, if a form has too many of them. */
  readonly limit: number;

  constructor(
    limit: number,
    description: string = `The body of this request is larger than ${limit} bytes.`,
    options?: HTTPErrorOptions,
  ) {
    super(413, description, options);
    this.limit = limit;
  }
}

function checkStatus(status: number): number {
  return option("make an HTTPError", "status", status).count({ from: 400, to: 599 });
}

function reasonPhrase(status: number): string {
  return phraseOf(status) || "Error";
}
