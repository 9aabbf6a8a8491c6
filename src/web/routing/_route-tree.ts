import type { Atom } from "./_atoms.ts";
import { compareWeights, type Form, readValues, toForm, weigh } from "./_form.ts";
import { parametersOf, type PathParameter, type PathPattern } from "./path-pattern.ts";
import type { Route } from "./create-route.ts";

interface Node<Target> {
  readonly routes: Route<Target>[];
  readonly statics: Map<string, Node<Target>>;
  readonly edges: Edge<Target>[];
}

interface Edge<Target> {
  /** The form of one segment, or of the whole rest if `takesRest`. */
  readonly form: Form;
  /** How it is written in the path. */
  readonly literal: string;
  readonly parameters: readonly PathParameter[];
  readonly weights: readonly number[];
  readonly takesRest: boolean;
  /** Whether a slash must stand at the end of all that is left; its absence means "moved". */
  readonly endsInSlash: boolean;
  readonly node: Node<Target>;
}

/** One search for a route. */
export interface Search {
  readonly method: string;
  readonly segments: readonly string[];
  /** The methods of the routes that have the path. */
  readonly allowed: Set<string>;
  /** Whether one of them lets OPTIONS be answered without a view. */
  answersOptions: boolean;
}

/** A route, and the values of its parameters in their order. */
export interface Found<Target> {
  readonly route: Route<Target>;
  readonly values: [string, unknown][];
  /** Whether only the same path with a slash at its end leads there. */
  readonly lacksSlash: boolean;
}

/** Begins a search. */
export function startSearch(method: string, path: string): Search {
  return { method, segments: path.split("/"), allowed: new Set(), answersOptions: false };
}

/** The routes of one host, or of all hosts, as a tree: see `router.ts`. */
export class RouteTree<Target> {
  readonly #root: Node<Target> = createNode();
  readonly #statics = new Map<string, Route<Target>[]>();

  /** Adds a route under a path, which need not be its own. */
  insert(route: Route<Target>, path: string, pattern: PathPattern): void {
    if (parametersOf(pattern).length === 0) this.#statics.set(path, [...(this.#statics.get(path) ?? []), route]);
    insert(this.#root, toSegments(pattern).slice(1)).routes.push(route);
  }

  /** The route for a path without parameters. */
  findStatic(method: string, path: string): Route<Target> | undefined {
    return this.#statics.get(path)?.find(({ methods }) => methods.has(method));
  }

  /** Finds a route for a path. */
  find(search: Search): Found<Target> | undefined {
    return walk(this.#root, search, 1);
  }
}

/** Whether a piece of a pattern is a parameter that slashes can be in. */
export function spansSlashes(piece: string | PathParameter): boolean {
  return typeof piece !== "string" && piece.converter.spansSlashes;
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

/** Edges that are written alike match alike, and give the same names to the same values, if their converters are the same. */
function sameEdge<Target>(one: Edge<Target>, other: Edge<Target>): boolean {
  if (one.literal !== other.literal || one.endsInSlash !== other.endsInSlash) return false;
  // Converters of blueprints may have one name and different forms.
  return one.parameters.every((parameter, index) => isSame(parameter, other.parameters[index]));
}

function isSame({ converter }: PathParameter, other: PathParameter | undefined): boolean {
  return converter === other?.converter || (converter.atoms !== undefined && other?.converter.atoms !== undefined);
}

function createEdge<Target>(segment: PathPattern, end?: Atom): Edge<Target> {
  return {
    form: toForm(segment, end),
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
  return {
    ...createEdge<Target>(pattern, endsInSlash ? { texts: ["/", ""] } : undefined),
    takesRest: true,
    endsInSlash,
  };
}

/** The literal again. */
function toLiteral(segment: PathPattern): string {
  return segment.map((piece) => (typeof piece === "string" ? piece : `<${piece.literal}>`)).join("");
}

/** Tries the edges of a node for the segments from `index` on. */
function walk<Target>(node: Node<Target>, search: Search, index: number): Found<Target> | undefined {
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
function arrive<Target>(node: Node<Target>, search: Search): Found<Target> | undefined {
  const route = pick(node, search);
  if (route !== undefined) return { route, values: [], lacksSlash: false };
  const slashed = node.statics.get("")?.routes.find(({ methods }) => methods.has(search.method));
  return slashed && { route: slashed, values: [], lacksSlash: true };
}

function pick<Target>(node: Node<Target>, search: Search): Route<Target> | undefined {
  const route = node.routes.find(({ methods }) => methods.has(search.method));
  if (route !== undefined) return route;
  for (const { methods, provideAutomaticOptions } of node.routes) {
    for (const method of methods) search.allowed.add(method);
    if (provideAutomaticOptions) search.answersOptions = true;
  }
  return undefined;
}

function follow<Target>(edge: Edge<Target>, search: Search, index: number): Found<Target> | undefined {
  const text = edge.takesRest ? search.segments.slice(index).join("/") : (search.segments[index] ?? "");
  const texts = edge.form(text);
  const values = texts === null ? undefined : readValues(edge.parameters, texts);
  if (texts === null || values === undefined) return undefined;
  const outcome = edge.takesRest ? arriveAtRest(edge, search, texts) : walk(edge.node, search, index + 1);
  outcome?.values.unshift(...values);
  return outcome;
}

function arriveAtRest<Target>(edge: Edge<Target>, search: Search, texts: readonly string[]): Found<Target> | undefined {
  const route = pick(edge.node, search);
  if (route === undefined) return undefined;
  return { route, values: [], lacksSlash: edge.endsInSlash && texts.at(-1) === "" && route.strictSlashes };
}
