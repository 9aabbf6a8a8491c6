import { wrongType } from "../../base/refusal.ts";
import { parsePath, type PathPattern } from "./path-pattern.ts";

/** What a route is made from. */
export interface RouteDefinition<Target> {
  /** The path literal. */
  readonly path: string;
  /** The methods that it answers; GET answers HEAD as well. */
  readonly methods: readonly string[] | "any";
  /** What it leads to. */
  readonly target: Target;
  /**
   * Whether a slash at the end of the path counts.
   * @default true
   */
  readonly strictSlashes?: boolean | undefined;
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
  /** Whether a slash at the end of the path counts. */
  readonly strictSlashes: boolean;
}

/**
 * Makes a route.
 *
 * @throws {PathSyntaxError} If its path cannot be read.
 * @throws {TypeError} If its methods are no list of method names.
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
