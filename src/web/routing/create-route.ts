import { wrongType } from "../../base/refusal.ts";
import type { OwnConverters } from "./converters.ts";
import type { HostPattern } from "./host-pattern.ts";
import { checkNames, parsePath, type PathPattern } from "./path-pattern.ts";

/** The parts that a route is made from. */
export interface RouteDefinition<Target> {
  /** The path literal. */
  readonly path: string;
  /** The methods that it answers; GET answers HEAD as well. */
  readonly methods: readonly string[] | "any";
  /** The target that it leads to. */
  readonly target: Target;
  /**
   * The key that all routes of one view have.
   * @default the target
   */
  readonly key?: unknown;
  /**
   * Whether a slash at the end of the path counts.
   * @default true
   */
  readonly strictSlashes?: boolean | undefined;
  /**
   * Whether paths with double slashes are sent on to it.
   * @default true
   */
  readonly mergeSlashes?: boolean | undefined;
  /**
   * Whether OPTIONS is answered with the methods of the path.
   * @default true
   */
  readonly provideAutomaticOptions?: boolean | undefined;
  /** The values besides those of the path. */
  readonly defaults?: Readonly<Record<string, unknown>> | undefined;
  /** The host that it is for. */
  readonly host?: HostPattern | undefined;
  /** Whether requests are sent on to another route of its key. */
  readonly alias?: boolean | undefined;
  /** Whether no request is routed to it. */
  readonly buildOnly?: boolean | undefined;
  /** The converters of its application or blueprint. */
  readonly converters?: OwnConverters | undefined;
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
  /** The key that all routes of one view have. */
  readonly key: unknown;
  /** Whether a slash at the end of the path counts. */
  readonly strictSlashes: boolean;
  /** Whether paths with double slashes are sent on to it. */
  readonly mergeSlashes: boolean;
  /** Whether OPTIONS is answered with the methods of the path. */
  readonly provideAutomaticOptions: boolean;
  /** The values besides those of the path. */
  readonly defaults: Readonly<Record<string, unknown>> | undefined;
  /** The host that it is for; `undefined` for any. */
  readonly host: HostPattern | undefined;
  /** Whether requests are sent on to another route of its key. */
  readonly alias: boolean;
  /** Whether no request is routed to it. */
  readonly buildOnly: boolean;
}

/**
 * Makes a route.
 *
 * @throws {PathSyntaxError} If its path cannot be read, or a name is used twice in host, path and defaults.
 * @throws {TypeError} If its methods are not a list of method names.
 */
export function createRoute<Target>(definition: RouteDefinition<Target>): Route<Target> {
  const { path, methods, target, key = target, defaults, host, converters } = definition;
  const pattern = parsePath(path, converters);
  checkNames(path, [...(host?.pattern ?? []), ...pattern], Object.keys(defaults ?? {}));
  const { strictSlashes = true, mergeSlashes = true, provideAutomaticOptions = true } = definition;
  const { alias = false, buildOnly = false } = definition;
  const flags = { strictSlashes, mergeSlashes, provideAutomaticOptions, alias, buildOnly };
  return { path, pattern, methods: checkMethods(path, methods), target, key, defaults, host, ...flags };
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
