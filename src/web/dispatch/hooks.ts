import type { AfterRequest } from "../message/context.ts";
import type { ViewResult } from "../message/from-result.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { SocketHooks } from "../websocket/socket-hooks.ts";
import type { ContextProcessor } from "../templates/template-setup.ts";

/**
 * Runs before the view. The value that it returns is answered in place of the view's, and neither the view nor the hooks
 * after it run; `undefined` lets the request go on.
 */
export type BeforeRequest = (
  request: HttpRequest,
) => ViewResult | undefined | void | PromiseLike<ViewResult | undefined | void>;

/**
 * Runs when a request is over: its response has left, or will not. It gets the error that was not handled: that of a view
 * that failed, or the cancellation of a request that was cancelled; `undefined` if there is neither.
 */
export type TeardownRequest = (error: unknown, request: HttpRequest) => void | PromiseLike<void>;

/**
 * Changes the values of a request's path before the hooks and the view see them: it may read, change or delete them. It is
 * given the name of the route.
 */
export type UrlValuePreprocessor = (name: string, values: Record<string, unknown>) => void;

/** Adds values to those that `urlFor` was given, for the routes of a name. */
export type UrlDefaults = (name: string, values: Record<string, unknown>) => void;

/** @internal The hooks of an application or a blueprint, in the order in which they were registered. */
export class Hooks {
  readonly before: BeforeRequest[] = [];
  readonly after: AfterRequest[] = [];
  readonly teardown: TeardownRequest[] = [];
  readonly contextProcessors: ContextProcessor[] = [];
  /** Those of WebSockets. */
  readonly sockets: SocketHooks = new SocketHooks();
  readonly urlValues: UrlValuePreprocessor[] = [];
  readonly urlDefaults: UrlDefaults[] = [];

  /** Adds the hooks of a blueprint that are for the whole application. */
  adopt(others: Hooks): void {
    this.before.push(...others.before);
    this.after.push(...others.after);
    this.teardown.push(...others.teardown);
    this.urlValues.push(...others.urlValues);
    this.urlDefaults.push(...others.urlDefaults);
    this.contextProcessors.push(...others.contextProcessors);
    this.sockets.add(others.sockets);
  }
}
