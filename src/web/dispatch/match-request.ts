import { findHeader } from "../../http/index.ts";
import { BadRequest } from "../errors/statuses.ts";
import { decodePath } from "../routing/decode-path.ts";
import type { Match, Router } from "../routing/router.ts";
import type { UrlValuePreprocessor } from "./hooks.ts";
import { isMount, type Mount } from "./mount.ts";
import type { HostCheck } from "./trusted-hosts.ts";

/** The parts of a request that decide on its route. */
interface Routed {
  readonly method: string;
  readonly rawHeaders: readonly string[];
}

/** The route of a request, or the error to answer: its path cannot be decoded, or a converter has failed. */
export type RequestMatch<Target> = Match<Target> | { readonly kind: "failed"; readonly error: unknown };

/** Where a request leads. */
export interface RequestRoute<Endpoint> {
  /** The decoded path; the path as it is, if it cannot be decoded. */
  readonly path: string;
  readonly match: RequestMatch<Endpoint | Mount>;
  /** The view that it leads to; `undefined` if it leads to none. */
  readonly endpoint: Endpoint | undefined;
  /** The mounted application that it leads to; `undefined` if it leads to none. */
  readonly mount: Mount | undefined;
  /** The values of the path's parameters, for hooks to change; `undefined` if there is no route. */
  readonly values: Record<string, unknown> | undefined;
}

/**
 * Finds the route of a request.
 *
 * @param encoded The path as the client sent it.
 * @param checkHost Refuses hosts that are not trusted.
 */
export function matchRequest<Endpoint extends object>(
  router: Router<Endpoint | Mount>,
  request: Routed,
  encoded: string,
  checkHost?: HostCheck,
): RequestRoute<Endpoint> {
  let path = encoded;
  let match: RequestMatch<Endpoint | Mount>;
  try {
    path = decodeOrRefuse(encoded);
    const refused = checkHost?.(request);
    const host = router.hasHosts ? findHeader(request.rawHeaders, "host") : undefined;
    match = refused === undefined ? router.match(request.method, path, host) : { kind: "failed", error: refused };
  } catch (error) {
    match = { kind: "failed", error };
  }
  if (match.kind !== "found") return { path, match, endpoint: undefined, mount: undefined, values: undefined };
  const { route, values } = match;
  const { target } = route;
  return isMount(target)
    ? { path, match, endpoint: undefined, mount: target, values }
    : { path, match, endpoint: target, mount: undefined, values };
}

/** Lets the functions around a view change the values of its path. */
export function preprocessUrlValues(
  hooks: readonly UrlValuePreprocessor[],
  endpoint: { readonly name: string } | undefined,
  values: Record<string, unknown> | undefined,
): void {
  if (endpoint === undefined || values === undefined) return;
  for (const hook of hooks) hook(endpoint.name, values);
}

function decodeOrRefuse(encoded: string): string {
  try {
    return decodePath(encoded);
  } catch (cause) {
    throw new BadRequest((cause as Error).message, { cause });
  }
}
