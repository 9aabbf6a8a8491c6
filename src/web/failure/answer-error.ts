import { callExceptionHandler, isCancelled } from "../../asyncio/index.ts";
import { HeaderList } from "../../http/index.ts";
import { ResponseThrown } from "../message/abort.ts";
import { PathDecodeError } from "../routing/decode-path.ts";
import { type ErrorHandler, type ErrorHandlers, handlersFor } from "./error-handlers.ts";
import { errorPage } from "./error-page.ts";
import { HTTPError } from "../errors/http-error.ts";
import { BadRequest, InternalServerError } from "../errors/statuses.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { HttpResponse, makeResponse } from "../message/http-response.ts";
import { toResponse } from "../message/to-response.ts";

/** An error that nobody handled, in a box, as anything can be thrown. */
export interface Failure {
  readonly error: unknown;
}

/** What an error is answered with, and what is to be reported. */
export interface ErrorAnswer {
  readonly response: HttpResponse;
  readonly failure: Failure | undefined;
}

/**
 * Finds an answer for what a view or a hook threw: that of the first handler that has one, else the page for its status. An
 * error that is no `HTTPError` and has no handler becomes an `InternalServerError` with it as its cause, for which handlers
 * are looked for in turn. A handler is asked once, so that handlers that fail come to an end.
 *
 * @throws {CancelledError} If the request is cancelled meanwhile.
 */
export async function answerError(
  thrown: unknown,
  request: HttpRequest,
  chain: readonly ErrorHandlers[],
): Promise<ErrorAnswer> {
  const asked = new Set<ErrorHandler<unknown>>();
  let failure: Failure | undefined = thrown instanceof InternalServerError ? { error: thrown } : undefined;
  let error = thrown instanceof PathDecodeError ? new BadRequest(thrown.message, { cause: thrown }) : thrown;
  for (;;) {
    if (error instanceof ResponseThrown) return { response: toResponse(error.response), failure };
    const handler = handlersFor(error, chain).find((candidate) => !asked.has(candidate));
    if (handler !== undefined) {
      asked.add(handler);
      const outcome = await ask(handler, error, request);
      if (outcome instanceof HttpResponse) return { response: outcome, failure };
      if (isUnexpected(outcome.error)) failure = noteFailure(outcome.error, failure, request);
      error = isUnexpected(outcome.error)
        ? new InternalServerError(undefined, { cause: outcome.error })
        : outcome.error;
    } else if (error instanceof HTTPError) {
      return { response: toPage(error, request), failure };
    } else {
      failure ??= { error };
      error = new InternalServerError(undefined, { cause: error });
    }
  }
}

/** The page for an error, as a response. */
export function toPage(error: HTTPError, request: HttpRequest): HttpResponse {
  const { headers, body } = errorPage(error, request);
  return new HttpResponse(body, error.status, new HeaderList(headers));
}

async function ask(
  handler: ErrorHandler<unknown>,
  error: unknown,
  request: HttpRequest,
): Promise<HttpResponse | Failure> {
  try {
    return toErrorResponse(await handler(error, request), error);
  } catch (thrown) {
    if (isCancelled(thrown)) throw thrown;
    return { error: thrown };
  }
}

/** What a handler returned has the status and the headers of its error, unless it is a response of its own. */
function toErrorResponse(result: unknown, error: unknown): HttpResponse {
  if (result instanceof HttpResponse || result instanceof Response) return toResponse(result);
  const { status, headers } = error instanceof HTTPError ? error : { status: 500, headers: [] };
  const response = makeResponse(result as object, status);
  for (const [name, value] of new HeaderList(headers)) response.headers.append(name, value);
  return response;
}

function isUnexpected(error: unknown): boolean {
  return !(error instanceof ResponseThrown) && (!(error instanceof HTTPError) || error instanceof InternalServerError);
}

/** Of several failures the first is that of the request; the others are reported at once. */
function noteFailure(error: unknown, before: Failure | undefined, { method, path }: HttpRequest): Failure {
  if (before === undefined) return { error };
  callExceptionHandler({ message: `An error handler failed while serving ${method} ${path}`, error });
  return before;
}
