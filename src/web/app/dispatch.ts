/**
 * The life of a request in an application, from top to bottom:
 *
 *     route ── context ── beforeRequest ── view ── afterThisRequest ── afterRequest ── response leaves ── teardownRequest
 *                               │           │                              │
 *                               └── error ──┴── error handler or page ─────┘       cancelled: ── teardownRequest
 *
 * Without hooks it goes straight from the view to the response: hooks that are not registered cost a look at an empty
 * list.
 */

import { isCancelled, moveOnAfter, uncancellable } from "../../asyncio/index.ts";
import { dismissBody, type Exchange, isRequestOver, ownCancellation, splitTarget } from "../../http/index.ts";
import { BadRequest, InternalServerError, type ServiceUnavailable } from "../errors/statuses.ts";
import { answerError, toPage } from "../failure/answer-error.ts";
import { type AppInfo, Context, currentContext, type RequestContext } from "../message/context.ts";
import { sendResponse, sendResult, toResponse } from "../message/from-result.ts";
import { HttpRequest } from "../message/http-request.ts";
import type { HttpResponse } from "../message/http-response.ts";
import { decodePath } from "../routing/decode-path.ts";
import type { RequestLimit } from "../routing/route.ts";
import type { Match, Router } from "../routing/router.ts";
import { answerInTime, type Deadline, graceTimeout, report, type TimedRequest } from "./deadline.ts";
import { basePathOf, type Mount, mountedExchange } from "./mount.ts";
import type { HookChain, Nesting } from "./nesting.ts";
import { tellRoute } from "./tell-route.ts";
import { answerUnrouted } from "./unrouted.ts";
import type { AnyView } from "./view.ts";

/** A view that a route leads to. */
export interface Endpoint {
  /** The path of the route. */
  readonly path: string;
  readonly view: AnyView;
  /** The application and the blueprints around the view. */
  readonly nesting: Nesting;
  readonly limit: RequestLimit;
}

/** An application, as far as its requests are concerned. */
export interface Dispatching {
  readonly info: AppInfo;
  readonly router: Router<Endpoint | Mount>;
  /** The application itself, around requests without a view. */
  readonly nesting: Nesting;
  /** The limit of requests without a view. */
  readonly limit: RequestLimit;
  readonly maxContentLength: number;
}

/**
 * Answers a request.
 *
 * @throws The error that no handler answered; a response has been sent then, if that was possible.
 */
export function dispatch(app: Dispatching, exchange: Exchange): Promise<void> {
  return new Dispatch(app, exchange).run();
}

class Dispatch implements TimedRequest {
  readonly request: HttpRequest;
  readonly #exchange: Exchange;
  readonly #match: Match<Endpoint | Mount> | BadRequest;
  readonly #endpoint: Endpoint | undefined;
  readonly #mount: Mount | undefined;
  readonly #context: RequestContext;
  readonly #hooks: HookChain;
  readonly #limit: RequestLimit;
  #haveHooksFailed = false;

  constructor(app: Dispatching, exchange: Exchange) {
    const { path: encoded, query } = splitTarget(exchange.target);
    const path = decodedOrError(encoded);
    const match = typeof path === "string" ? app.router.match(exchange.method, path) : path;
    const target = "route" in match ? match.route.target : undefined;
    const mount = target !== undefined && "application" in target ? target : undefined;
    const endpoint = target === mount ? undefined : (target as Endpoint);
    const nesting = endpoint?.nesting ?? app.nesting;
    this.#exchange = exchange;
    this.#match = match;
    this.#endpoint = endpoint;
    this.#mount = mount;
    this.#hooks = nesting.chain;
    this.#limit = endpoint?.limit ?? app.limit;
    this.request = new HttpRequest(exchange, typeof path === "string" ? path : encoded, query, app.maxContentLength);
    this.#context = new Context(app.info, this.request, nesting.name, basePathOf(exchange)) as RequestContext;
    currentContext.set(this.#context);
    if (endpoint !== undefined) tellRoute(exchange, endpoint.path);
  }

  run(): Promise<void> {
    return this.#hooks.teardown.length === 0 ? this.#answerWithinLimit() : this.#answerAndTearDown();
  }

  async #answerAndTearDown(): Promise<void> {
    try {
      await this.#answerWithinLimit();
    } catch (error) {
      await this.#tearDown(error);
      throw error;
    }
    await this.#tearDown(undefined);
  }

  #answerWithinLimit(): Promise<void> {
    return this.#limit.ms === Infinity ? this.answer() : answerInTime(this, this.#limit);
  }

  async answer(deadline?: Deadline): Promise<void> {
    try {
      const early = this.#hooks.before.length === 0 ? undefined : await this.#runBeforeHooks();
      if (early === undefined && this.#mount !== undefined) return await this.#passToMount(this.#mount);
      let result = early === undefined ? this.#callView() : early;
      if (isThenable(result)) result = await result;
      await (deadline?.isExceeded === true ? this.#dismiss(result) : this.#send(result));
    } catch (error) {
      if (deadline?.isExceeded === true) throw error;
      await this.#recover(error);
    }
  }

  async #runBeforeHooks(): Promise<unknown> {
    for (const hook of this.#hooks.before) {
      const result = await hook(this.request);
      if (result !== undefined) return result;
    }
    return undefined;
  }

  /** Calls the view, or answers in its place if the request has no route. */
  #callView(): unknown {
    const { request } = this;
    const match = this.#match;
    if (match instanceof BadRequest) throw match;
    if (match.kind === "found") return this.#endpoint?.view(match.values as never, request);
    return answerUnrouted(match, request.method, request.path, request.query, this.#context.basePath);
  }

  /** Hands the request to the mounted application. */
  async #passToMount({ application, prefix }: Mount): Promise<void> {
    try {
      await application.handle(mountedExchange(this.#exchange, prefix, this.request.path));
    } finally {
      // The other application has set its own.
      currentContext.set(this.#context);
    }
  }

  /** Sends the result of a view, after the hooks have had it. */
  #send(result: unknown): Promise<void> {
    const hasHooks = this.#hooks.after.length > 0 || this.#context.afterThis !== undefined;
    return hasHooks && !this.#haveHooksFailed
      ? this.#sendAfterHooks(toResponse(result, this.#endpoint))
      : sendResult(this.#exchange, result, this.#endpoint);
  }

  async #sendAfterHooks(response: HttpResponse): Promise<void> {
    let current = response;
    try {
      for (const hook of this.#context.afterThis ?? []) current = (await hook(current, this.request)) ?? current;
      for (const hook of this.#hooks.after) current = (await hook(current, this.request)) ?? current;
    } catch (error) {
      // The hooks do not see the answer to that.
      this.#haveHooksFailed = true;
      await dismissBody(current.body);
      throw error;
    }
    await sendResponse(this.#exchange, current);
  }

  /** Closes the result of a view that came after the deadline. */
  async #dismiss(result: unknown): Promise<void> {
    await dismissBody(toResponse(result, this.#endpoint).body);
  }

  /**
   * Answers an error, if that is still possible.
   *
   * @throws The error, if it was not handled or cannot be answered.
   */
  async #recover(thrown: unknown): Promise<void> {
    // Whether and how a cancelled request is answered is decided by the code that cancelled it.
    if (isRequestOver(thrown) || this.responded) throw thrown;
    const { response, failure } = await answerError(thrown, this.#context, this.#hooks.handlers);
    try {
      await this.#sendRecovered(response);
    } catch (error) {
      if (failure === undefined) throw error;
      if (!isRequestOver(error)) report(this.request, "Error while answering an error", error);
    }
    if (failure !== undefined) throw failure.error;
  }

  /** Sends the answer to an error. If a hook fails then, the answer is a page that no hook sees. */
  async #sendRecovered(response: HttpResponse): Promise<void> {
    try {
      await this.#send(response);
    } catch (error) {
      if (this.responded || ownCancellation(error) !== undefined) throw error;
      const page = toPage(new InternalServerError(undefined, { cause: error }), this.#context);
      await sendResponse(this.#exchange, page);
      throw error;
    }
  }

  get responded(): boolean {
    return this.#exchange.responded;
  }

  async answerLate(unavailable: ServiceUnavailable): Promise<void> {
    if (this.responded) return;
    const { response, failure } = await answerError(unavailable, this.#context, this.#hooks.handlers);
    if (failure !== undefined) report(this.request, "Error at the deadline", failure.error);
    await this.#sendRecovered(response);
  }

  /**
   * Runs the teardown hooks to their end, even in a request that was cancelled, but not for ever. One that fails does not
   * keep the others from running.
   */
  async #tearDown(error: unknown): Promise<void> {
    const ended = await uncancellable(() =>
      moveOnAfter(graceTimeout, async () => {
        for (const hook of this.#hooks.teardown) {
          try {
            await hook(error, this.request);
          } catch (failure) {
            if (isCancelled(failure)) throw failure;
            report(this.request, "Error in teardown", failure);
          }
        }
        return true;
      }),
    );
    if (ended === true) return;
    const late = new Error(`Cannot wait longer for teardownRequest() hooks: waited ${graceTimeout} ms`);
    report(this.request, "Error in teardown", late);
  }
}

/** The decoded path, or the answer to one that cannot be decoded. */
function decodedOrError(encoded: string): string | BadRequest {
  try {
    return decodePath(encoded);
  } catch (cause) {
    return new BadRequest((cause as Error).message, { cause });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}
