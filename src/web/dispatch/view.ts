import { option } from "../../base/options.ts";
import type { ContractResult } from "../contracts/contract-result.ts";
import type { ViewResult } from "../message/from-result.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { ContractValues } from "../routing/contract.ts";
import type { JoinedPath, NoConverters, PathArguments } from "../routing/path-types.ts";
import { ClassView, setViewProperties, type ViewProperties } from "./class-view.ts";

/**
 * A view of some arguments: what decorators of views take and give.
 *
 * @example
 * import type { ViewWith } from "pottle";
 * function loginRequired<Args, Result>(view: ViewWith<Args, Result>): ViewWith<Args, Result> {
 *   return wrapView(view, (args, request) => (request.headers.has("authorization") ? view(args, request) : abort(401)));
 * }
 * const app = new Pottle(import.meta);
 * app.get("/notes/<int:id>", loginRequired(({ id }) => ({ next: id + 1 }))); // id is a number
 * console.log((await app.testClient().get("/notes/1")).status); // 401
 */
export type ViewWith<Args, Result = ViewResult> = (args: Args, request: HttpRequest) => Result | PromiseLike<Result>;

/**
 * A view: a function from the arguments of its path, and the request, to what it answers. It may be sync or async.
 *
 * @example
 * import type { View } from "pottle";
 * const showTodo: View<"/todos/<int:id>"> = async ({ id }) => ({ id });
 */
export type View<Path extends string, Own = NoConverters> = ViewWith<PathArguments<Path, Own>>;

/** The base of class views: see {@link ClassView}. The type of this name is that of a function. */
export const View: typeof ClassView = ClassView;

/** The view of a route with options: it gets the parameters of the host, the defaults and the values of a contract too. */
export type RouteView<Path extends string, Own, Host extends string, Options> = ViewWith<
  PathArguments<JoinedPath<HostIn<Options, Host>, Path>, Own> & DefaultsIn<Options> & ContractValues<Options>,
  ContractResult<Options, ViewResult>
>;

/** Options without others than the known ones, which a type parameter would let pass. */
export type OnlyKnown<Options, Known> = Options & { readonly [Name in Exclude<keyof Options, keyof Known>]: never };

/** The host literal of a route: its own, or that of its blueprint. */
type HostIn<Options, Host extends string> = Options extends { readonly host: infer Own extends string }
  ? Own
  : Options extends { readonly subdomain: infer Own extends string }
    ? Own
    : Host;

type DefaultsIn<Options> = Options extends { readonly defaults: infer Values }
  ? { -readonly [Name in keyof Values]: Widened<Values[Name]> }
  : unknown;

type Widened<Value> = Value extends string
  ? string
  : Value extends number
    ? number
    : Value extends boolean
      ? boolean
      : Value;

/**
 * Makes a view that stands for another: it has the name, by which `urlFor` finds it, and the methods of that one.
 *
 * @param view The view that it stands for.
 * @param around The function that answers in its place, and may call it.
 * @throws {TypeError} If one is not a function.
 */
export function wrapView<Args, Result = ViewResult>(
  view: ViewWith<Args, unknown>,
  around: ViewWith<Args, Result>,
): ViewWith<Args, Result> {
  option("wrap a view", "view", view).function();
  option("wrap a view", "around", around).function();
  const wrapped: ViewWith<Args, Result> = (args, request) => around(args, request);
  const { methods, provideAutomaticOptions }: ViewProperties = view as ViewWith<Args, unknown> & ViewProperties;
  return setViewProperties(wrapped, view.name, { methods, provideAutomaticOptions });
}

/** @internal A view, whatever its arguments. */
export type AnyView = (args: never, request: HttpRequest) => unknown;
