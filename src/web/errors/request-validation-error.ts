import { HTTPError } from "./http-error.ts";

/** One thing that is wrong with a request. */
export interface RequestIssue {
  /** The part of the request: `params`, `query`, `headers`, `cookies`, `body` or `form`. */
  readonly in: string;
  /** The place in it: names of members, and indexes of lists. */
  readonly path: readonly (string | number)[];
  /** What is wrong, in the words of the schema. */
  readonly message: string;
}

/** The number of issues that the client is told of. A body can have a million of them. */
const issuesSent = 100;
const issuesDescribed = 5;

/**
 * 400: the request does not match the contract of its route. The client is told each issue with its place, as the member
 * `errors` of a problem, or on a page if it asks for HTML.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class RequestValidationError extends HTTPError {
  override readonly name = "RequestValidationError";
  /** The issues: up to 100 of them. */
  readonly errors: readonly RequestIssue[];

  /** @param issues The issues, at least one. */
  constructor(issues: readonly RequestIssue[], options: ErrorOptions = {}) {
    const errors = issues.slice(0, issuesSent);
    super(400, describe(issues), { ...options, title: "Invalid request", extensions: { errors } });
    this.errors = errors;
  }
}

/** The place and the message of an issue: `body.items[0].title: Required`. */
export function describeIssue({ in: part, path, message }: RequestIssue): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return `${part}${steps}: ${message}`;
}

function describe(issues: readonly RequestIssue[]): string {
  const shown = issues.slice(0, issuesDescribed).map(describeIssue).join("; ");
  const more = issues.length - issuesDescribed;
  return `This request is not valid: ${shown}${more > 0 ? `; and ${more} more` : ""}`;
}
