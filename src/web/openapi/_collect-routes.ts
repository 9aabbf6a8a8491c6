import { isPottle, type Pottle } from "../app/pottle.ts";
import type { Endpoint } from "../dispatch/dispatch.ts";
import { isMount, type Mount } from "../dispatch/mount.ts";
import type { Route } from "../routing/create-route.ts";

/** A route of an application, or of one that is mounted in it. */
export interface DocumentedRoute {
  /** The path before those of its application. */
  readonly prefix: string;
  readonly route: Route<Endpoint>;
  readonly endpoint: Endpoint;
}

/** The routes of an application that are to be documented, in their order. */
export function collectRoutes(app: Pottle<unknown>, prefix: string = ""): DocumentedRoute[] {
  return app.routes.flatMap((route) => {
    if (route.buildOnly || route.alias) return [];
    if (!leadsToView(route)) return collectMount(route, prefix);
    return route.target.options.hidden === true ? [] : [{ prefix, route, endpoint: route.target }];
  });
}

/** A mount has two routes: for its root, and for all below. */
function collectMount(route: Route<Endpoint | Mount>, outer: string): DocumentedRoute[] {
  const { application, prefix } = route.target as Mount;
  const isFirst = route.path === `${prefix}/`;
  return isFirst && isPottle(application) ? collectRoutes(application, outer + prefix) : [];
}

function leadsToView(route: Route<Endpoint | Mount>): route is Route<Endpoint> {
  return !isMount(route.target);
}
