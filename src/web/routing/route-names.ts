import { cannot } from "../../base/refusal.ts";
import { BuildError, canBuild, type NamedValues } from "./build-path.ts";
import { byPrecedence, hasDefaults } from "./canonical-path.ts";
import type { Route } from "./create-route.ts";

/** Two views were given the same name. */
export class EndpointError extends Error {
  override readonly name = "EndpointError";
}

/** The target of a route that has a name. */
export interface NamedTarget {
  readonly view: { readonly name: string };
}

interface NamedRoutes<Target> {
  readonly routes: Route<Target>[];
  /** Whether the name was given, so that no other view may have it, or is only that of the view function. */
  readonly given: boolean;
}

/** The largest number of names in an error. */
const namesShown = 20;

/** The names of routes, by which URLs are built. */
export class RouteNames<Target extends NamedTarget> {
  readonly #names = new Map<string, NamedRoutes<Target>>();

  /**
   * Adds a route under its path and under a name: the given one, or that of its view.
   *
   * @param prefix The beginning of the name: the name of the blueprint and a dot.
   * @throws {EndpointError} If the name was given to a route that leads elsewhere.
   */
  add(route: Route<Target>, name?: string, prefix: string = ""): void {
    const given = name !== undefined;
    const own = name ?? route.target.view.name;
    const called = prefix + own;
    if (given) this.#checkFree(route, called);
    this.#join(route.path, route, false);
    if (own !== "" && called !== route.path) this.#join(called, route, given);
  }

  /**
   * All routes with this name.
   *
   * @throws {BuildError} If there is none, or if several views are called so.
   */
  routesOf(name: string): readonly Route<Target>[] {
    const routes = this.#names.get(name)?.routes ?? [];
    const [first] = routes;
    if (first === undefined) throw this.#unknown(name);
    if (routes.some((route) => route.target.view !== first.target.view && route.path !== first.path))
      throw ambiguous(name, routes);
    return routes;
  }

  #unknown(name: string): BuildError {
    const names = [...this.#names.keys()].sort();
    const more = names.length > namesShown ? ", …" : "";
    const known =
      names.length === 0 ? "there are no routes" : `routes are called ${names.slice(0, namesShown).join(", ")}${more}`;
    return new BuildError(`${cannot("build a URL", "there must be a route with the name", name)}; ${known}`);
  }

  #checkFree(route: Route<Target>, name: string): void {
    const other = this.#names.get(name);
    const taken =
      other?.given === true ? other.routes.find(({ target }) => target.view !== route.target.view) : undefined;
    if (taken === undefined) return;
    throw new EndpointError(`Cannot route '${route.path}' as the name '${name}' is taken: it leads to '${taken.path}'`);
  }

  #join(name: string, route: Route<Target>, given: boolean): void {
    const before = this.#names.get(name);
    // A name that was given goes before what another view happens to be called.
    if (before !== undefined && before.given && !given) return;
    const kept = before !== undefined && before.given === given ? before.routes : [];
    this.#names.set(name, { routes: [...kept, route], given });
  }
}

/**
 * The route of a name for which a URL is built: of those whose parameters all have values, and whose defaults are not other
 * values, the one that has the most of them.
 *
 * @param method The method that it must answer; `undefined` for any.
 * @throws {BuildError} If none of them answers the method, or has these defaults.
 */
export function chooseRoute<Target>(
  routes: readonly Route<Target>[],
  values: NamedValues,
  method: string | undefined,
): Route<Target> {
  const answering = routes.filter(({ methods }) => method === undefined || methods.has(method)).toSorted(byPrecedence);
  const fitting = answering.filter((route) => hasDefaults(route, values));
  const best =
    fitting.find((route) => canBuild([...(route.host?.pattern ?? []), ...route.pattern], values)) ?? fitting[0];
  if (best !== undefined) return best;
  if (answering.length === 0) throw new BuildError(cannot("build a URL", "a route must answer '_method'", method));
  throw new BuildError(cannot("build a URL", "no route has these values", values));
}

function ambiguous(name: string, routes: readonly Route<unknown>[]): BuildError {
  const paths = routes.map(({ path }) => `'${path}'`).join(", ");
  return new BuildError(
    `Cannot build a URL as several views are called '${name}': give them names, or use one of the paths ${paths}`,
  );
}
