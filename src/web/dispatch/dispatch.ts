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

import { isThenable } from "../../base/is-thenable.ts";
import { dismissBody, type Exchange, isRequestOver, ownCancellation, splitTarget } from "../../http/index.ts";
import { InternalServerError, type ServiceUnavailable } from "../errors/statuses.ts";
import { isEndless } from "../events/endless.ts";
import { answerError, toPage } from "../failure/answer-error.ts";
import { type AppInfo, Context, currentContext, type RequestContext } from "../message/context.ts";
import { sendResponse, sendResult, toResponse } from "../message/from-result.ts";
import { HttpRequest } from "../message/http-request.ts";
import type { RequestSettings } from "../message/request-settings.ts";
import type { HttpResponse } from "../message/http-response.ts";
import type { RequestLimit, ViewOptions } from "../routing/route.ts";
import type { Router } from "../routing/router.ts";
import { answerInTime, type Deadline, report, type TimedRequest } from "./deadline.ts";
import { FinishingExchange } from "./finishing-exchange.ts";
import { LiftingExchange } from "./lifting-exchange.ts";
import { matchRequest, preprocessUrlValues, type RequestRoute } from "./match-request.ts";
import { basePathOf, type Mount, mountedExchange } from "./mount.ts";
import type { HookChain, Nesting } from "./nesting.ts";
import { tearDown } from "./tear-down.ts";
import { tellRoute } from "./tell-route.ts";
import type { HostCheck } from "./trusted-hosts.ts";
import { answerUnrouted, upgradeRequired } from "./unrouted.ts";
import type { AnyView } from "./view.ts";

/** A view that a route leads to. */
export interface Endpoint {
  /** The path of the route. */
  readonly path: string;
  /** The name of the route, with those of its blueprints before it; its path if it has none. */
  readonly name: string;
  readonly view: AnyView;
  /** The view, with its contract around it if it has one. */
  readonly run: AnyView;
  /** The options of the route. */
  readonly options: ViewOptions;
  /** The application and the blueprints around the view. */
  readonly nesting: Nesting;
  readonly limit: RequestLimit;
  readonly settings: RequestSettings;
}

/** An application, as far as its requests are concerned. */
export interface Dispatching {
  readonly info: AppInfo;
  readonly router: Router<Endpoint | Mount>;
  /** The application itself, around requests without a view. */
  readonly nesting: Nesting;
  /** The limit of requests without a view. */
  readonly limit: RequestLimit;
  readonly settings: RequestSettings;
  readonly checkHost: HostCheck | undefined;
  /** Whether there is a route for WebSockets at a path. */
  readonly answersWebSockets: (path: string, host: string | undefined) => boolean;
}

/**
 * Answers a request.
 *
 * @throws The error that no handler answered; a response has been sent then, if that was possible.
 */
export function dispatch(app: Dispatching, exchange: Exchange): Promise<void> {
  return new Dispatch(app, exchange).run();
}

/** Calls a function in the context of a request, in place of its view and hooks; those of teardown run after it. */
export function runInRequest<T>(
  app: Dispatching,
  exchange: Exchange,
  fn: (request: HttpRequest) => T | PromiseLike<T>,
): Promise<T> {
  return new Dispatch(app, exchange).runInstead(fn);
}

class Dispatch implements TimedRequest {
  readonly request: HttpRequest;
  readonly #app: Dispatching;
  readonly #exchange: Exchange;
  readonly #route: RequestRoute<Endpoint>;
  readonly #context: RequestContext;
  readonly #hooks: HookChain;
  readonly #limit: RequestLimit;
  #haveHooksFailed = false;

  constructor(app: Dispatching, exchange: Exchange) {
    const { path: encoded, query } = splitTarget(exchange.target);
    const route = matchRequest<Endpoint>(app.router, exchange, encoded, app.checkHost);
    const { path, endpoint, values } = route;
    const nesting = endpoint?.nesting ?? app.nesting;
    this.#app = app;
    this.#exchange = exchange;
    this.#route = route;
    this.#hooks = nesting.chain;
    this.#limit = endpoint?.limit ?? app.limit;
    const settings = endpoint?.settings ?? app.settings;
    this.request = new HttpRequest(exchange, path, query, settings, endpoint, values);
    const basePath = basePathOf(exchange);
    this.#context = new Context(app.info, this.request, nesting.name, basePath, endpoint?.view) as RequestContext;
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

  /** Calls a function in place of answering. */
  async runInstead<T>(fn: (request: HttpRequest) => T | PromiseLike<T>): Promise<T> {
    let value: T;
    try {
      value = await fn(this.request);
    } catch (error) {
      await this.#tearDown(error);
      throw error;
    }
    await this.#tearDown(undefined);
    return value;
  }

  #answerWithinLimit(): Promise<void> {
    return this.#limit.ms === Infinity ? this.answer() : answerInTime(this, this.#limit);
  }

  async answer(deadline?: Deadline): Promise<void> {
    try {
      const { mount, endpoint, values } = this.#route;
      if (this.#hooks.urlValues.length > 0) preprocessUrlValues(this.#hooks.urlValues, endpoint, values);
      const early = this.#hooks.before.length === 0 ? undefined : await this.#runBeforeHooks();
      if (early === undefined && mount !== undefined) return await this.#passToMount(mount, deadline);
      let result = early === undefined ? this.#callView() : early;
      if (isThenable(result)) result = await result;
      if (deadline !== undefined && isEndless(result)) deadline.lift();
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
    const { match, endpoint } = this.#route;
    if (match.kind === "failed") throw match.error;
    if (match.kind === "found") return endpoint?.run(match.values as never, request);
    if (match.kind === "missing" && match.allowed.size === 0) {
      if (this.#app.answersWebSockets(request.path, request.headers.get("host"))) throw upgradeRequired();
    }
    return answerUnrouted(match, request.method, request.path, request.query, this.#context.basePath);
  }

  /** Hands the request to the mounted application. */
  async #passToMount({ application, prefix }: Mount, deadline: Deadline | undefined): Promise<void> {
    const exchange = deadline === undefined ? this.#outgoing : new LiftingExchange(this.#outgoing, deadline);
    try {
      await application.handle(mountedExchange(exchange, prefix, this.request.path));
    } finally {
      // The other application has set its own.
      currentContext.set(this.#context);
    }
  }

  /** Sends the result of a view, after the hooks have had it. */
  #send(result: unknown): Promise<void> {
    const hasHooks = this.#hooks.after.length > 0 || this.#context.afterThis !== undefined;
    return hasHooks && !this.#haveHooksFailed
      ? this.#sendAfterHooks(toResponse(result, this.#route.endpoint))
      : sendResult(this.#outgoing, result, this.#route.endpoint);
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
    await sendResponse(this.#outgoing, current);
  }

  /** Closes the result of a view that came after the deadline. */
  async #dismiss(result: unknown): Promise<void> {
    await dismissBody(toResponse(result, this.#route.endpoint).body);
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
      await sendResponse(this.#outgoing, page);
      throw error;
    }
  }

  /** The exchange to answer: one that runs the finishers first, if there are any. */
  get #outgoing(): Exchange {
    const { finishers } = this.#context;
    return finishers === undefined ? this.#exchange : new FinishingExchange(this.#exchange, finishers);
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

  #tearDown(error: unknown): Promise<void> {
    return tearDown(this.#hooks.teardown, [error, this.request], this.request, "teardownRequest");
  }
}
