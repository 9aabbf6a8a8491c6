import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import type { BodyLimits } from "./body-limits.ts";
import { parsePath, type PathPattern } from "./path-pattern.ts";

/** Options of a route, besides its method. Limits of the body that it leaves out are those of the application. */
export interface ViewOptions extends BodyLimits {
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
   * @default true
   */
  readonly strictSlashes?: boolean;
}

/** Options of a route for several methods. */
export interface RouteOptions extends ViewOptions {
  /**
   * The methods that it answers, in upper case. GET answers HEAD as well.
   * @default ["GET"]
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

/**
 * Checks the options that the router does not.
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
  toRequestLimit(action, "timeout", timeout);
  option(action, "strictSlashes", strictSlashes).boolean();
  return options;
}

/** The parts that a route is made from. */
export interface RouteDefinition<Target> {
  /** The path literal. */
  readonly path: string;
  /** The methods that it answers; GET answers HEAD as well. */
  readonly methods: readonly string[] | "any";
  /** The target that it leads to. */
  readonly target: Target;
  /**
   * Whether a slash at the end of the path counts.
   * @default true
   */
  readonly strictSlashes?: boolean | undefined;
}

/** A path, the methods that it answers, and the target that it leads to. */
export interface Route<Target> {
  /** The path literal. */
  readonly path: string;
  /** The path literal, taken apart. */
  readonly pattern: PathPattern;
  /** The methods that it answers, with HEAD if there is GET. */
  readonly methods: ReadonlySet<string>;
  /** The target that it leads to. */
  readonly target: Target;
  /** Whether a slash at the end of the path counts. */
  readonly strictSlashes: boolean;
}

/**
 * Makes a route.
 *
 * @throws {PathSyntaxError} If its path cannot be read.
 * @throws {TypeError} If its methods are not a list of method names.
 */
export function createRoute<Target>(definition: RouteDefinition<Target>): Route<Target> {
  const { path, methods, target, strictSlashes = true } = definition;
  return { path, pattern: parsePath(path), methods: checkMethods(path, methods), target, strictSlashes };
}

/** All methods, whatever they are called. */
class AnyMethod extends Set<string> {
  override has(): boolean {
    return true;
  }
}

const anyMethod: ReadonlySet<string> = new AnyMethod();

function checkMethods(path: string, methods: readonly string[] | "any"): ReadonlySet<string> {
  if (methods === "any") return anyMethod;
  if (!areMethods(methods)) {
    throw wrongType(`route '${path}'`, "'methods' must be a list of upper-case names", methods);
  }
  return new Set(methods.includes("GET") ? [...methods, "HEAD"] : methods);
}

function areMethods(methods: unknown): methods is readonly string[] {
  if (!Array.isArray(methods) || methods.length === 0) return false;
  return methods.every((method) => typeof method === "string" && /^[A-Z][A-Z-]*$/.test(method));
}
