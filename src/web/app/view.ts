import type { ViewResult } from "../message/from-result.ts";
import type { HttpRequest } from "../message/http-request.ts";
import type { PathArguments } from "../routing/path-types.ts";

/**
 * A view: a function from the arguments of its path, and the request, to what it answers. It may be sync or async.
 *
 * @example
 * import type { View } from "pottle";
 * const showTodo: View<"/todos/<int:id>"> = async ({ id }) => ({ id });
 */
export type View<Path extends string> = (
  args: PathArguments<Path>,
  request: HttpRequest,
) => ViewResult | PromiseLike<ViewResult>;

/** @internal A view, whatever its arguments. */
export type AnyView = (args: never, request: HttpRequest) => unknown;
