import { wrongType } from "../../base/refusal.ts";
import { MethodNotAllowed } from "../errors/http-error.ts";
import type { ViewResult } from "../message/from-result.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { ClassView } from "../dispatch/class-view.ts";

type Answer = ViewResult | PromiseLike<ViewResult>;

const methodNames = ["get", "post", "put", "patch", "delete", "head", "options", "trace"] as const;

type MethodName = (typeof methodNames)[number];

type Handler = (args: never, request: HttpRequest) => Answer;

/** The arguments that all methods of a class take. */
type MethodArguments<Instance> =
  UnionToIntersection<
    {
      [Name in MethodName & keyof Instance]: Instance[Name] extends (args: infer Args, ...rest: never) => unknown
        ? { readonly args: unknown extends Args ? object : Args }
        : never;
    }[MethodName & keyof Instance]
  > extends { readonly args: infer Args }
    ? Args
    : object;

type UnionToIntersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (
  one: infer All,
) => void
  ? All
  : never;

/**
 * A view as a class with a method for each method of HTTP: `get`, `post`, `put`, `patch`, `delete`, `head`, `options`,
 * `trace`. HEAD is answered by `get` if there is no `head`.
 *
 * @example
 * import type { PathArguments } from "pottle";
 * class Todos extends MethodView {
 *   get({ id }: PathArguments<"/todos/<int:id>">) {
 *     return { id };
 *   }
 *   delete({ id }: PathArguments<"/todos/<int:id>">) {
 *     return makeResponse(`gone: ${id}`, 200);
 *   }
 * }
 * const app = new Pottle(import.meta);
 * app.addUrlRule("/todos/<int:id>", Todos.asView("todo"));
 * const client = app.testClient();
 * console.log((await client.delete("/todos/7")).text()); // gone: 7
 * console.log((await client.post("/todos/7")).headers.get("Allow")); // DELETE, GET, HEAD, OPTIONS
 * @see https://flask.palletsprojects.com/en/stable/api/#flask.views.MethodView
 */
export abstract class MethodView extends ClassView {
  /** @internal @throws {TypeError} If the class has no such method. */
  static override ownMethods(): readonly string[] {
    const methods = methodsOf(this.prototype);
    if (methods.length > 0) return methods;
    throw wrongType(`make a view of '${this.name}'`, "it must have a method such as 'get'", methods);
  }

  /**
   * Calls the method that is called as that of the request.
   *
   * @throws {MethodNotAllowed} If there is none.
   */
  dispatchRequest(args: MethodArguments<this>, request: HttpRequest): Answer {
    const name = request.method.toLowerCase();
    const own = name === "head" && !isHandler(this, "head") ? "get" : name;
    if (!isMethodName(own) || !isHandler(this, own)) throw new MethodNotAllowed([...methodsOf(this), "OPTIONS"]);
    return (this as Record<MethodName, Handler>)[own](args as never, request);
  }
}

function methodsOf(prototype: object): readonly string[] {
  return methodNames.filter((name) => isHandler(prototype, name)).map((name) => name.toUpperCase());
}

function isMethodName(name: string): name is MethodName {
  return (methodNames as readonly string[]).includes(name);
}

function isHandler<Name extends MethodName>(object: object, name: Name): object is Record<Name, Handler> {
  return typeof (object as Partial<Record<MethodName, unknown>>)[name] === "function";
}
