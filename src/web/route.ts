import { parsePath, type PathPattern } from "./path-pattern.ts";

/** What a route is made from. */
export interface RouteDefinition<Target> {
  /** The path literal. */
  readonly path: string;
  /** The methods that it answers; GET answers HEAD as well. */
  readonly methods: readonly string[];
  /** What it leads to. */
  readonly target: Target;
}

/** A path, the methods that it answers, and what it leads to. */
export interface Route<Target> {
  /** The path literal. */
  readonly path: string;
  /** The path literal, taken apart. */
  readonly pattern: PathPattern;
  /** The methods that it answers, with HEAD if there is GET. */
  readonly methods: ReadonlySet<string>;
  /** What it leads to. */
  readonly target: Target;
}

/**
 * Makes a route.
 *
 * @throws {PathSyntaxError} If its path cannot be read.
 * @throws {TypeError} If its methods are no list of method names.
 */
export function createRoute<Target>({ path, methods, target }: RouteDefinition<Target>): Route<Target> {
  return { path, pattern: parsePath(path), methods: checkMethods(path, methods), target };
}

function checkMethods(path: string, methods: readonly string[]): ReadonlySet<string> {
  if (!areMethods(methods)) {
    const current = JSON.stringify(methods);
    throw new TypeError(
      `Cannot route '${path}' as 'methods' must be a list of upper-case names: current value is ${current}`,
    );
  }
  return new Set(methods.includes("GET") ? [...methods, "HEAD"] : methods);
}

function areMethods(methods: unknown): methods is readonly string[] {
  if (!Array.isArray(methods) || methods.length === 0) return false;
  return methods.every((method) => typeof method === "string" && /^[A-Z][A-Z-]*$/.test(method));
}
