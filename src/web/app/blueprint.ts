import { resolve } from "node:path";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";
import type { HTTPError } from "../errors/http-error.ts";
import { type ErrorClass, type ErrorHandler, ErrorHandlers } from "../failure/error-handlers.ts";
import { staticFiles } from "../files/static-files.ts";
import type { AfterRequest } from "../message/context.ts";
import { noConverters, type OwnConverters } from "../routing/converters.ts";
import { checkConverters } from "../routing/path-converter.ts";
import type { NoConverters } from "../routing/path-types.ts";
import { type BlueprintOptions, checkBlueprintOptions, checkName } from "./blueprint-options.ts";
import {
  type BeforeRequest,
  Hooks,
  type TeardownRequest,
  type UrlDefaults,
  type UrlValuePreprocessor,
} from "../dispatch/hooks.ts";
import { parseHost } from "../routing/host-pattern.ts";
import { checkPrefix, parametersOf, parsePath, PathSyntaxError } from "../routing/path-pattern.ts";
import type { TemplateFilter, TemplateTest } from "../jinja/template-engine.ts";
import { AppTemplates } from "../templates/app-templates.ts";
import { checkFolder, type ContextProcessor } from "../templates/template-setup.ts";
import { Nesting } from "../dispatch/nesting.ts";
import { type RegisterOptions, Registrar } from "./registrar.ts";
import type { ViewOptions } from "../routing/route.ts";
import { SetupError } from "../errors/setup-error.ts";
import type {
  AfterWebSocket,
  AnyWebSocketView,
  BeforeWebSocket,
  TeardownWebSocket,
} from "../websocket/socket-hooks.ts";
import { checkWebSocketOptions, type WebSocketOptions } from "../websocket/web-socket-options.ts";
import type { AnyView } from "../dispatch/view.ts";
import type { TemplatePart } from "../templates/template-setup.ts";

/** @internal A route of a blueprint, where it is registered. */
export interface BlueprintRoute {
  readonly path: string;
  readonly methods: readonly string[];
  readonly options: ViewOptions;
  readonly view: AnyView;
  readonly nesting: Nesting;
  readonly converters: OwnConverters;
}

/** @internal The application that a blueprint is registered in. */
export interface BlueprintHome {
  /** The folder of relative paths. */
  readonly rootPath: string;
  /** Takes the hooks, handlers and template functions of a blueprint that are for all requests. */
  adopt(blueprint: object, hooks: Hooks, handlers: ErrorHandlers, templates: AppTemplates): void;
}

type OwnRoute = Omit<BlueprintRoute, "nesting" | "converters">;

/** @internal A blueprint, whatever its prefix, its converters and its host. */
export type AnyBlueprint = Blueprint<string, unknown, string>;

type Hosted = Pick<ViewOptions, "host" | "subdomain">;

/** What becomes of a route where its blueprint is registered. */
interface Placed<Options> {
  readonly path: string;
  readonly options: Options;
  readonly nesting: Nesting;
  readonly converters: OwnConverters;
}

/** The place where a blueprint is registered. */
interface Surroundings {
  readonly nesting: Nesting;
  readonly prefix: string;
  readonly host: string | undefined;
  readonly subdomain: string | undefined;
}

/** @internal A route for WebSockets of a blueprint, where it is registered. */
export interface BlueprintSocket {
  readonly path: string;
  readonly options: WebSocketOptions;
  readonly view: AnyWebSocketView;
  readonly nesting: Nesting;
  readonly converters: OwnConverters;
}

type OwnSocket = Omit<BlueprintSocket, "nesting" | "converters">;

/** @internal The routes of a blueprint and of those in it, where it is registered. */
export interface FlatBlueprint {
  readonly routes: readonly BlueprintRoute[];
  readonly sockets: readonly BlueprintSocket[];
}

/**
 * A part of an application: routes under a common prefix, with hooks and error handlers of their own. A module makes it
 * without knowing the application, which registers it.
 *
 * @example
 * const todos = new Blueprint("todos", { prefix: "/<org>/todos" });
 * todos.get("/<int:id>", { name: "show" }, ({ org, id }) => ({ org, id, next: urlFor(".show", { org, id: id + 1 }) }));
 * const app = new Pottle(import.meta);
 * app.register(todos);
 * console.log(app.urlFor("todos.show", { org: "acme", id: 7 })); // /acme/todos/7
 * console.log((await app.testClient().get("/acme/todos/7")).text()); // {"org":"acme","id":7,"next":"/acme/todos/8"}
 */
export class Blueprint<
  const Prefix extends string = "",
  Values = NoConverters,
  const Host extends string = "",
> extends Registrar<Prefix, Values, Host> {
  /** The beginning of the names of its routes. */
  readonly name: string;
  /** The beginning of the paths of its routes. */
  readonly prefix: string;
  readonly #templateFolder: string | undefined;
  readonly #routes: OwnRoute[] = [];
  readonly #sockets: OwnSocket[] = [];
  readonly #children = new Map<string, [AnyBlueprint, RegisterOptions]>();
  readonly #options: Omit<BlueprintOptions<never, never, string>, "prefix" | "converters">;
  readonly #converters: OwnConverters;
  readonly #appHooks = new Hooks();
  readonly #appErrorHandlers = new ErrorHandlers();
  readonly #appTemplates = new AppTemplates();
  #isRegistered = false;

  /**
   * @throws {SetupError} If the name is empty, or has a dot in it.
   * @throws {PathSyntaxError} If the prefix cannot be read, or ends with a slash.
   */
  constructor(name: string, options: BlueprintOptions<Prefix, Values, Host> = {}) {
    super();
    const { prefix = "", converters, ...others } = options;
    this.name = checkName(name);
    this.prefix = prefix;
    this.#converters = converters === undefined ? noConverters : checkConverters(converters);
    if (prefix !== "") checkPrefix(prefix, this.#converters);
    this.#options = checkBlueprintOptions(name, others);
    this.#templateFolder = checkFolder("make the blueprint", options.templateFolder);
  }

  /** Registers a `beforeRequest` for all requests of the application. @throws The errors of {@link beforeRequest}. */
  beforeAppRequest(fn: BeforeRequest): void {
    this.registerHook("beforeAppRequest", this.#appHooks.before, fn);
  }

  /** Registers an `afterRequest` for all requests of the application. @throws The errors of {@link afterRequest}. */
  afterAppRequest(fn: AfterRequest): void {
    this.registerHook("afterAppRequest", this.#appHooks.after, fn);
  }

  /** Registers a `teardownRequest` for all requests of the application. @throws The errors of {@link teardownRequest}. */
  teardownAppRequest(fn: TeardownRequest): void {
    this.registerHook("teardownAppRequest", this.#appHooks.teardown, fn);
  }

  /** Registers a `urlValuePreprocessor` for all routes of the application. @throws {SetupError} If it is too late. */
  appUrlValuePreprocessor(fn: UrlValuePreprocessor): void {
    this.registerHook("appUrlValuePreprocessor", this.#appHooks.urlValues, fn);
  }

  /** Registers a `urlDefaults` for all routes of the application. @throws {SetupError} If it is too late. */
  appUrlDefaults(fn: UrlDefaults): void {
    this.registerHook("appUrlDefaults", this.#appHooks.urlDefaults, fn);
  }

  /**
   * Registers a `contextProcessor` for all templates of the application.
   *
   * @throws {SetupError} If it is too late.
   */
  appContextProcessor(fn: ContextProcessor): void {
    this.registerHook("appContextProcessor", this.#appHooks.contextProcessors, fn);
  }

  /**
   * Gives all templates of the application a filter, as its `templateFilter` does.
   *
   * @throws {TypeError} If `fn` is not a function.
   * @throws {SetupError} If it is too late.
   * @example
   * const money = new Blueprint("money");
   * money.appTemplateFilter("euro", (cents: number) => `${(cents / 100).toFixed(2)} €`);
   * const app = new Pottle(import.meta);
   * app.register(money);
   * app.get("/", () => renderTemplateString("{{ 1250|euro }}"));
   * console.log((await app.testClient().get("/")).text()); // 12.50 €
   */
  appTemplateFilter(name: string, fn: TemplateFilter): void {
    this.checkSetup("appTemplateFilter");
    this.#appTemplates.filters.set(name, option("register with appTemplateFilter()", "fn", fn).function());
  }

  /**
   * Gives all templates of the application a test, as its `templateTest` does.
   *
   * @throws {TypeError} If `fn` is not a function.
   * @throws {SetupError} If it is too late.
   */
  appTemplateTest(name: string, fn: TemplateTest): void {
    this.checkSetup("appTemplateTest");
    this.#appTemplates.tests.set(name, option("register with appTemplateTest()", "fn", fn).function());
  }

  /**
   * Gives all templates of the application a value or a function, as its `templateGlobal` does.
   *
   * @throws {SetupError} If it is too late.
   */
  appTemplateGlobal(name: string, value: unknown): void {
    this.checkSetup("appTemplateGlobal");
    this.#appTemplates.globals.set(name, value);
  }

  /** Registers an `errorHandler` for all requests of the application. @throws The errors of {@link errorHandler}. */
  appErrorHandler(status: number, handler: ErrorHandler<HTTPError>): void;
  appErrorHandler<E>(type: ErrorClass<E>, handler: ErrorHandler<E>): void;
  appErrorHandler(key: number | ErrorClass<unknown>, handler: ErrorHandler<never>): void {
    this.checkSetup("appErrorHandler");
    this.#appErrorHandlers.add(key, handler);
  }

  override register(blueprint: AnyBlueprint, options: RegisterOptions = {}): void {
    this.checkSetup("register");
    if (blueprint.contains(this)) {
      throw new SetupError(`Cannot register blueprint '${blueprint.name}' in itself`);
    }
    const name = checkRegistration(blueprint, options);
    if (this.#children.has(name)) throw nameTaken(name);
    this.#children.set(name, [blueprint, options]);
    this.cli.adopt(name, blueprint.cli);
  }

  /** @internal Whether `other` is registered in it, at any depth, or is the same. */
  contains(other: unknown): boolean {
    return this === other || this.#children.values().some(([child]) => child.contains(other));
  }

  /** @internal The folders and context processors of it and of blueprints in it. `outer` is empty, or ends with a dot. */
  templateParts(outer: string, options: RegisterOptions): TemplatePart[] {
    const name = outer + (options.name ?? this.name);
    const own: TemplatePart = { name, folder: this.#templateFolder, processors: this.hooks.contextProcessors };
    const inner = this.#children
      .values()
      .flatMap(([child, registration]) => child.templateParts(`${name}.`, registration));
    return own.folder === undefined && own.processors.length === 0 ? [...inner] : [own, ...inner];
  }

  /** @internal All its routes and those of blueprints in it, as they are within `outer`. It is complete from now on. */
  flatten(app: BlueprintHome, outer: Surroundings, options: RegisterOptions): FlatBlueprint {
    const { subdomain } = options;
    this.#isRegistered = true;
    app.adopt(this, this.#appHooks, this.#appErrorHandlers, this.#appTemplates);
    const name = qualify(outer.nesting.name, options.name ?? this.name);
    const nesting = new Nesting(name, this.hooks, this.errorHandlers, outer.nesting);
    const prefix = outer.prefix + (options.prefix ?? "") + this.prefix;
    const inner: Surroundings = {
      nesting,
      prefix,
      ...placeOf(outer, subdomain === undefined ? this.#options : { subdomain }),
    };
    const routes = [...this.#routes, ...this.#staticRoutes(app.rootPath)];
    const children = [...this.#children.values()].map(([child, registration]) =>
      child.flatten(app, inner, registration),
    );
    return {
      routes: [
        ...routes.map((route) => ({ ...route, ...this.#place(route, inner) })),
        ...children.flatMap((child) => child.routes),
      ],
      sockets: [
        ...this.#sockets.map((socket) => ({ ...socket, ...this.#place(socket, inner) })),
        ...children.flatMap((child) => child.sockets),
      ],
    };
  }

  /**
   * Registers a function to run before each WebSocket of the application, as if it were registered on the application.
   *
   * @throws {SetupError} If it is too late.
   */
  beforeAppWebsocket(fn: BeforeWebSocket): void {
    this.registerHook("beforeAppWebsocket", this.#appHooks.sockets.before, fn);
  }

  /**
   * Registers a function to run after the view of each WebSocket of the application, as if it were registered on the
   * application.
   *
   * @throws {SetupError} If it is too late.
   */
  afterAppWebsocket(fn: AfterWebSocket): void {
    this.registerHook("afterAppWebsocket", this.#appHooks.sockets.after, fn);
  }

  /**
   * Registers a function to run when each WebSocket of the application is over, as if it were registered on the
   * application.
   *
   * @throws {SetupError} If it is too late.
   */
  teardownAppWebsocket(fn: TeardownWebSocket): void {
    this.registerHook("teardownAppWebsocket", this.#appHooks.sockets.teardown, fn);
  }

  #place<Options extends Hosted>(
    { path, options }: { readonly path: string; readonly options: Options },
    { nesting, prefix, host, subdomain }: Surroundings,
  ): Placed<Options & Hosted> {
    const isPlaced = options.host !== undefined || options.subdomain !== undefined;
    const place: Hosted = isPlaced
      ? {}
      : { ...(host !== undefined && { host }), ...(subdomain !== undefined && { subdomain }) };
    return { path: prefix + path, options: { ...options, ...place }, nesting, converters: this.#converters };
  }

  #staticRoutes(rootPath: string): OwnRoute[] {
    const { staticFolder, staticUrlPath = "/static" } = this.#options;
    if (staticFolder === undefined) return [];
    const view = staticFiles(resolve(rootPath, staticFolder));
    const options = { name: "static" };
    return ["/", "/<path:path>"].map((end) => ({ path: staticUrlPath + end, methods: ["GET"], options, view }));
  }

  /** @internal */
  protected override addRoute(path: string, methods: readonly string[], options: ViewOptions, view: AnyView): void {
    this.#checkRoute(path, options);
    this.#routes.push({ path, methods, options, view });
  }

  /** @internal */
  protected override addSocket(path: string, options: WebSocketOptions, view: AnyWebSocketView): void {
    this.#checkRoute(path, options);
    checkWebSocketOptions(path, options);
    this.#sockets.push({ path, options, view });
  }

  // Read at once, so that an error comes from the line that has it.
  #checkRoute(path: string, { name }: ViewOptions): void {
    if (path !== "" && !path.startsWith("/")) throw new PathSyntaxError(path, "it must begin with '/'");
    parsePath(this.prefix + path, this.#converters);
    if (name !== undefined) checkName(name);
  }

  /** @internal */
  protected override checkSetup(action: string): void {
    if (!this.#isRegistered) return;
    throw new SetupError(
      `Cannot call ${action}() on blueprint '${this.name}' as an application has registered it: set it up before that`,
    );
  }
}

/**
 * @internal Checks the registration of a blueprint, and returns its name there.
 *
 * @throws {TypeError} If it is not a blueprint.
 * @throws {SetupError} If the name is empty, or has a dot in it.
 * @throws {PathSyntaxError} If the prefix or the subdomain cannot be read or has a parameter, or the prefix ends with a
 *   slash.
 */
export function checkRegistration(
  blueprint: AnyBlueprint,
  { name, prefix = "", subdomain = "" }: RegisterOptions,
): string {
  if (!(blueprint instanceof Blueprint)) {
    throw wrongType("register", "'blueprint' must be a Blueprint", blueprint);
  }
  if (prefix !== "" && checkPrefix(prefix)) {
    throw new PathSyntaxError(prefix, "only the prefix of a blueprint's constructor has parameters");
  }
  if (parametersOf(parseHost(`${subdomain}.`, noConverters).pattern).length > 0) {
    throw new PathSyntaxError(subdomain, "only the subdomain of a blueprint's constructor has parameters");
  }
  return name === undefined ? blueprint.name : checkName(name);
}

/** The host or subdomain of a blueprint in another. A host of its own takes the place of the outer one's. */
function placeOf(
  outer: Surroundings,
  { host, subdomain }: Pick<BlueprintOptions<never, never>, "host" | "subdomain">,
): Pick<Surroundings, "host" | "subdomain"> {
  if (host !== undefined) return { host, subdomain: undefined };
  if (subdomain === undefined) return { host: outer.host, subdomain: outer.subdomain };
  const joined = [subdomain, outer.subdomain ?? ""].filter((name) => name !== "").join(".");
  return { host: undefined, subdomain: joined };
}

function qualify(outer: string, name: string): string {
  return outer === "" ? name : `${outer}.${name}`;
}

/** @internal */
export function nameTaken(name: string): SetupError {
  return new SetupError(`Cannot register the blueprint as there is one of its name: give it another, not '${name}'`);
}
