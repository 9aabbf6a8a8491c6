import { callExceptionHandler, isCancelled } from "../../asyncio/index.ts";
import { isResponse } from "../../base/fetch-classes.ts";
import { HeaderList } from "../../http/index.ts";
import { ResponseThrown } from "../message/abort.ts";
import { type ErrorHandler, type ErrorHandlers, handlersFor } from "./error-handlers.ts";
import { errorPage } from "./error-page.ts";
import { HTTPError } from "../errors/http-error.ts";
import { InternalServerError } from "../errors/statuses.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { HttpResponse } from "../message/http-response.ts";
import type { ErrorTraps, RequestContext } from "../message/context.ts";
import { makeResponse, toResponse } from "../message/from-result.ts";

/** An error that was not handled, in a box, as any value can be thrown. */
export interface Failure {
  readonly error: unknown;
}

/** The response to an error, and the failure to report. */
export interface ErrorAnswer {
  readonly response: HttpResponse;
  readonly failure: Failure | undefined;
}

/**
 * Finds the response to an error of a view or a hook: that of the first handler that has one, else the page for its status.
 * An error that is not an `HTTPError` and has no handler becomes the cause of an `InternalServerError`, for which handlers
 * are looked for in turn. A handler is called once, so that handlers that fail come to an end.
 *
 * @throws {CancelledError} If the request is cancelled meanwhile.
 */
export async function answerError(
  thrown: unknown,
  context: RequestContext,
  chain: readonly ErrorHandlers[],
): Promise<ErrorAnswer> {
  const called = new Set<ErrorHandler<unknown>>();
  let failure: Failure | undefined = thrown instanceof InternalServerError ? { error: thrown } : undefined;
  const { request } = context;
  let error = thrown;
  for (;;) {
    if (error instanceof ResponseThrown) return { response: toResponse(error.response), failure };
    const handler = handlersFor(error, chain).find((candidate) => !called.has(candidate));
    if (handler !== undefined) {
      called.add(handler);
      const outcome = await callHandler(handler, error, request);
      if (outcome instanceof HttpResponse) return { response: outcome, failure };
      if (isUnexpected(outcome.error)) failure = noteFailure(outcome.error, failure, request);
      error = isUnexpected(outcome.error)
        ? new InternalServerError(undefined, { cause: outcome.error })
        : outcome.error;
    } else if (error instanceof HTTPError && !isTrapped(error, context.app.traps)) {
      return { response: toPage(error, context), failure };
    } else {
      failure ??= { error };
      error = new InternalServerError(undefined, { cause: error });
    }
  }
}

/** Whether an error that is an answer, and has no handler, is to be a failure. */
function isTrapped({ status }: HTTPError, { all, badRequest }: ErrorTraps): boolean {
  return status !== 500 && (all || (badRequest && status === 400));
}

/** The page for an error, as a response. */
export function toPage(error: HTTPError, { app, request }: RequestContext): HttpResponse {
  const { headers, body } = errorPage(error, request, app);
  return new HttpResponse(body, error.status, new HeaderList(headers));
}

async function callHandler(
  handler: ErrorHandler<unknown>,
  error: unknown,
  request: HttpRequest,
): Promise<HttpResponse | Failure> {
  try {
    const result = await handler(error, request);
    // As in Flask, a handler may hand an error on: as JSON, it would show what it has inside.
    return result instanceof HTTPError ? { error: result } : toErrorResponse(result, error);
  } catch (thrown) {
    if (isCancelled(thrown)) throw thrown;
    return { error: thrown };
  }
}

/** The result of a handler gets the status and the headers of the error, unless it is a response itself. */
function toErrorResponse(result: unknown, error: unknown): HttpResponse {
  if (result instanceof HttpResponse || isResponse(result)) return toResponse(result);
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
