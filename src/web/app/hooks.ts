import type { HttpRequest } from "../message/http-request.ts";
import type { HttpResponse } from "../message/http-response.ts";
import type { ViewResult } from "./view.ts";

/**
 * Is run before the view. What it returns is answered in place of what the view would have returned, and neither the view
 * nor the hooks after it are run; nothing lets the request go on.
 */
export type BeforeRequest = (
  request: HttpRequest,
) => ViewResult | undefined | void | PromiseLike<ViewResult | undefined | void>;

/** Is run before a response is sent: it may change it, or return another in its place. */
export type AfterRequest = (
  response: HttpResponse,
  request: HttpRequest,
) => HttpResponse | undefined | void | PromiseLike<HttpResponse | undefined | void>;

/**
 * Is run when a request is over: its response has left, or will not. It gets what nobody handled: the error of a view that
 * failed, the cancellation of a request that was cancelled; `undefined` if there is neither.
 */
export type TeardownRequest = (error: unknown, request: HttpRequest) => void | PromiseLike<void>;

/** @internal The hooks of an application or a blueprint, in the order in which they were registered. */
export class Hooks {
  readonly before: BeforeRequest[] = [];
  readonly after: AfterRequest[] = [];
  readonly teardown: TeardownRequest[] = [];
}
