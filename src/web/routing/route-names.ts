import { cannot } from "../../base/refusal.ts";
import { BuildError, buildPath, canBuild, type UrlValues } from "./build-path.ts";
import { parametersOf } from "./path-pattern.ts";
import type { Route } from "./route.ts";

/** Two views were given the same name. */
export class EndpointError extends Error {
  override readonly name = "EndpointError";
}

/** The target of a route that has a name. */
interface Named {
  readonly view: { readonly name: string };
}

interface NamedRoutes {
  readonly routes: Route<Named>[];
  /** Whether the name was given, so that no other view may have it, or is only that of the view function. */
  readonly given: boolean;
}

/** The largest number of names in an error. */
const namesShown = 20;

/** The names of routes, by which URLs are built. */
export class RouteNames {
  readonly #names = new Map<string, NamedRoutes>();

  /**
   * Adds a route under its path and under a name: the given one, or that of its view.
   *
   * @param prefix What the name begins with: the name of the blueprint and a dot.
   * @throws {EndpointError} If the name was given to a route that leads elsewhere.
   */
  add(route: Route<Named>, name?: string, prefix = ""): void {
    const given = name !== undefined;
    const own = name ?? route.target.view.name;
    const called = prefix + own;
    if (given) this.#checkFree(route, called);
    this.#join(route.path, route, false);
    if (own !== "" && called !== route.path) this.#join(called, route, given);
  }

  /**
   * Builds the URL of that route with this name whose parameters all have values; of several, of the one that has the
   * most parameters.
   *
   * @throws {BuildError} If there is none, or if several views are called so.
   */
  build(name: string, values: UrlValues): string {
    const routes = this.#names.get(name)?.routes ?? [];
    const [first] = routes;
    if (first === undefined) throw this.#unknown(name);
    if (routes.some((route) => route.target.view !== first.target.view && route.path !== first.path))
      throw ambiguous(name, routes);
    const [best = first] = routes.filter(({ pattern }) => canBuild(pattern, values)).toSorted(byParameters);
    return buildPath(best.pattern, values);
  }

  #unknown(name: string): BuildError {
    const names = [...this.#names.keys()].sort();
    const more = names.length > namesShown ? ", …" : "";
    const known =
      names.length === 0 ? "there are no routes" : `routes are called ${names.slice(0, namesShown).join(", ")}${more}`;
    return new BuildError(`${cannot("build a URL", "there must be a route with the name", name)}; ${known}`);
  }

  #checkFree(route: Route<Named>, name: string): void {
    const other = this.#names.get(name);
    const taken =
      other?.given === true ? other.routes.find(({ target }) => target.view !== route.target.view) : undefined;
    if (taken === undefined) return;
    throw new EndpointError(`Cannot route '${route.path}' as the name '${name}' is taken: it leads to '${taken.path}'`);
  }

  #join(name: string, route: Route<Named>, given: boolean): void {
    const before = this.#names.get(name);
    // A name that was given goes before what another view happens to be called.
    if (before !== undefined && before.given && !given) return;
    const kept = before !== undefined && before.given === given ? before.routes : [];
    this.#names.set(name, { routes: [...kept, route], given });
  }
}

function byParameters(one: Route<Named>, other: Route<Named>): number {
  return parametersOf(other.pattern).length - parametersOf(one.pattern).length;
}

function ambiguous(name: string, routes: readonly Route<Named>[]): BuildError {
  const paths = routes.map(({ path }) => `'${path}'`).join(", ");
  return new BuildError(
    `Cannot build a URL as several views are called '${name}': give them names, or use one of the paths ${paths}`,
  );
}
