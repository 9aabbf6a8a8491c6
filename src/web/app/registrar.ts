import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import { CommandGroup } from "../commands/command-group.ts";
import { type ErrorClass, type ErrorHandler, ErrorHandlers } from "../failure/error-handlers.ts";
import type { AfterRequest } from "../message/context.ts";
import type { ViewProperties } from "../dispatch/class-view.ts";
import {
  type BeforeRequest,
  Hooks,
  type TeardownRequest,
  type UrlDefaults,
  type UrlValuePreprocessor,
} from "../dispatch/hooks.ts";
import type { ContextProcessor } from "../templates/template-setup.ts";
import type { HTTPError } from "../errors/http-error.ts";
import type { FreePartsAfter } from "../routing/contract.ts";
import type { CheckedRoute, JoinedPath, NoConverters } from "../routing/path-types.ts";
import { checkRouteOptions, type RouteOptions, type ViewOptions } from "../routing/route.ts";
import type {
  AfterWebSocket,
  AnyWebSocketView,
  BeforeWebSocket,
  TeardownWebSocket,
  WebSocketView,
} from "../websocket/socket-hooks.ts";
import type { WebSocketOptions } from "../websocket/web-socket-options.ts";
import type { AnyView, OnlyKnown, RouteView, View } from "../dispatch/view.ts";

/** Options of the registration of a blueprint. */
export interface RegisterOptions {
  /**
   * A prefix before the blueprint's own. It has no parameters: only those of the constructor's prefix are known to views.
   * @default ""
   */
  readonly prefix?: string;
  /**
   * Takes the place of the blueprint's own subdomain or host. It has no parameters, as views do not know them.
   * @default the blueprint's subdomain or host
   */
  readonly subdomain?: string;
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
export abstract class Registrar<Prefix extends string, Own = NoConverters, Host extends string = ""> {
  /** @internal */
  readonly hooks: Hooks = new Hooks();
  /** @internal */
  readonly errorHandlers: ErrorHandlers = new ErrorHandlers();
  /** Its commands: `pottle app.ts COMMAND`, or `pottle app.ts BLUEPRINT COMMAND`. */
  readonly cli: CommandGroup = new CommandGroup();

  /**
   * Routes GET requests, and HEAD requests with them.
   *
   * @throws {PathSyntaxError} If the path cannot be read.
   * @throws {EndpointError} If another view has the same name.
   * @throws {SetupError} If it is too late.
   */
  get<const Path extends string>(path: CheckedRoute<Prefix, Path, Own>, view: OwnView<Prefix, Path, Own, Host>): void;
  get<const Path extends string, const Options extends ViewOptions>(
    path: CheckedRoute<Prefix, Path, Own>,
    options: OnlyKnown<Options, ViewOptions> & FreePartsAfter<Prefix, Path, Options>,
    view: RouteView<JoinedPath<Prefix, Path>, Own, Host, Options>,
  ): void;
  get(path: string, ...rest: RouteArguments): void {
    this.#add("get", path, ["GET"], rest);
  }

  /** Routes POST requests. @throws The errors of {@link get}. */
  post<const Path extends string>(path: CheckedRoute<Prefix, Path, Own>, view: OwnView<Prefix, Path, Own, Host>): void;
  post<const Path extends string, const Options extends ViewOptions>(
    path: CheckedRoute<Prefix, Path, Own>,
    options: OnlyKnown<Options, ViewOptions> & FreePartsAfter<Prefix, Path, Options>,
    view: RouteView<JoinedPath<Prefix, Path>, Own, Host, Options>,
  ): void;
  post(path: string, ...rest: RouteArguments): void {
    this.#add("post", path, ["POST"], rest);
  }

  /** Routes PUT requests. @throws The errors of {@link get}. */
  put<const Path extends string>(path: CheckedRoute<Prefix, Path, Own>, view: OwnView<Prefix, Path, Own, Host>): void;
  put<const Path extends string, const Options extends ViewOptions>(
    path: CheckedRoute<Prefix, Path, Own>,
    options: OnlyKnown<Options, ViewOptions> & FreePartsAfter<Prefix, Path, Options>,
    view: RouteView<JoinedPath<Prefix, Path>, Own, Host, Options>,
  ): void;
  put(path: string, ...rest: RouteArguments): void {
    this.#add("put", path, ["PUT"], rest);
  }

  /** Routes PATCH requests. @throws The errors of {@link get}. */
  patch<const Path extends string>(path: CheckedRoute<Prefix, Path, Own>, view: OwnView<Prefix, Path, Own, Host>): void;
  patch<const Path extends string, const Options extends ViewOptions>(
    path: CheckedRoute<Prefix, Path, Own>,
    options: OnlyKnown<Options, ViewOptions> & FreePartsAfter<Prefix, Path, Options>,
    view: RouteView<JoinedPath<Prefix, Path>, Own, Host, Options>,
  ): void;
  patch(path: string, ...rest: RouteArguments): void {
    this.#add("patch", path, ["PATCH"], rest);
  }

  /** Routes DELETE requests. @throws The errors of {@link get}. */
  delete<const Path extends string>(
    path: CheckedRoute<Prefix, Path, Own>,
    view: OwnView<Prefix, Path, Own, Host>,
  ): void;
  delete<const Path extends string, const Options extends ViewOptions>(
    path: CheckedRoute<Prefix, Path, Own>,
    options: OnlyKnown<Options, ViewOptions> & FreePartsAfter<Prefix, Path, Options>,
    view: RouteView<JoinedPath<Prefix, Path>, Own, Host, Options>,
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
  route<const Path extends string, const Options extends RouteOptions>(
    path: CheckedRoute<Prefix, Path, Own>,
    options: OnlyKnown<Options, RouteOptions> & FreePartsAfter<Prefix, Path, Options>,
    view: RouteView<JoinedPath<Prefix, Path>, Own, Host, Options>,
  ): void;
  route(path: string, options: RouteOptions, view: AnyView): void {
    this.#add("route", path, undefined, [options, view]);
  }

  /**
   * Routes requests to a class view, or to any view, as {@link route} does: by its own methods, if the options have none.
   *
   * @throws The errors of {@link route}.
   * @example
   * class Hello extends MethodView {
   *   get() {
   *     return "Hello";
   *   }
   * }
   * const app = new Pottle(import.meta);
   * app.addUrlRule("/", Hello.asView("hello"));
   * console.log((await app.testClient().get("/")).text()); // Hello
   */
  addUrlRule<const Path extends string>(
    path: CheckedRoute<Prefix, Path, Own>,
    view: OwnView<Prefix, Path, Own, Host>,
  ): void;
  addUrlRule<const Path extends string, const Options extends RouteOptions>(
    path: CheckedRoute<Prefix, Path, Own>,
    options: OnlyKnown<Options, RouteOptions> & FreePartsAfter<Prefix, Path, Options>,
    view: RouteView<JoinedPath<Prefix, Path>, Own, Host, Options>,
  ): void;
  addUrlRule(path: string, ...rest: RouteArguments): void {
    this.#add("addUrlRule", path, undefined, rest);
  }

  /**
   * Registers a function that changes the values of the path before the hooks and the view get them: it may take one out
   * for all views. It runs for requests that have a route here.
   *
   * @throws {SetupError} If it is too late.
   * @example
   * const app = new Pottle(import.meta);
   * app.urlValuePreprocessor((_, values) => void (g()["lang"] = values["lang"]));
   * app.get("/<any(en, de):lang>/", () => ({ lang: g()["lang"] }));
   * console.log((await app.testClient().get("/de/")).text()); // {"lang":"de"}
   */
  urlValuePreprocessor(fn: UrlValuePreprocessor): void {
    this.registerHook("urlValuePreprocessor", this.hooks.urlValues, fn);
  }

  /**
   * Registers a function that adds values to those that `urlFor` was given for a route here.
   *
   * @throws {SetupError} If it is too late.
   * @example
   * const app = new Pottle(import.meta);
   * app.urlDefaults((_, values) => void (values["lang"] ??= "en"));
   * app.get("/<lang>/", { name: "start" }, ({ lang }) => lang);
   * console.log(app.urlFor("start")); // /en/
   */
  urlDefaults(fn: UrlDefaults): void {
    this.registerHook("urlDefaults", this.hooks.urlDefaults, fn);
  }

  /**
   * Routes WebSockets. The view accepts by its first message or by `accept()`, and the WebSocket is closed with 1000 when it
   * returns. An error before that is answered as one of a request is; after it, it closes with 1008 or 1011.
   *
   * Pages of other sites may not open it, unless `origins` says so. An ordinary request for the path is answered with 426.
   *
   * @throws {TypeError} If an option is of the wrong type.
   * @throws {RangeError} If a time is not above 0.
   * @throws The errors of {@link get}.
   * @example
   * const app = new Pottle(import.meta);
   * app.websocket("/rooms/<int:id>", async ({ id }, socket) => {
   *   for await (const message of socket) await socket.send(`${id}: ${message}`);
   * });
   * await using socket = app.testClient().websocket("/rooms/7");
   * await socket.send("Hello");
   * console.log(await socket.receive()); // 7: Hello
   */
  websocket<const Path extends string>(
    path: CheckedRoute<Prefix, Path, Own>,
    view: WebSocketView<JoinedPath<Host, JoinedPath<Prefix, Path>>, Own>,
  ): void;
  websocket<const Path extends string>(
    path: CheckedRoute<Prefix, Path, Own>,
    options: WebSocketOptions,
    view: WebSocketView<JoinedPath<Host, JoinedPath<Prefix, Path>>, Own>,
  ): void;
  websocket(path: string, ...rest: [AnyWebSocketView] | [WebSocketOptions, AnyWebSocketView]): void {
    this.checkSetup("websocket");
    const [options, view] = rest.length === 1 ? [{}, rest[0]] : rest;
    option<unknown>(`route '${path}'`, "view", view).function();
    checkRouteOptions(path, options);
    this.addSocket(path, options, view);
  }

  /**
   * Registers a function to run before each WebSocket that is routed here; on an application, before each, even one without
   * a route. A response that it returns refuses the WebSocket.
   *
   * @throws {SetupError} If it is too late.
   * @example
   * const app = new Pottle(import.meta);
   * app.beforeWebsocket((socket) => (socket.cookies.has("session") ? undefined : abort(401)));
   * app.websocket("/news", (_, socket) => socket.send("none"));
   * await using socket = app.testClient().websocket("/news");
   * console.log((await socket.answer()).status); // 401
   */
  beforeWebsocket(fn: BeforeWebSocket): void {
    this.registerHook("beforeWebsocket", this.hooks.sockets.before, fn);
  }

  /**
   * Registers a function to run when the view of a WebSocket has ended, in reverse order. It gets the response if the
   * WebSocket is refused, and may change it. It does not run for a WebSocket that was cancelled, as one is whose client
   * vanishes.
   *
   * @throws {SetupError} If it is too late.
   */
  afterWebsocket(fn: AfterWebSocket): void {
    this.registerHook("afterWebsocket", this.hooks.sockets.after, fn);
  }

  /**
   * Registers a function to run when each WebSocket is over, even if it failed or was cancelled, in reverse order. The hooks
   * are not cancelled, but have five seconds together. An error that one throws is reported.
   *
   * @throws {SetupError} If it is too late.
   */
  teardownWebsocket(fn: TeardownWebSocket): void {
    this.registerHook("teardownWebsocket", this.hooks.sockets.teardown, fn);
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
    this.registerHook("beforeRequest", this.hooks.before, fn);
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
    this.registerHook("afterRequest", this.hooks.after, fn);
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
    this.registerHook("teardownRequest", this.hooks.teardown, fn);
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
    this.registerHook("contextProcessor", this.hooks.contextProcessors, fn);
  }

  /**
   * Registers a handler for one status or one error class. The most specific handler wins: status before class, subclass
   * before superclass, inner blueprint before outer one and application. A class of errors of one status, such as
   * `NotFound`, counts as that status. Its result is sent with the status of the error,
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

  /** @internal Adds a route for WebSockets. */
  protected abstract addSocket(path: string, options: WebSocketOptions, view: AnyWebSocketView): void;

  /** @internal @throws {SetupError} If it is too late to call `action`. */
  protected abstract checkSetup(action: string): void;

  /** Adds a route for one method, or for those of its options or of its view. */
  #add(action: string, path: string, only: readonly string[] | undefined, rest: RouteArguments): void {
    this.checkSetup(action);
    const [options, view] = rest.length === 1 ? [{}, rest[0]] : rest;
    option<unknown>(`route '${path}'`, "view", view).function();
    const { methods, ...others } = checkRouteOptions(path, options);
    if (only !== undefined && methods !== undefined) {
      throw wrongType(`route '${path}'`, `${action}() is for one method: use route() for 'methods'`, methods);
    }
    const own: ViewProperties = view as AnyView & ViewProperties;
    const { provideAutomaticOptions = own.provideAutomaticOptions } = others;
    const defaults = provideAutomaticOptions === undefined ? {} : { provideAutomaticOptions };
    this.addRoute(path, only ?? methods ?? own.methods ?? ["GET"], { ...others, ...defaults }, view);
  }

  /** @internal Adds a hook to a list. */
  protected registerHook<Hook>(action: string, hooks: Hook[], fn: Hook): void {
    this.checkSetup(action);
    hooks.push(option(`register with ${action}()`, "fn", fn).function());
  }
}

type RouteArguments = [view: AnyView] | [options: RouteOptions, view: AnyView];

/** The view of a route without options. */
type OwnView<Prefix extends string, Path extends string, Own, Host extends string> = View<
  JoinedPath<Host, JoinedPath<Prefix, Path>>,
  Own
>;
