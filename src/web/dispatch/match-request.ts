import { findHeader } from "../../http/index.ts";
import { BadRequest } from "../errors/statuses.ts";
import { decodePath } from "../routing/decode-path.ts";
import type { Match, Router } from "../routing/router.ts";
import type { HostCheck } from "./trusted-hosts.ts";

/** The parts of a request that decide on its route. */
interface Routed {
  readonly method: string;
  readonly rawHeaders: readonly string[];
}

/** The route of a request, or the error to answer: its path cannot be decoded, or a converter has failed. */
export type RequestMatch<Target> = Match<Target> | { readonly kind: "failed"; readonly error: unknown };

/**
 * Finds the route of a request.
 *
 * @param encoded The path as the client sent it.
 * @param checkHost Refuses hosts that are not trusted.
 * @returns The match, and the decoded path; the path as it is, if it cannot be decoded.
 */
export function matchRequest<Target>(
  router: Router<Target>,
  request: Routed,
  encoded: string,
  checkHost?: HostCheck,
): { readonly path: string; readonly match: RequestMatch<Target> } {
  let path = encoded;
  try {
    path = decodeOrRefuse(encoded);
    const refused = checkHost?.(request);
    if (refused !== undefined) return { path, match: { kind: "failed", error: refused } };
    const host = router.hasHosts ? findHeader(request.rawHeaders, "host") : undefined;
    return { path, match: router.match(request.method, path, host) };
  } catch (error) {
    return { path, match: { kind: "failed", error } };
  }
}

function decodeOrRefuse(encoded: string): string {
  try {
    return decodePath(encoded);
  } catch (cause) {
    throw new BadRequest((cause as Error).message, { cause });
  }
}
