import type { ViewResult } from "../message/from-result.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { ContractResult } from "../contracts/contract-result.ts";
import type { ContractValues, FreeParts } from "../routing/contract.ts";
import { PathSyntaxError } from "../routing/path-pattern.ts";
import type { CheckedPath, PathArguments } from "../routing/path-types.ts";
import type { ViewOptions } from "../routing/route.ts";

/** The methods of routes in a table. */
export type RouteMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Routes by method and path, as `"GET /todos/<int:id>"`, with their contracts. */
export type RouteTable = Readonly<Record<string, ViewOptions>>;

/** The table itself if all its keys are right; otherwise a message at the key that is wrong. */
export type CheckedTable<Routes> = {
  readonly [Key in keyof Routes]: Key extends `${RouteMethod} ${infer Path}`
    ? CheckedPath<Path> extends Path
      ? FreeParts<Path, Routes[Key]>
      : CheckedPath<Path>
    : `a key must be a method and a path, as in 'GET /todos'`;
};

/** The views of a table, one for each of its routes. */
export type TableViews<Routes> = {
  readonly [Key in keyof Routes]: Key extends `${string} ${infer Path}`
    ? (
        args: PathArguments<Path> & ContractValues<Routes[Key]>,
        request: HttpRequest,
      ) => ContractResult<Routes[Key], ViewResult> | PromiseLike<ContractResult<Routes[Key], ViewResult>>
    : never;
};

/**
 * Declares routes with their contracts, without their views: the type of the table is what `typedClient` knows of an
 * application. A module with it needs no code of the server, so programs in a browser may import it.
 *
 * @throws {PathSyntaxError} If a key is not a method and a path.
 * @example
 * import { z } from "zod";
 * const Todo = z.object({ id: z.number(), title: z.string() });
 * const routes = contractRoutes({
 *   "GET /todos/<int:id>": { response: { 200: Todo } },
 *   "POST /todos": { body: Todo.omit({ id: true }), response: { 201: Todo } },
 * });
 * const app = new Pottle(import.meta);
 * addContractRoutes(app, routes, {
 *   "GET /todos/<int:id>": ({ id }) => ({ id, title: "write a test" }),
 *   "POST /todos": ({ body }) => reply(201, { id: 8, ...body }),
 * });
 * console.log((await app.testClient().get("/todos/7")).text()); // {"id":7,"title":"write a test"}
 */
export function contractRoutes<const Routes extends RouteTable>(routes: Routes & CheckedTable<Routes>): Routes {
  for (const key of Object.keys(routes)) splitKey(key);
  return routes;
}

/** An application or a blueprint, as far as it has routes. */
interface RouteTarget {
  route(path: string, options: ViewOptions & { readonly methods: readonly string[] }, view: never): void;
}

/**
 * Adds the routes of a table, with a view for each, to an application or to a blueprint, which puts its prefix before them.
 *
 * @throws {TypeError} If a view is missing.
 * @throws The errors of `app.route()`.
 */
export function addContractRoutes<const Routes extends RouteTable>(
  target: RouteTarget,
  routes: Routes,
  views: TableViews<Routes>,
): void {
  for (const [key, options] of Object.entries(routes)) {
    const { method, path } = splitKey(key);
    const view = Object.hasOwn(views, key) ? views[key as keyof Routes] : undefined;
    target.route(path, { ...options, methods: [method] }, view as never);
  }
}

/** Takes `GET /todos` apart. */
function splitKey(key: string): { readonly method: string; readonly path: string } {
  const [, method = "", path = ""] = /^(GET|POST|PUT|PATCH|DELETE) (\/.*)$/s.exec(key) ?? [];
  if (method !== "") return { method, path };
  throw new PathSyntaxError(key, "the key of a route must be a method and a path, as in 'GET /todos'");
}
