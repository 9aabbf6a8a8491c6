import type { Application } from "../../http/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { checkPrefix, PathSyntaxError } from "../routing/path-pattern.ts";

/** An application under a prefix of another's paths. */
export interface Mount {
  /** Where it is: `/admin`, or nothing for the root. It does not end with a slash. */
  readonly prefix: string;
  /** What answers there. */
  readonly application: Application;
}

/**
 * Makes a mount.
 *
 * @throws {PathSyntaxError} If the prefix does not begin with `/`, or has a parameter in it.
 * @throws {TypeError} If `application` has no `handle`.
 */
export function createMount(prefix: string, application: Application): Mount {
  if (prefix !== "/" && checkPrefix(prefix.replace(/\/$/, ""))) {
    throw new PathSyntaxError(prefix, "a prefix of a mount has no parameters");
  }
  if (typeof (application as Partial<Application> | null)?.handle === "function") {
    return { prefix: prefix.replace(/\/$/, ""), application };
  }
  throw wrongType(`mount at '${prefix}'`, "'application' must have a function 'handle'", application);
}

/** The paths that lead to a mount. It is routed as they would be: what has more text in it goes before it. */
export function pathsOf({ prefix }: Mount): readonly string[] {
  return [`${prefix}/`, `${prefix}/<path:rest>`];
}
