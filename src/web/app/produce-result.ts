import type { Exchange } from "../../http/index.ts";
import { answered } from "./dispatch.ts";
import type { Mount } from "./mount.ts";
import { MountedExchange } from "./mounted-exchange.ts";
import { currentContext, type RequestContext } from "../message/context.ts";
import { isMount, type RouteTarget } from "./route-target.ts";
import type { Match } from "../routing/router.ts";
import { answerUnrouted } from "./unrouted.ts";

/** What a request leads to. */
export type Found = Match<RouteTarget> | { readonly kind: "undecodable"; readonly error: unknown };

/**
 * Calls the view, or what stands in its place.
 *
 * @returns What is to be answered; {@link answered}, if that was done.
 * @throws What the view throws; an `HTTPError` if there is none.
 */
export function produceResult(found: Found, exchange: Exchange, context: RequestContext): unknown {
  const { request, basePath } = context;
  if (found.kind === "undecodable") throw found.error;
  if (found.kind !== "found") return answerUnrouted(found, request.method, request.path, request.query, basePath);
  const { target } = found.route;
  if (isMount(target)) return passToMount(target, exchange, context);
  return target.view(found.values as never, request);
}

async function passToMount(
  { application, prefix }: Mount,
  exchange: Exchange,
  context: RequestContext,
): Promise<typeof answered> {
  try {
    await application.handle(new MountedExchange(exchange, prefix, context.request.path));
  } finally {
    // The other application has set its own.
    currentContext.set(context);
  }
  return answered;
}
