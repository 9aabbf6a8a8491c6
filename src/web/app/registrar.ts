import { option } from "../../base/options.ts";
import { type ErrorClass, type ErrorHandler, ErrorHandlers } from "../failure/error-handlers.ts";
import type { AfterRequest } from "../message/context.ts";
import { type BeforeRequest, Hooks, type TeardownRequest } from "./hooks.ts";
import type { ContextProcessor } from "../templates/template-setup.ts";
import type { HTTPError } from "../errors/http-error.ts";
import type { CheckedRoute, JoinedPath } from "../routing/path-types.ts";
import { checkRouteOptions, type RouteOptions, type ViewOptions } from "../routing/route.ts";
import type { AnyView, View } from "./view.ts";

/** Options of the registration of a blueprint. */
export interface RegisterOptions {
  /**
   * A prefix before the blueprint's own. It has no parameters: only those of the constructor's prefix are known to views.
   * @default ""
   */
  readonly prefix?: string;
  /**
   * Takes the place of the blueprint's own name, so that it can be registered twice.
   * @default the blueprint's name
   */
  readonly name?: string;
}

/** A blueprint, as far as it is registered; the applications and blueprints of this package take a `Blueprint` only. */
interface NamedPart {
  readonly name: string;
  readonly prefix: string;
}

/** Registers routes, hooks and error handlers: an application or a blueprint. */
export abstract class Registrar<Prefix extends string> {
  /** @internal */
  readonly hooks: Hooks = new Hooks();
  /** @internal */
  readonly errorHandlers: ErrorHandlers = new ErrorHandlers();

  /**
   * Routes GET requests, and HEAD requests with them.
   *
   * @throws {PathSyntaxError} If the path cannot be read.
   * @throws {EndpointError} If another view has the same name.
   * @throws {SetupError} If it is too late.
   */
  get<const Path extends string>(path: CheckedRoute<Prefix, Path>, view: View<JoinedPath<Prefix, Path>>): void;
  get<const Path extends string>(
    path: CheckedRoute<Prefix, Path>,
    options: ViewOptions,
    view: View<JoinedPath<Prefix, Path>>,
  ): void;
  get(path: string, ...rest: RouteArguments): void {
    this.#add("get", path, ["GET"], rest);
  }

  /** Routes POST requests. @throws The errors of {@link get}. */
  post<const Path extends string>(path: CheckedRoute<Prefix, Path>, view: View<JoinedPath<Prefix, Path>>): void;
  post<const Path extends string>(
    path: CheckedRoute<Prefix, Path>,
    options: ViewOptions,
    view: View<JoinedPath<Prefix, Path>>,
  ): void;
  post(path: string, ...rest: RouteArguments): void {
    this.#add("post", path, ["POST"], rest);
  }

  /** Routes PUT requests. @throws The errors of {@link get}. */
  put<const Path extends string>(path: CheckedRoute<Prefix, Path>, view: View<JoinedPath<Prefix, Path>>): void;
  put<const Path extends string>(
    path: CheckedRoute<Prefix, Path>,
    options: ViewOptions,
    view: View<JoinedPath<Prefix, Path>>,
  ): void;
  put(path: string, ...rest: RouteArguments): void {
    this.#add("put", path, ["PUT"], rest);
  }

  /** Routes PATCH requests. @throws The errors of {@link get}. */
  patch<const Path extends string>(path: CheckedRoute<Prefix, Path>, view: View<JoinedPath<Prefix, Path>>): void;
  patch<const Path extends string>(
    path: CheckedRoute<Prefix, Path>,
    options: ViewOptions,
    view: View<JoinedPath<Prefix, Path>>,
  ): void;
  patch(path: string, ...rest: RouteArguments): void {
    this.#add("patch", path, ["PATCH"], rest);
  }

  /** Routes DELETE requests. @throws The errors of {@link get}. */
  delete<const Path extends string>(path: CheckedRoute<Prefix, Path>, view: View<JoinedPath<Prefix, Path>>): void;
  delete<const Path extends string>(
    path: CheckedRoute<Prefix, Path>,
    options: ViewOptions,
    view: View<JoinedPath<Prefix, Path>>,
  ): void;
  delete(path: string, ...rest: RouteArguments): void {
    this.#add("delete", path, ["DELETE"], rest);
  }

  /**
   * Routes requests of several methods to one view.
   *
   * OPTIONS is answered with the methods of a path, unless a route for it has OPTIONS among its own.
   *
   * @throws {TypeError} If `methods` is not a list of upper-case names.
   * @throws The errors of {@link get}.
   * @example
   * const app = new Pottle(import.meta);
   * app.route("/todos", { methods: ["GET", "POST"], name: "todos" }, (_, request) => request.method);
   * console.log(app.urlFor("todos")); // /todos
   */
  route<const Path extends string>(
    path: CheckedRoute<Prefix, Path>,
    options: RouteOptions,
    view: View<JoinedPath<Prefix, Path>>,
  ): void;
  route(path: string, options: RouteOptions, view: AnyView): void {
    this.#add("route", path, checkRouteOptions(path, options).methods ?? ["GET"], [options, view]);
  }

  /**
   * Registers a function to run before each request that is routed here; on an application, before each request, even one
   * without a route. The hooks of the application run first, then those of blueprints from the outer to the inner one. A
   * value that a hook returns is the answer.
   *
   * @throws {SetupError} If it is too late.
   * @example
   * const app = new Pottle(import.meta);
   * app.beforeRequest((request) => (request.headers.has("authorization") ? undefined : abort(401)));
   * console.log((await app.testClient().get("/")).status); // 401
   */
  beforeRequest(fn: BeforeRequest): void {
    this.#register("beforeRequest", this.hooks.before, fn);
  }

  /**
   * Registers a function to run before each response is sent, even that to an error: it changes the response, or returns
   * another. These hooks run in reverse order, those of the inner blueprint first. They do not run for a request that was
   * cancelled.
   *
   * @throws {SetupError} If it is too late.
   * @example
   * const app = new Pottle(import.meta);
   * app.afterRequest((response) => void response.headers.set("X-Frame-Options", "DENY"));
   * console.log((await app.testClient().get("/")).headers.get("X-Frame-Options")); // DENY
   */
  afterRequest(fn: AfterRequest): void {
    this.#register("afterRequest", this.hooks.after, fn);
  }

  /**
   * Registers a function to run when each request is over, after its response has left, even if it failed or was
   * cancelled. The hooks are not cancelled, but have five seconds together. They run in reverse order, those of the inner
   * blueprint first. An error that one throws is reported.
   *
   * @throws {SetupError} If it is too late.
   * @example
   * const app = new Pottle(import.meta);
   * app.teardownRequest((error) => console.log("over", error)); // over undefined
   * await app.testClient().get("/");
   */
  teardownRequest(fn: TeardownRequest): void {
    this.#register("teardownRequest", this.hooks.teardown, fn);
  }

  /**
   * Registers a function that returns values for the templates that are rendered in requests which are routed here; on an
   * application, for all templates. The values that a template is rendered with go before them.
   *
   * @throws {SetupError} If it is too late.
   * @example
   * const app = new Pottle(import.meta);
   * app.contextProcessor(() => ({ site: "Pottle" }));
   * app.get("/", () => renderTemplateString("{{ site }}"));
   * console.log((await app.testClient().get("/")).text()); // Pottle
   */
  contextProcessor(fn: ContextProcessor): void {
    this.#register("contextProcessor", this.hooks.contextProcessors, fn);
  }

  /**
   * Registers a handler for one status or one error class. The most specific handler wins: status before class, subclass
   * before superclass, inner blueprint before outer one and application. Its result is sent with the status of the error,
   * 500 if it has none, unless the result is a response.
   *
   * An error that is not an `HTTPError` and has no handler of its own becomes the `cause` of an `InternalServerError`,
   * which the handlers for 500 get, and is reported.
   *
   * @throws {RangeError} If `status` is not a whole number from 400 to 599.
   * @throws {TypeError} If it is for neither a status nor a class.
   * @throws {SetupError} If there is one for it already, or it is too late.
   * @example
   * class OutOfStock extends Error {}
   * const app = new Pottle(import.meta);
   * app.errorHandler(404, (_, request) => `There is no ${request.path} here.`);
   * app.errorHandler(OutOfStock, (error) => makeResponse(error.message, 409));
   * console.log((await app.testClient().get("/x")).text()); // There is no /x here.
   */
  errorHandler(status: number, handler: ErrorHandler<HTTPError>): void;
  errorHandler<E>(type: ErrorClass<E>, handler: ErrorHandler<E>): void;
  errorHandler(key: number | ErrorClass<unknown>, handler: ErrorHandler<never>): void {
    this.checkSetup("errorHandler");
    this.errorHandlers.add(key, handler);
  }

  /**
   * Adds the routes of a blueprint, with its hooks and error handlers around them. The blueprint is complete then: nothing
   * can be added to it any more.
   *
   * @throws {SetupError} If a blueprint of that name is registered here, if it is registered in itself, or if it is too
   *   late for that.
   * @throws {PathSyntaxError} If a path cannot be read.
   * @throws {EndpointError} If another view has the same name.
   */
  abstract register(blueprint: NamedPart, options?: RegisterOptions): void;

  /** @internal Adds a route. */
  protected abstract addRoute(path: string, methods: readonly string[], options: ViewOptions, view: AnyView): void;

  /** @internal @throws {SetupError} If it is too late to call `action`. */
  protected abstract checkSetup(action: string): void;

  #add(action: string, path: string, methods: readonly string[], rest: RouteArguments): void {
    this.checkSetup(action);
    const [options, view] = rest.length === 1 ? [{}, rest[0]] : rest;
    option<unknown>(`route '${path}'`, "view", view).function();
    this.addRoute(path, methods, checkRouteOptions(path, options), view);
  }

  #register<Hook>(action: string, hooks: Hook[], fn: Hook): void {
    this.checkSetup(action);
    hooks.push(option(`register with ${action}()`, "fn", fn).function());
  }
}

type RouteArguments = [view: AnyView] | [options: ViewOptions, view: AnyView];
