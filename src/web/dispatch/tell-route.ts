import { channel } from "node:diagnostics_channel";
import type { Exchange } from "../../http/index.ts";

/** The message of `pottle:request:route`: the request has a view, which is about to be called. */
export interface RequestRouteMessage {
  /** The request, as the application has it: a middleware may have wrapped it. */
  readonly exchange: Exchange;
  /** The path of the route, behind the prefix under which the application is mounted: `/users/<int:id>`. */
  readonly route: string;
}

const requestRoute = channel("pottle:request:route");

/** @internal Tells subscribers which route a request has. */
export function tellRoute(exchange: Exchange, path: string): void {
  if (!requestRoute.hasSubscribers) return;
  requestRoute.publish({ exchange, route: `${exchange.basePath ?? ""}${path}` } satisfies RequestRouteMessage);
}
