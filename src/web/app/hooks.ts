import type { AfterRequest } from "../message/context.ts";
import type { ViewResult } from "../message/from-result.ts";
import type { HttpRequest } from "../message/http-request.ts";
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

/** @internal The hooks of an application or a blueprint, in the order in which they were registered. */
export class Hooks {
  readonly before: BeforeRequest[] = [];
  readonly after: AfterRequest[] = [];
  readonly teardown: TeardownRequest[] = [];
  readonly contextProcessors: ContextProcessor[] = [];
}
