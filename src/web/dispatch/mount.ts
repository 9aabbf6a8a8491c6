import { type Application, type Exchange, splitTarget, WrappedExchange } from "../../http/index.ts";
import { wrongType } from "../../base/refusal.ts";
import { encodePath } from "../routing/build-path.ts";
import { checkPrefix, PathSyntaxError } from "../routing/path-pattern.ts";

/** An application under a prefix of another's paths. */
export interface Mount {
  /** The prefix: `/admin`, or empty for the root. It does not end with a slash. */
  readonly prefix: string;
  /** The application that answers there. */
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

/** Whether what a route leads to is a mounted application. */
export function isMount(target: object): target is Mount {
  return "application" in target;
}

/** The paths that lead to a mount. It is routed as they are: a path with more text in it goes before it. */
export function pathsOf({ prefix }: Mount): readonly string[] {
  return [`${prefix}/`, `${prefix}/<path:rest>`];
}

/**
 * An exchange for an application that is mounted under a prefix: its target begins after the prefix.
 *
 * @param prefix - The prefix of the mount, which the decoded path of `outer` begins with.
 */
export function mountedExchange(outer: Exchange, prefix: string, path: string): Exchange {
  const target = withoutPrefix(outer.target, prefix, path);
  return new WrappedExchange(outer, { target, basePath: basePathOf(outer) + prefix });
}

/** The path under which the application of an exchange is mounted; empty if it is not mounted. */
export function basePathOf(exchange: Exchange): string {
  return exchange.basePath ?? "";
}

/**
 * The target after the prefix. It stays as the client wrote it, unless the prefix is written in an unusual way:
 * `/%61pp/x` is `/app/x` too.
 */
function withoutPrefix(target: string, prefix: string, path: string): string {
  const { path: encoded, query } = splitTarget(target);
  const spelled = encodePath(prefix);
  const rest = encoded.startsWith(`${spelled}/`)
    ? encoded.slice(spelled.length)
    : encodePath(path.slice(prefix.length));
  return query === "" ? rest : `${rest}?${query}`;
}
