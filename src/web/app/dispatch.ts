/**
 * One request, from its hooks to its teardown:
 *
 *     beforeRequest ── view ── afterThisRequest ── afterRequest ── response leaves ── teardownRequest
 *           │            │                              │
 *           └── error ───┴── error handler or page ─────┘          cancelled: ── teardownRequest
 *
 * An application without hooks goes straight from the view to the response: what is not registered costs a look at an
 * empty list.
 */

import {
  callExceptionHandler,
  type CancelledError,
  currentTask,
  cancellationOf,
  isCancelled,
  moveOnAfter,
  uncancellable,
} from "../../asyncio/index.ts";
import { AlreadyRespondedError, ClientDisconnected, dismissBody, type Exchange } from "../../http/index.ts";
import { answerError, toPage } from "../failure/answer-error.ts";
import { Deadline, type DeadlineExceeded, type RequestLimit } from "./deadline.ts";
import { InternalServerError, ServiceUnavailable } from "../errors/statuses.ts";
import type { HttpResponse } from "../message/http-response.ts";
import type { Pipeline } from "./nesting.ts";
import type { RequestContext } from "../message/context.ts";
import { sendResponse, sendResult } from "./send-result.ts";
import type { BodySource } from "../message/from-result.ts";
import { toResponse } from "../message/to-response.ts";

/** A request that is to be answered. */
export interface RequestWork {
  readonly exchange: Exchange;
  readonly context: RequestContext;
  readonly pipeline: Pipeline;
  /** The time that it has. */
  readonly limit: RequestLimit;
  /** Calls the view, or what stands in its place. It may have answered itself then: {@link answered}. */
  readonly produce: () => unknown;
  /** The view, for errors to name it. */
  readonly source: BodySource | undefined;
}

/** What stands for a result where there was an answer already. */
export const answered: unique symbol = Symbol("answered");

/** How many milliseconds that has which is not cancelled: teardown, and the answer to a request whose time is over. */
const grace = 5_000;

/**
 * Answers a request.
 *
 * @throws What nobody handled; the answer has been given then, if one could be.
 */
export function answerRequest(work: RequestWork): Promise<void> {
  if (work.pipeline.teardown.length > 0) return answerAndTearDown(work);
  return work.limit.ms === Infinity ? answer(work) : answerInTime(work);
}

async function answerAndTearDown(work: RequestWork): Promise<void> {
  try {
    await (work.limit.ms === Infinity ? answer(work) : answerInTime(work));
  } catch (error) {
    await tearDown(work, error);
    throw error;
  }
  await tearDown(work, undefined);
}

async function answer(work: RequestWork, deadline?: Deadline): Promise<void> {
  try {
    let result = work.pipeline.before.length === 0 ? work.produce() : await produceAfterHooks(work);
    if (isThenable(result)) result = await result;
    if (result === answered) return;
    await (deadline?.isExceeded === true ? dismiss(work, result) : send(work, result));
  } catch (error) {
    if (deadline?.isExceeded === true) throw error;
    await recover(work, error);
  }
}

/** When its time is over, it is answered at once; what it does after that is not. */
async function answerInTime(work: RequestWork): Promise<void> {
  const deadline = new Deadline(work.limit.ms, {
    ignores: () => work.limit.until === "begun" && work.exchange.responded,
    answer: (reason) => answerLate(work, reason),
  });
  try {
    await answer(work, deadline);
  } catch (error) {
    if (!deadline.isExceeded || ownCancellation(error) !== undefined) throw error;
    if (!(error instanceof AlreadyRespondedError)) report(work, "Error after the deadline", error);
  } finally {
    const late = deadline.end();
    if (late !== undefined) await late;
  }
  if (deadline.isExceeded) throw deadline.cancellation;
}

/** Answers a request whose time is over with 503, unless a response was begun: that is cut off. */
async function answerLate(work: RequestWork, reason: DeadlineExceeded): Promise<void> {
  const { exchange, context, pipeline } = work;
  if (exchange.responded) return;
  const unavailable = new ServiceUnavailable(undefined, { cause: reason });
  try {
    await moveOnAfter(grace, async () => {
      const { response, failure } = await answerError(unavailable, context.request, pipeline.handlers);
      if (failure !== undefined) report(work, "Error at the deadline", failure.error);
      await sendRecovered(work, response);
    });
  } catch (error) {
    const isAnswered = error instanceof ClientDisconnected || error instanceof AlreadyRespondedError;
    if (!isAnswered) report(work, "Error at the deadline", error);
  }
}

async function produceAfterHooks({ pipeline, context, produce }: RequestWork): Promise<unknown> {
  for (const hook of pipeline.before) {
    const result = await hook(context.request);
    if (result !== undefined) return result;
  }
  return produce();
}

/** Sends what a view returned, after the hooks have had it. */
function send(work: RequestWork, result: unknown): Promise<void> {
  const { exchange, context, pipeline, source } = work;
  return (pipeline.after.length === 0 && context.afterThis === undefined) || context.haveHooksFailed
    ? sendResult(exchange, result, source)
    : sendAfterHooks(work, toResponse(result, source));
}

async function sendAfterHooks(work: RequestWork, response: HttpResponse): Promise<void> {
  await sendResponse(work.exchange, await runAfterHooks(work, response));
}

/** Closes what a view returned after the request was answered. */
async function dismiss(work: RequestWork, result: unknown): Promise<void> {
  await dismissBody(toResponse(result, work.source).body);
}

async function runAfterHooks({ context, pipeline }: RequestWork, response: HttpResponse): Promise<HttpResponse> {
  let current = response;
  try {
    for (const hook of context.afterThis ?? []) current = (await hook(current, context.request)) ?? current;
    for (const hook of pipeline.after) current = (await hook(current, context.request)) ?? current;
  } catch (error) {
    // They do not see the answer to that.
    context.haveHooksFailed = true;
    await dismissBody(current.body);
    throw error;
  }
  return current;
}

/**
 * Answers what went wrong, if that is still possible.
 *
 * @throws What is not answered by that.
 */
async function recover(work: RequestWork, thrown: unknown): Promise<void> {
  const { exchange, context, pipeline } = work;
  // Whether and how a request that was cancelled is answered is known to who cancelled it.
  if (isDeparture(thrown) || exchange.responded) throw thrown;
  const { response, failure } = await answerError(thrown, context.request, pipeline.handlers);
  try {
    await sendRecovered(work, response);
  } catch (error) {
    if (failure === undefined) throw error;
    if (!isDeparture(error)) report(work, "Error while answering an error", error);
  }
  if (failure !== undefined) throw failure.error;
}

/** Whether it says that the request has ended, not that something is wrong with the answer. */
function isDeparture(error: unknown): boolean {
  return error instanceof ClientDisconnected || ownCancellation(error) !== undefined;
}

/** Sends the answer to an error. If a hook fails then, the answer is a page that no hook sees. */
async function sendRecovered(work: RequestWork, response: HttpResponse): Promise<void> {
  try {
    await send(work, response);
  } catch (error) {
    const { exchange, context } = work;
    if (exchange.responded || ownCancellation(error) !== undefined) throw error;
    await sendResponse(exchange, toPage(new InternalServerError(undefined, { cause: error }), context.request));
    throw error;
  }
}

/**
 * Runs the hooks to their end, also in a request that was cancelled; but not for ever. One that fails does not keep the
 * others from being run.
 */
async function tearDown(work: RequestWork, error: unknown): Promise<void> {
  const { context, pipeline } = work;
  const ended = await uncancellable(() =>
    moveOnAfter(grace, async () => {
      for (const hook of pipeline.teardown) {
        try {
          await hook(error, context.request);
        } catch (failure) {
          if (isCancelled(failure)) throw failure;
          report(work, "Error in teardown", failure);
        }
      }
      return true;
    }),
  );
  if (ended === true) return;
  report(work, "Error in teardown", new Error(`Cannot wait longer for teardownRequest() hooks: waited ${grace} ms`));
}

function report({ context: { request } }: RequestWork, what: string, error: unknown): void {
  callExceptionHandler({ message: `${what} of ${request.method} ${request.path}`, error });
}

/** The cancellation that `error` stands for, if this task was asked to stop. The platform wraps it in an `AbortError`. */
function ownCancellation(error: unknown): CancelledError | undefined {
  if ((currentTask()?.cancelling() ?? 0) === 0) return undefined;
  return cancellationOf(error);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}
