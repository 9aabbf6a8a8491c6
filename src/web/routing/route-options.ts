import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { checkDeadline } from "../app/deadline.ts";

/** How a route is set up, beside its method. */
export interface ViewOptions {
  /**
   * The name under which `urlFor` finds it, besides its path.
   * @default the name of the view, if it is a function with a name
   */
  readonly name?: string;
  /**
   * How many milliseconds a request has, until its response has left. After that it is cancelled, and answered with 503;
   * a response that was begun is cut off. `Infinity` for no limit.
   * @default `requestTimeout` of the application
   */
  readonly timeout?: number;
  /**
   * Whether a slash at the end of the path counts. If it does, `/x` is sent on to `/x/` for a route `/x/`, and `/x/` is
   * not found for a route `/x`; if not, both are answered.
   * @default true
   */
  readonly strictSlashes?: boolean;
}

/** How a route for several methods is set up. */
export interface RouteOptions extends ViewOptions {
  /**
   * The methods that it answers, in upper case. GET answers HEAD as well.
   * @default ["GET"]
   */
  readonly methods?: readonly string[];
}

/**
 * Checks what cannot be left to the router.
 *
 * @throws {RangeError} If `timeout` is not a number > 0.
 * @throws {TypeError} If `options` is not an object, `timeout` not a number, or `strictSlashes` not a boolean.
 */
export function checkRouteOptions(path: string, options: RouteOptions): RouteOptions {
  const action = `route '${path}'`;
  if (typeof options !== "object" || options === null) {
    throw wrongType(action, "'options' must be an object", options);
  }
  const { timeout, strictSlashes = true } = options;
  checkDeadline(action, "timeout", timeout);
  option(action, "strictSlashes", strictSlashes).boolean();
  return options;
}
