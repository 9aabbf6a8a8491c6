/**
 * The router: from a method and a path to a route and the values of its parameters.
 *
 * Routes are compiled into a tree when they are added. A node stands for the beginning of a path up to a slash; an
 * edge for one segment. A segment without parameters is an edge in a map; one with parameters is a regular
 * expression. A parameter that spans slashes makes one edge of all that follows it.
 *
 *     /            ""  ─── "todos" ─── <int:id>            leaf: GET, PUT
 *     /todos/7      │              └── ""                   leaf: GET /todos/
 *     /files/a/b    └──── "files" ─── <path:name> (to the end)
 *
 * At each node the static edge is tried first, then the others: those with more static text first, then the
 * lighter converters (numbers, texts, paths). Where an edge leads nowhere the next one is tried. This is the order
 * of Werkzeug's matcher, so that routes that are moved from Flask match as they did. Routes without any parameter
 * are found in a table before the tree is looked at: in it they would win as well.
 *
 * Routes of a host have a tree for that host. Those whose hosts match the request are searched first, in the order of
 * their weights, then the tree of the routes for all hosts. A segment with several parameters is matched without
 * backtracking, so that no path takes more than linear time.
 */

import { compareWeights, readValues, weigh } from "./_form.ts";
import { type Found, RouteTree, type Search, spansSlashes, startSearch } from "./_route-tree.ts";
import { canonicalPath } from "./canonical-path.ts";
import type { HostPattern } from "./host-pattern.ts";
import { parametersOf, parsePath } from "./path-pattern.ts";
import { createRoute, type Route, type RouteDefinition } from "./create-route.ts";

/** The values of a path's parameters by their names. */
export type PathValues = Record<string, unknown>;

/** The result of matching a method and a path. */
export type Match<Target> =
  /** There is a route. */
  | { readonly kind: "found"; readonly route: Route<Target>; readonly values: PathValues }
  /**
   * There is a route for another spelling of the path: with a slash at its end, with its double slashes merged, without
   * what is a default, or of which this is an alias.
   */
  | { readonly kind: "moved"; readonly path: string; readonly to: Route<Target> }
  /**
   * There is no route; `allowed` has the methods that the path would have answered, if any, and `answersOptions` says
   * whether OPTIONS is answered with them.
   */
  | { readonly kind: "missing"; readonly allowed: ReadonlySet<string>; readonly answersOptions: boolean };

/** The routes of one host. */
interface HostRoutes<Target> {
  readonly host: HostPattern;
  readonly weights: readonly number[];
  readonly tree: RouteTree<Target>;
}

/** A tree in which a request is looked for, and the values that its host has given. */
interface Place<Target> {
  readonly tree: RouteTree<Target>;
  readonly values: readonly [string, unknown][];
}

/**
 * Finds the route for a method and a path: of `/todos/<int:id>` and `/todos/7` it makes the route and `{ id: 7 }`.
 */
export class Router<Target> {
  readonly #tree = new RouteTree<Target>();
  readonly #anyHost: readonly Place<Target>[] = [{ tree: this.#tree, values: [] }];
  readonly #hosts: HostRoutes<Target>[] = [];
  readonly #routes: Route<Target>[] = [];
  /** The routes of the same key, as soon as one has defaults or is an alias. */
  readonly #related = new Map<unknown, Route<Target>[]>();
  #hasRelated = false;

  /** All routes in the order in which they were added. */
  get routes(): readonly Route<Target>[] {
    return this.#routes;
  }

  /** Whether a route is for some hosts only, so that `match` must be told the host. */
  get hasHosts(): boolean {
    return this.#hosts.length > 0;
  }

  /**
   * Adds a route. Of two routes that match alike the one that was added first wins.
   *
   * @throws {PathSyntaxError} If its path or its host cannot be read.
   * @throws {TypeError} If its methods are not a list of method names.
   */
  add(definition: RouteDefinition<Target>): Route<Target> {
    const route = createRoute(definition);
    this.#routes.push(route);
    this.#related.set(route.key, [...(this.#related.get(route.key) ?? []), route]);
    this.#hasRelated ||= route.defaults !== undefined || route.alias;
    if (route.buildOnly) return route;
    const tree = this.#treeOf(route.host);
    tree.insert(route, route.path, route.pattern);
    if (!route.strictSlashes) insertOtherSpelling(tree, route, definition);
    return route;
  }

  /**
   * Finds the route for a method and a path. An OPTIONS request that no route answers is `missing`.
   *
   * @param path The decoded path.
   * @param host The host of the request, with its port if it has one; of use if {@link hasHosts}.
   */
  match(method: string, path: string, host?: string): Match<Target> {
    if (host !== undefined && this.#hosts.length > 0) return this.#matchIn(this.#placesOf(host), method, path);
    const route = this.#hasRelated ? undefined : this.#tree.findStatic(method, path);
    return route === undefined ? this.#matchIn(this.#anyHost, method, path) : { kind: "found", route, values: {} };
  }

  #matchIn(places: readonly Place<Target>[], method: string, path: string): Match<Target> {
    const [first] = places;
    const route = first?.values.length === 0 ? first.tree.findStatic(method, path) : undefined;
    if (route !== undefined) return this.#arrive(method, path, route, {});
    const search = startSearch(method, path);
    for (const { tree, values } of places) {
      const found = tree.find(search);
      if (found !== undefined) return this.#follow(method, path, found, values);
    }
    return this.#matchMerged(places, search, path);
  }

  #follow(method: string, path: string, found: Found<Target>, ofHost: readonly [string, unknown][]): Match<Target> {
    const { route, values, lacksSlash } = found;
    if (lacksSlash) return { kind: "moved", path: `${path}/`, to: route };
    return this.#arrive(method, path, route, Object.fromEntries(ofHost.length === 0 ? values : [...ofHost, ...values]));
  }

  /** The request has a route; it is sent on if another route of the same view is the right one. */
  #arrive(method: string, path: string, route: Route<Target>, values: PathValues): Match<Target> {
    if (!this.#hasRelated) return { kind: "found", route, values };
    const all = { ...values, ...route.defaults };
    const canonical = canonicalPath(route, this.#related.get(route.key) ?? [], all, method);
    return canonical === undefined || canonical === path
      ? { kind: "found", route, values: all }
      : { kind: "moved", path: canonical, to: route };
  }

  #matchMerged(places: readonly Place<Target>[], search: Search, path: string): Match<Target> {
    const { method, allowed, answersOptions } = search;
    const merged = path.replace(/\/{2,}/g, "/");
    if (merged === path) return { kind: "missing", allowed, answersOptions };
    const match = this.#matchIn(places, method, merged);
    if (match.kind === "missing") {
      return {
        ...match,
        allowed: allowed.union(match.allowed),
        answersOptions: answersOptions || match.answersOptions,
      };
    }
    const to = match.kind === "moved" ? match.to : match.route;
    if (!to.mergeSlashes) return { kind: "missing", allowed, answersOptions };
    return match.kind === "moved" ? match : { kind: "moved", path: merged, to };
  }

  #treeOf(host: HostPattern | undefined): RouteTree<Target> {
    if (host === undefined) return this.#tree;
    const same = this.#hosts.find(({ host: other }) => isSameHost(host, other));
    if (same !== undefined) return same.tree;
    const added = { host, weights: weigh(host.pattern), tree: new RouteTree<Target>() };
    this.#hosts.push(added);
    this.#hosts.sort((one, other) => compareWeights(one.weights, other.weights));
    return added.tree;
  }

  #placesOf(host: string): readonly Place<Target>[] {
    const [, name = "", port] = /^(.*?)(?::(\d*))?$/s.exec(host.toLowerCase()) ?? [];
    const places: Place<Target>[] = [];
    for (const { host: pattern, tree } of this.#hosts) {
      if (pattern.port !== undefined && pattern.port !== port) continue;
      const texts = pattern.form(name);
      const values = texts === null ? undefined : readValues(parametersOf(pattern.pattern), texts);
      if (values !== undefined) places.push({ tree, values });
    }
    return [...places, ...this.#anyHost];
  }
}

function isSameHost(one: HostPattern, other: HostPattern): boolean {
  return one.literal === other.literal && one.port === other.port;
}

/** A route for which the slash at the end does not count is found with and without it. */
function insertOtherSpelling<Target>(
  tree: RouteTree<Target>,
  route: Route<Target>,
  { converters }: RouteDefinition<Target>,
) {
  // A parameter that spans slashes takes the last one too.
  if (route.pattern.some(spansSlashes)) return;
  const other = route.path.endsWith("/") ? route.path.slice(0, -1) : `${route.path}/`;
  if (other !== "") tree.insert(route, other, parsePath(other, converters));
}
