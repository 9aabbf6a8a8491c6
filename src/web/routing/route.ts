import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import type { BodyLimits } from "./body-limits.ts";
import type { RouteContract, RouteDocumentation } from "./contract.ts";

/** Options of a route, besides its method. Limits of the body that it leaves out are those of the application. */
export interface ViewOptions extends BodyLimits, RouteContract, RouteDocumentation {
  /**
   * The name under which `urlFor` finds it, besides its path.
   * @default the name of the view, if it is a function with a name
   */
  readonly name?: string;
  /**
   * Time limit of a request, in milliseconds, until its response has left. After that it is cancelled and answered with
   * 503; a response that was begun is cut off. `Infinity` for no limit.
   * @default `requestTimeout` of the application
   */
  readonly timeout?: number;
  /**
   * Whether a slash at the end of the path counts. If it does, `/x` is sent on to `/x/` for a route `/x/`, and `/x/` is
   * not found for a route `/x`; if not, both are answered.
   * @default `strictSlashes` of the application
   */
  readonly strictSlashes?: boolean;
  /**
   * Whether a path with slashes that follow each other is sent on to this route's path.
   * @default `mergeSlashes` of the application
   */
  readonly mergeSlashes?: boolean;
  /**
   * Values that the view gets besides those of the path. A request to another path of the same view that has just these
   * values in it is sent on to this path, and `urlFor` leaves them out.
   * @default none
   */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /**
   * The host that requests must have come for, with parameters of its own: `<tenant>.example.com`. With a port it is that
   * port only.
   * @default any host
   */
  readonly host?: string;
  /**
   * The host before the application's `serverName`: `api`, or `<tenant>`; empty for that name itself.
   * @default any host
   */
  readonly subdomain?: string;
  /**
   * Whether OPTIONS requests are answered with the methods of the path, unless a view answers them.
   * @default `provideAutomaticOptions` of the application
   */
  readonly provideAutomaticOptions?: boolean;
  /**
   * Whether it is an old address of its view: requests are sent on to the view's other route with the same parameters, and
   * no URL is built for it.
   * @default false
   */
  readonly alias?: boolean;
  /**
   * Whether it is for building URLs only: no request is routed here.
   * @default false
   */
  readonly buildOnly?: boolean;
}

/** Options of a route for several methods. */
export interface RouteOptions extends ViewOptions {
  /**
   * The methods that it answers, in upper case. GET answers HEAD as well.
   * @default those of the view, if it is made of a class; otherwise `["GET"]`
   */
  readonly methods?: readonly string[];
}

/** The time limit of a request. */
export interface RequestLimit {
  /** In milliseconds; `Infinity` for no limit. */
  readonly ms: number;
  /** The event that it limits: the beginning of the response, or its end. */
  readonly until: "begun" | "left";
}

/** The limit by default: a response may stream for as long as it likes, but must begin. */
export const defaultLimit: RequestLimit = { ms: 120_000, until: "begun" };

/**
 * Makes a limit of a configured time; `undefined` if none is configured.
 *
 * @throws {RangeError} If it is not above 0; `Infinity` is.
 * @throws {TypeError} If it is not a number.
 */
export function toRequestLimit(action: string, name: string, ms: number | undefined): RequestLimit | undefined {
  return ms === undefined ? undefined : { ms: option(action, name, ms).milliseconds({ above: 0 }), until: "left" };
}

const flags = ["strictSlashes", "mergeSlashes", "provideAutomaticOptions", "alias", "buildOnly"] as const;

/**
 * Checks the options that the router does not.
 *
 * @throws {RangeError} If `timeout` is not a number > 0.
 * @throws {TypeError} If `options` is not an object, or one of them is not of its type.
 */
export function checkRouteOptions(path: string, options: RouteOptions): RouteOptions {
  const action = `route '${path}'`;
  if (typeof options !== "object" || options === null) {
    throw wrongType(action, "'options' must be an object", options);
  }
  toRequestLimit(action, "timeout", options.timeout);
  for (const flag of flags) option(action, flag, options[flag] ?? false).boolean();
  const { defaults = {}, host, subdomain } = options;
  if (typeof defaults !== "object" || defaults === null) {
    throw wrongType(action, "'defaults' must be an object", defaults);
  }
  for (const [name, value] of Object.entries({ host, subdomain })) {
    if (value !== undefined && typeof value !== "string") throw wrongType(action, `'${name}' must be text`, value);
  }
  if (host !== undefined && subdomain !== undefined) {
    throw wrongType(action, "'host' and 'subdomain' must not both be given", subdomain);
  }
  return options;
}
