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
 */

import { escapeText } from "./converters.ts";
import { parametersOf, parsePath, type PathParameter, type PathPattern } from "./path-pattern.ts";
import type { PathValue } from "./path-types.ts";
import { createRoute, type Route, type RouteDefinition } from "./route.ts";

/** The values of a path's parameters by their names. */
export type PathValues = Record<string, PathValue>;

/** The result of matching a method and a path. */
export type Match<Target> =
  /** There is a route. */
  | { readonly kind: "found"; readonly route: Route<Target>; readonly values: PathValues }
  /** There is a route for another spelling of the path: with a slash at its end, or with its double slashes merged. */
  | { readonly kind: "moved"; readonly path: string }
  /** There is no route; `allowed` has the methods that the path would have answered, if any. */
  | { readonly kind: "missing"; readonly allowed: ReadonlySet<string> };

interface Node<Target> {
  readonly routes: Route<Target>[];
  readonly statics: Map<string, Node<Target>>;
  readonly edges: Edge<Target>[];
}

interface Edge<Target> {
  /** The form of one segment, or of the whole rest if `takesRest`. */
  readonly expression: RegExp;
  /** How it is written in the path. */
  readonly literal: string;
  readonly parameters: readonly PathParameter[];
  readonly weights: readonly number[];
  readonly takesRest: boolean;
  /** Whether a slash must stand at the end of all that is left; its absence means "moved". */
  readonly endsInSlash: boolean;
  readonly node: Node<Target>;
}

/** One search through the tree. */
interface Search {
  readonly method: string;
  readonly segments: readonly string[];
  readonly allowed: Set<string>;
}

/** Means: the same path with a slash at its end would have been found. */
const slashMissing: unique symbol = Symbol("slashMissing");

type Found<Target> = { route: Route<Target>; values: [string, PathValue][] };

/**
 * Finds the route for a method and a path: of `/todos/<int:id>` and `/todos/7` it makes the route and `{ id: 7 }`.
 */
export class Router<Target> {
  readonly #root: Node<Target> = createNode();
  readonly #statics = new Map<string, Route<Target>[]>();
  readonly #routes: Route<Target>[] = [];

  /** All routes in the order in which they were added. */
  get routes(): readonly Route<Target>[] {
    return this.#routes;
  }

  /**
   * Adds a route. Of two routes that match alike the one that was added first wins.
   *
   * @throws {PathSyntaxError} If its path cannot be read.
   * @throws {TypeError} If its methods are not a list of method names.
   */
  add(definition: RouteDefinition<Target>): Route<Target> {
    const route = createRoute(definition);
    this.#routes.push(route);
    this.#insert(route, route.path, route.pattern);
    if (!route.strictSlashes) this.#insertOtherSpelling(route);
    return route;
  }

  /**
   * Finds the route for a method and a path. An OPTIONS request that no route answers is `missing`.
   *
   * @param path The decoded path.
   */
  match(method: string, path: string): Match<Target> {
    const route = this.#statics.get(path)?.find(({ methods }) => methods.has(method));
    if (route !== undefined) return { kind: "found", route, values: {} };
    return this.#matchTree(method, path);
  }

  #insert(route: Route<Target>, path: string, pattern: PathPattern): void {
    if (parametersOf(pattern).length === 0) this.#statics.set(path, [...(this.#statics.get(path) ?? []), route]);
    insert(this.#root, toSegments(pattern).slice(1)).routes.push(route);
  }

  /** A route for which the slash at the end does not count is found with and without it. */
  #insertOtherSpelling(route: Route<Target>): void {
    // A parameter that spans slashes takes the last one too.
    if (route.pattern.some(spansSlashes)) return;
    const other = route.path.endsWith("/") ? route.path.slice(0, -1) : `${route.path}/`;
    if (other !== "") this.#insert(route, other, parsePath(other));
  }

  #matchTree(method: string, path: string): Match<Target> {
    const search = startSearch(method, path);
    const found = walk(this.#root, search, 1);
    if (found === slashMissing) return { kind: "moved", path: `${path}/` };
    if (found !== undefined) return toMatch(found);
    const merged = path.replace(/\/{2,}/g, "/");
    return merged === path
      ? { kind: "missing", allowed: search.allowed }
      : this.#matchMerged(method, merged, search.allowed);
  }

  #matchMerged(method: string, merged: string, allowed: ReadonlySet<string>): Match<Target> {
    const match = this.match(method, merged);
    if (match.kind === "found") return { kind: "moved", path: merged };
    return match.kind === "moved" ? match : { kind: "missing", allowed: allowed.union(match.allowed) };
  }
}

function toMatch<Target>({ route, values }: Found<Target>): Match<Target> {
  return { kind: "found", route, values: Object.fromEntries(values) };
}

function startSearch(method: string, path: string): Search {
  return { method, segments: path.split("/"), allowed: new Set() };
}

function createNode<Target>(): Node<Target> {
  return { routes: [], statics: new Map(), edges: [] };
}

/** Cuts a pattern at the slashes of its static text. The first segment is the nothing before the first slash. */
function toSegments(pattern: PathPattern): (string | PathParameter)[][] {
  const segments: (string | PathParameter)[][] = [[]];
  for (const piece of pattern) {
    const [first = "", ...rest] = typeof piece === "string" ? piece.split("/") : [piece];
    if (first !== "") segments.at(-1)?.push(first);
    for (const text of rest) segments.push(text === "" ? [] : [text]);
  }
  return segments;
}

/** Goes along the segments, makes what is not there yet, and returns the node at the end. */
function insert<Target>(root: Node<Target>, segments: readonly PathPattern[]): Node<Target> {
  let node = root;
  for (const [index, segment] of segments.entries()) {
    if (segment.some(spansSlashes)) return joinEdge(node, createRestEdge(segments.slice(index)));
    node = segment.every((piece) => typeof piece === "string")
      ? joinStatic(node, segment.join(""))
      : joinEdge(node, createEdge(segment));
  }
  return node;
}

function spansSlashes(piece: string | PathParameter): boolean {
  return typeof piece !== "string" && piece.converter.spansSlashes;
}

function joinStatic<Target>(node: Node<Target>, text: string): Node<Target> {
  const next = node.statics.get(text) ?? createNode();
  node.statics.set(text, next);
  return next;
}

function joinEdge<Target>(node: Node<Target>, edge: Edge<Target>): Node<Target> {
  const same = node.edges.find((other) => sameEdge(other, edge));
  if (same !== undefined) return same.node;
  node.edges.push(edge);
  node.edges.sort((one, other) => compareWeights(one.weights, other.weights));
  return edge.node;
}

/** Edges that are written alike match alike, and give the same names to the same values. */
function sameEdge<Target>(one: Edge<Target>, other: Edge<Target>): boolean {
  return one.literal === other.literal && one.endsInSlash === other.endsInSlash;
}

function createEdge<Target>(segment: PathPattern): Edge<Target> {
  return {
    expression: toExpression(segment, ""),
    literal: toLiteral(segment),
    parameters: parametersOf(segment),
    weights: weigh(segment),
    takesRest: false,
    endsInSlash: false,
    node: createNode(),
  };
}

function createRestEdge<Target>(segments: readonly PathPattern[]): Edge<Target> {
  const endsInSlash = segments.at(-1)?.length === 0;
  const kept = endsInSlash ? segments.slice(0, -1) : segments;
  const pattern = kept.flatMap((segment, index) => (index === 0 ? segment : ["/", ...segment]));
  const edge = createEdge<Target>(pattern);
  return { ...edge, expression: toExpression(pattern, endsInSlash ? "(/?)" : ""), takesRest: true, endsInSlash };
}

function toExpression(pattern: PathPattern, end: string): RegExp {
  const source = pattern.map((piece) =>
    typeof piece === "string" ? escapeText(piece) : `(${piece.converter.pattern})`,
  );
  return new RegExp(`^${source.join("")}${end}$`, "su");
}

/** The literal again. */
function toLiteral(segment: PathPattern): string {
  return segment.map((piece) => (typeof piece === "string" ? piece : `<${piece.literal}>`)).join("");
}

/** More static text comes first, then fewer parameters, then their weights one after the other. */
function weigh(pattern: PathPattern): number[] {
  const text = pattern.filter((piece) => typeof piece === "string").join("");
  const parameters = parametersOf(pattern);
  return [-text.length, parameters.length, ...parameters.map(({ converter }) => converter.weight)];
}

function compareWeights(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((weight, at) => weight !== other[at]);
  return index < 0 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}

type Outcome<Target> = Found<Target> | typeof slashMissing | undefined;

/** Tries the edges of a node for the segments from `index` on. */
function walk<Target>(node: Node<Target>, search: Search, index: number): Outcome<Target> {
  const segment = search.segments[index];
  if (segment === undefined) return arrive(node, search);
  const next = node.statics.get(segment);
  const found = next && walk(next, search, index + 1);
  if (found !== undefined) return found;
  for (const edge of node.edges) {
    const outcome = follow(edge, search, index);
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}

/** The path is used up: looks for a route here, or one that differs by the slash at its end. */
function arrive<Target>(node: Node<Target>, search: Search): Outcome<Target> {
  const route = pick(node, search);
  if (route !== undefined) return { route, values: [] };
  const slashed = node.statics.get("");
  return slashed?.routes.some(({ methods }) => methods.has(search.method)) ? slashMissing : undefined;
}

function pick<Target>(node: Node<Target>, search: Search): Route<Target> | undefined {
  const route = node.routes.find(({ methods }) => methods.has(search.method));
  if (route !== undefined) return route;
  for (const { methods } of node.routes) for (const method of methods) search.allowed.add(method);
  return undefined;
}

function follow<Target>(edge: Edge<Target>, search: Search, index: number): Outcome<Target> {
  const text = edge.takesRest ? search.segments.slice(index).join("/") : (search.segments[index] ?? "");
  const groups = edge.expression.exec(text);
  const values = groups && readValues(edge.parameters, groups);
  if (!groups || !values) return undefined;
  const outcome = edge.takesRest ? arriveAtRest(edge, search, groups) : walk(edge.node, search, index + 1);
  if (outcome === undefined || outcome === slashMissing) return outcome;
  outcome.values.unshift(...values);
  return outcome;
}

function arriveAtRest<Target>(edge: Edge<Target>, search: Search, groups: RegExpExecArray): Outcome<Target> {
  const route = pick(edge.node, search);
  if (route === undefined) return undefined;
  return edge.endsInSlash && groups.at(-1) === "" && route.strictSlashes ? slashMissing : { route, values: [] };
}

function readValues(parameters: readonly PathParameter[], groups: RegExpExecArray): [string, PathValue][] | undefined {
  const values: [string, PathValue][] = [];
  for (const [index, { name, converter }] of parameters.entries()) {
    const value = converter.parse(groups[index + 1] ?? "");
    if (value === undefined) return undefined;
    values.push([name, value]);
  }
  return values;
}
