import { option } from "../../base/options.ts";
import type { AfterRequest } from "../message/context.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { ViewResult } from "../message/from-result.ts";

/** What a middleware is put around: an application, or a blueprint, whose views it is for then. */
export interface Hooked {
  /** Registers a function to run before the view. */
  beforeRequest(
    fn: (request: HttpRequest) => ViewResult | undefined | void | PromiseLike<ViewResult | undefined | void>,
  ): void;
  /** Registers a function to run before the response is sent. */
  afterRequest(fn: AfterRequest): void;
}

/** @internal Checks that `app` has hooks. @throws {TypeError} If it has none. */
export function requireHooks(app: Hooked, action: string): void {
  const { beforeRequest, afterRequest } = Object(app) as Partial<Hooked>;
  option(action, "app.beforeRequest", beforeRequest).function();
  option(action, "app.afterRequest", afterRequest).function();
}
