import type { FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import { createTask, currentTask, type Event } from "../../asyncio/index.ts";
import {
  type Application,
  type Exchange,
  type Lifespan,
  type LifespanFunction,
  type LifespanHooks,
  passWebSocket,
  type WebSocketConnection,
} from "../../http/index.ts";
import { type RunningServer, runServer, type RunServerOptions } from "../../server/index.ts";
import { option } from "../../base/options.ts";
import { hasContract } from "../contracts/check-contract.ts";
import { withContract } from "../contracts/with-contract.ts";
import { Config } from "../config/config.ts";
import { openResource } from "../config/open-resource.ts";
import { AppContext, type TeardownAppContext } from "../contexts/app-context.ts";
import { SetupError } from "../errors/setup-error.ts";
import { enableDevelopment } from "../failure/development.ts";
import { staticFiles, type StaticOptions } from "../files/static-files.ts";
import { AppLogger } from "../logging/create-logger.ts";
import type { Logger } from "../logging/logger.ts";
import { currentRequestContext, type ErrorTraps } from "../message/context.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { defaultJSON, type JSONProvider } from "../message/json-provider.ts";
import type { ErrorHandlers } from "../failure/error-handlers.ts";
import type { UrlValues } from "../routing/build-path.ts";
import type { Route } from "../routing/create-route.ts";
import { parametersOf, parsePath } from "../routing/path-pattern.ts";
import type { CheckedRoute, JoinedPath, NoConverters } from "../routing/path-types.ts";
import { type RequestLimit, toRequestLimit, type ViewOptions } from "../routing/route.ts";
import type { EveryOptions } from "../schedule/every-options.ts";
import type { PeriodicTask } from "../schedule/periodic-task.ts";
import { Schedule } from "../schedule/schedule.ts";
import type { TemplateFilter, TemplateTest } from "../jinja/template-engine.ts";
import type { AppTemplates } from "../templates/app-templates.ts";
import { type ContextProcessor, templatesOf } from "../templates/template-setup.ts";
import { callInRequest, type TestContextOptions } from "../testing/call-in-request.ts";
import { TestClient, type TestClientOptions } from "../testing/test-client.ts";
import { ApplicationLifespan } from "./application-lifespan.ts";
import type { BackgroundTaskOptions } from "./background-tasks.ts";
import {
  type AnyBlueprint,
  type BlueprintRoute,
  type BlueprintSocket,
  checkRegistration,
  nameTaken,
} from "./blueprint.ts";
import { dispatch, type Dispatching, type Endpoint, runInRequest } from "../dispatch/dispatch.ts";
import { fetchFrom, type FetchOptions } from "./fetch.ts";
import { type GatewayMiddleware, Middlewares } from "./middlewares.ts";
import type { Hooks } from "../dispatch/hooks.ts";
import { createMount, type Mount } from "../dispatch/mount.ts";
import { Nesting } from "../dispatch/nesting.ts";
import {
  checkPottleOptions,
  type ModuleMeta,
  type PottleOptions,
  setUpTemplates,
  toBodyLimits,
} from "./pottle-options.ts";
import { type RegisterOptions, Registrar } from "./registrar.ts";
import { type RouteDescription, Routes, type UrlBuildErrorHandler } from "./routes.ts";
import { checkRoutingOptions } from "./routing-options.ts";
import { holdOpen, inContextOf, type ServingManager } from "./serving-hooks.ts";
import { dispatchSocket } from "../dispatch/socket-dispatch.ts";
import type { AnyWebSocketView, WebSocketView } from "../websocket/socket-hooks.ts";
import { checkWebSocketOptions, type WebSocketOptions } from "../websocket/web-socket-options.ts";
import type { AnyView } from "../dispatch/view.ts";

/** The place where an application is mounted. */
interface Place {
  readonly parent: AnyPottle;
  readonly prefix: string;
}

/** An application, whatever its converters. */
type AnyPottle = Pottle<unknown>;

const brand: unique symbol = Symbol.for("pottle.application") as never;

/**
 * A web application.
 *
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/todos/<int:id>", ({ id }) => ({ id, title: "write a test" }));
 * const response = await app.testClient().get("/todos/7");
 * console.log(response.json()); // { id: 7, title: "write a test" }
 */
export class Pottle<Values = NoConverters> extends Registrar<"", Values> implements Application, LifespanHooks {
  /** The folder of the module that it was made in; the working directory if that is unknown. */
  readonly rootPath: string;
  /** The folder for files of this installation. */
  readonly instancePath: string;
  /** The values that it is configured with. */
  readonly config: Config;
  /** Whether errors are shown to clients; `undefined` if the application was not told. */
  readonly development: boolean | undefined;
  /** Makes JSON of what views return, and values of the JSON that clients send. It can be replaced. */
  json: JSONProvider = defaultJSON;
  /** @internal */
  readonly traps: ErrorTraps;
  readonly #routes: Routes;
  readonly #adopted = new Set<object>();
  readonly #blueprints = new Set<string>();
  readonly #nesting = new Nesting("", this.hooks, this.errorHandlers);
  readonly #lifespan: ApplicationLifespan;
  readonly #context = new AppContext(this);
  readonly #schedule: Schedule;
  readonly #log: AppLogger;
  readonly #mounted = new Set<AnyPottle>();
  readonly #requestLimit: RequestLimit;
  readonly #dispatching: Dispatching;
  #handle: (exchange: Exchange) => Promise<void> = (exchange) => dispatch(this.#dispatching, exchange);
  #serveSocket: (connection: WebSocketConnection) => Promise<void> = (connection) =>
    dispatchSocket(this.#dispatching, this.#routes.sockets, connection);
  readonly #middlewares = new Middlewares({ handle: this.#handle, websocket: this.#serveSocket });
  #place: Place | undefined;
  #hasBegun = false;

  /**
   * @param meta The `import.meta` of the module that it is made in.
   * @throws {RangeError} If an option is not a number, or not a name, that it can have.
   * @throws {TypeError} If an option is not of its type.
   */
  constructor(meta: ModuleMeta = {}, options: PottleOptions<Values> = {}) {
    super();
    this.#routes = new Routes(checkRoutingOptions(options));
    const settings = checkPottleOptions(options);
    this.rootPath = meta.dirname ?? process.cwd();
    this.instancePath = resolve(this.rootPath, options.instanceFolder ?? "instance");
    this.config = new Config(this.rootPath);
    this.#log = new AppLogger(options);
    this.development = options.development;
    this.traps = settings.traps;
    this.#requestLimit = settings.requestLimit;
    this.#dispatching = {
      info: this,
      router: this.#routes.router,
      nesting: this.#nesting,
      limit: settings.requestLimit,
      settings: { ...settings.bodyLimits, app: this },
      checkHost: settings.checkHost,
      answersWebSockets: (path, host) => this.#routes.hasSocketAt(path, host),
    };
    this.#lifespan = new ApplicationLifespan(settings.backgroundTaskTimeout);
    this.#schedule = this.#makeSchedule();
    setUpTemplates(this, options);
  }

  /** @internal The routes that are answered by views, and the applications that are mounted, in their order. */
  get routes(): readonly Route<Endpoint | Mount>[] {
    return this.#routes.router.routes;
  }

  /**
   * Its log. Each line that is written while a request is answered has its method, its path, and its id if there is one.
   *
   * @example
   * import { pino } from "pino";
   * const lines: string[] = [];
   * const app = new Pottle(import.meta, { logger: pino({}, { write: (line) => void lines.push(line) }) });
   * app.get("/", () => {
   *   app.logger.info({ user: 7 }, "hello");
   *   return "Hello";
   * });
   * await app.testClient().get("/");
   * const { method, path, user, msg } = JSON.parse(lines[0]!);
   * console.log(method, path, user, msg); // GET / 7 hello
   */
  get logger(): Logger {
    return this.#log.logger;
  }

  /** The functions that run before the first request and after the last one. */
  get lifespan(): Lifespan {
    return this.#lifespan;
  }

  /**
   * The event that is set when the application begins to stop, after its last request: for background tasks that go on
   * until then. It is cleared if the application is started again.
   */
  get shutdownEvent(): Event {
    return this.#lifespan.shutdownEvent;
  }

  override register(blueprint: AnyBlueprint, options: RegisterOptions = {}): void {
    this.checkSetup("register");
    const name = checkRegistration(blueprint, options);
    if (this.#blueprints.has(name)) throw nameTaken(name);
    this.#blueprints.add(name);
    this.cli.adopt(name, blueprint.cli);
    for (const part of blueprint.templateParts("", options)) templatesOf(this).addPart(part);
    const here = { nesting: this.#nesting, prefix: "", host: undefined, subdomain: undefined };
    const { routes, sockets } = blueprint.flatten(this, here, options);
    for (const route of routes) this.#addView(route);
    for (const socket of sockets) this.#addSocket(socket);
  }

  /** @internal Takes the hooks, handlers and template functions of a blueprint that are for all requests, once. */
  adopt(blueprint: object, hooks: Hooks, handlers: ErrorHandlers, templates: AppTemplates): void {
    if (this.#adopted.has(blueprint)) return;
    this.#adopted.add(blueprint);
    this.#changeProcessors(() => this.hooks.adopt(hooks));
    this.errorHandlers.adopt(handlers);
    if (!templates.isEmpty) templates.addTo(templatesOf(this));
  }

  override contextProcessor(fn: ContextProcessor): void {
    this.#changeProcessors(() => super.contextProcessor(fn));
  }

  // Templates are told of the list when the first one is in it.
  #changeProcessors(change: () => void): void {
    const processors = this.hooks.contextProcessors;
    const wereNone = processors.length === 0;
    change();
    if (wereNone && processors.length > 0) templatesOf(this).addPart({ name: "", folder: undefined, processors });
  }

  /**
   * Gives templates a filter: `{{ price|euro }}` calls it with what stands before the `|`, and with its arguments; those
   * with a name come last, in one object. It may be async. A filter of that name which templates have already is replaced.
   *
   * @throws {TypeError} If `fn` is not a function.
   * @throws {SetupError} If it is too late.
   * @example
   * const app = new Pottle(import.meta);
   * app.templateFilter("euro", (cents: number) => `${(cents / 100).toFixed(2)} €`);
   * app.get("/", () => renderTemplateString("{{ 1250|euro }}"));
   * console.log((await app.testClient().get("/")).text()); // 12.50 €
   */
  templateFilter(name: string, fn: TemplateFilter): void {
    this.checkSetup("templateFilter");
    templatesOf(this).filters.set(name, option("register with templateFilter()", "fn", fn).function());
  }

  /**
   * Gives templates a test: `{% if user is admin %}`.
   *
   * @throws {TypeError} If `fn` is not a function.
   * @throws {SetupError} If it is too late.
   */
  templateTest(name: string, fn: TemplateTest): void {
    this.checkSetup("templateTest");
    templatesOf(this).tests.set(name, option("register with templateTest()", "fn", fn).function());
  }

  /**
   * Gives templates a value or a function that all of them know.
   *
   * @throws {SetupError} If it is too late.
   * @example
   * const app = new Pottle(import.meta);
   * app.templateGlobal("year", () => 2024);
   * app.get("/", () => renderTemplateString("© {{ year() }}"));
   * console.log((await app.testClient().get("/")).text()); // © 2024
   */
  templateGlobal(name: string, value: unknown): void {
    this.checkSetup("templateGlobal");
    templatesOf(this).globals.set(name, value);
  }

  /**
   * Passes every request under a prefix to another application: it sees the paths without the prefix, answers errors
   * itself, and is started and stopped with this one. The prefix without a slash is sent on to the one with it, so that
   * relative links work. A route of this application that has more text in its path goes before the mount.
   *
   * The `beforeRequest` and `teardownRequest` hooks of this application run for its requests too. The `afterRequest`
   * hooks do not, as the response belongs to the other application.
   *
   * @throws {PathSyntaxError} If the prefix does not begin with `/`, or has a parameter in it.
   * @throws {TypeError} If `application` is not an application.
   * @throws {SetupError} If it is this application, or one that this is mounted in, or if it is too late.
   * @example
   * const admin = new Pottle(import.meta);
   * admin.get("/users", () => "all users");
   * const app = new Pottle(import.meta);
   * app.mount("/admin", admin);
   * console.log((await app.testClient().get("/admin/users")).text()); // all users
   * console.log(admin.urlFor("/users")); // /admin/users
   */
  mount(prefix: string, application: Application): void {
    this.checkSetup("mount");
    const mount = createMount(prefix, application);
    if (application instanceof Pottle) {
      application.mountedAt(this, mount.prefix);
      this.#mounted.add(application);
    }
    this.#routes.addMount(mount);
    this.onStart(() => application.lifespan?.start());
    this.onStop(() => application.lifespan?.stop());
  }

  /**
   * Puts a gateway middleware around the application, to which hooks, mounts and all else of it belong: `fromConnect()` of
   * `pottle/connect`, `trustProxies` of `pottle/server`, or a function of one's own. The first one sees a request first. Its
   * lifespan is not run, since that of the application goes before it.
   *
   * @throws {TypeError} If `middleware` is not a function.
   * @throws {SetupError} If it is too late.
   * @example
   * const app = new Pottle(import.meta);
   * app.use((inner) => ({
   *   handle: (exchange) => (exchange.target === "/ping" ? exchange.respond(200, [], "pong") : inner.handle(exchange)),
   * }));
   * console.log((await app.testClient().get("/ping")).text()); // pong
   */
  use(middleware: GatewayMiddleware): void {
    this.checkSetup("use");
    this.#middlewares.add(middleware);
    this.#handle = async (exchange) => await this.#middlewares.outermost.handle(exchange);
    this.#serveSocket = async (connection) => await passWebSocket(this.#middlewares.outermost, connection);
  }

  /**
   * Serves the files below a folder under a prefix, with their types, ETags, dates and ranges. A folder is answered with
   * its `index.html`. Files that are hidden or outside the folder cannot be reached.
   *
   * @param prefix A path without parameters: `/static`, or `/` for the files of a site.
   * @param folder The folder; a relative one begins at the folder of the application.
   * @throws {PathSyntaxError} If the prefix does not begin with `/`.
   * @throws {SetupError} If it is too late.
   * @example
   * const app = new Pottle(import.meta);
   * app.static("/static", "static");
   * console.log(app.urlFor("/static/<path:path>", { path: "css/main.css" })); // /static/css/main.css
   */
  static(prefix: string, folder: string, options: StaticOptions = {}): void {
    const view = staticFiles(resolve(this.rootPath, folder), options);
    const path = prefix.endsWith("/") ? prefix : `${prefix}/`;
    this.get<string, typeof hidden>(path, hidden, view);
    this.get<string, typeof hidden>(`${path}<path:path>`, hidden, view);
  }

  /** @internal Notes where it is mounted. Its URLs lead to the first place, except those built in a request. */
  mountedAt(parent: AnyPottle, prefix: string): void {
    for (let outer: AnyPottle | undefined = parent; outer !== undefined; outer = outer.#place?.parent) {
      if (outer === this) throw new SetupError(`Cannot mount an application in itself: current prefix is '${prefix}'`);
    }
    this.#place ??= { parent, prefix };
  }

  /**
   * Builds the URL of a route: path and query, or with scheme and host too. Values that are not parameters become the query.
   *
   * @param name The route's name, or its path literal. A route of a blueprint is called `blueprint.name`; `.name` is that
   *   of the blueprint which answers the current request.
   * @param values The values of its parameters, and the options `_anchor`, `_external`, `_scheme` and `_method`.
   * @throws {BuildError} If there is no such route, or a value is missing or not one that its parameter can have, or a host
   *   is needed and not known, and no handler of {@link urlBuildErrorHandler} has a URL for it.
   * @example
   * const app = new Pottle(import.meta);
   * app.get("/todos/<int:id>", ({ id }) => ({ id }));
   * console.log(app.urlFor("/todos/<int:id>", { id: 7, page: 2, _anchor: "top" })); // /todos/7?page=2#top
   */
  urlFor(name: string, values: UrlValues = {}): string {
    const context = currentRequestContext();
    const own = context?.app === this ? context : undefined;
    return this.#routes.build(name, values, own, own?.basePath ?? this.#basePath);
  }

  /**
   * Lists all routes, as `pottle routes` shows them.
   *
   * @example
   * const app = new Pottle(import.meta);
   * app.get("/todos/<int:id>", { name: "todo" }, ({ id }) => ({ id }));
   * console.log(app.listRoutes()[0]?.name); // todo
   */
  listRoutes(): RouteDescription[] {
    return this.#routes.list();
  }

  /**
   * Registers a function that has a URL for a name or for values of which `urlFor` can build none: for links to other
   * applications. The first one that returns a text wins.
   *
   * @throws {TypeError} If `fn` is not a function.
   * @throws {SetupError} If it is too late.
   * @example
   * const app = new Pottle(import.meta);
   * app.urlBuildErrorHandler((_, name) => (name === "shop" ? "https://shop.example.com/" : undefined));
   * console.log(app.urlFor("shop")); // https://shop.example.com/
   */
  urlBuildErrorHandler(fn: UrlBuildErrorHandler): void {
    this.registerHook("urlBuildErrorHandler", this.#routes.buildErrorHandlers, fn);
  }

  /**
   * Registers a function to run before the first request, after those that were registered before. `currentApp()` works
   * in it.
   *
   * @throws {TypeError} If `fn` is not a function.
   */
  onStart(fn: LifespanFunction): void {
    this.#lifespan.onStart(inContextOf(this, fn));
  }

  /**
   * Registers a function to run after the last request, before those that were registered before. It runs even after a
   * start that failed.
   *
   * @throws {TypeError} If `fn` is not a function.
   */
  onStop(fn: LifespanFunction): void {
    this.#lifespan.onStop(inContextOf(this, fn));
  }

  /** Registers a function to run before the first request: Quart's name for {@link onStart}. */
  beforeServing(fn: LifespanFunction): void {
    this.onStart(fn);
  }

  /** Registers a function to run after the last request: Quart's name for {@link onStop}. */
  afterServing(fn: LifespanFunction): void {
    this.onStop(fn);
  }

  /**
   * Keeps a resource open while the application serves: the code before the `yield` of an async generator function runs
   * before the first request, the code after it after the last one. A context manager works too.
   *
   * @throws {TypeError} If it is neither.
   * @example
   * const app = new Pottle(import.meta);
   * app.whileServing(async function* () {
   *   console.log("open");
   *   yield;
   *   console.log("close");
   * });
   * await using client = await app.testClient().start(); // open
   */
  whileServing(manager: ServingManager): void {
    holdOpen(this, manager);
  }

  /**
   * Starts a task that may outlive the request that starts it: it belongs to the application, and the request neither
   * cancels it nor waits for it. An error that it throws is reported. When the application stops, the task has
   * `backgroundTaskTimeout` to end, and is cancelled after that.
   *
   * @throws {TypeError} If `fn` is not a function.
   * @throws {InvalidStateError} If the application is stopping.
   * @example
   * const app = new Pottle(import.meta);
   * app.post("/orders", () => {
   *   app.addBackgroundTask(() => sleep(5), { name: "send the mail" });
   *   return makeResponse("", 202);
   * });
   * await using client = app.testClient();
   * console.log((await client.post("/orders")).status); // 202
   */
  addBackgroundTask(fn: () => unknown, options: BackgroundTaskOptions = {}): void {
    option("add a background task", "fn", fn).function();
    this.#lifespan.addTask(() => this.#context.runHere(fn), options);
  }

  /**
   * Runs a function again and again while the application serves: every so many milliseconds, or by a cron expression of
   * five fields, six with seconds. Each run has a context of the application. One that fails is reported, and the next comes
   * in its time. When the application stops, a run has `backgroundTaskTimeout` to end, and is cancelled after that.
   *
   * Each worker of `pottle run --workers` runs it, unless `workers` is `"first"`.
   *
   * @throws {RangeError} If the schedule or an option is not a value that it can be.
   * @throws {TypeError} If an argument has the wrong type.
   * @example
   * const app = new Pottle(import.meta);
   * const cleanup = app.every("30 3 * * *", () => console.log("cleaned"), { name: "cleanup", timeZone: "Europe/Vienna" });
   * await cleanup.runNow(); // cleaned
   * @see https://man7.org/linux/man-pages/man5/crontab.5.html
   */
  every(when: number | string, fn: () => unknown, options: EveryOptions = {}): PeriodicTask {
    return this.#schedule.add(when, fn, options);
  }

  /** The tasks that {@link every} has added. */
  get periodicTasks(): readonly PeriodicTask[] {
    return this.#schedule.tasks;
  }

  /** @internal Runs no periodic task on its own, nor those of applications that are mounted. */
  turnOffPeriodicTasks(): void {
    this.#schedule.turnOff();
    for (const app of this.#mounted) app.turnOffPeriodicTasks();
  }

  /**
   * Runs a function with this as the current application: `currentApp()` and `g()` work in it, in scripts and tests. What
   * the function opens is closed when it ends. The application is not started by it.
   *
   * @throws The error of the function.
   * @example
   * const app = new Pottle(import.meta);
   * console.log(await app.context(() => currentApp() === app)); // true
   */
  context<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    option("enter the context of an application", "fn", fn).function();
    return this.#context.run(fn, "application context");
  }

  /**
   * Runs a function in the context of a request, matched to its route but not answered: the view and the hooks do not run,
   * except those of teardown when the function has ended.
   *
   * @throws The error of the function.
   * @example
   * const app = new Pottle(import.meta);
   * const page = () => Number(request().args.get("page") ?? 1);
   * console.log(await app.testRequestContext("/todos?page=2", {}, page)); // 2
   */
  testRequestContext<T>(
    path: string,
    options: TestContextOptions,
    fn: (request: HttpRequest) => T | PromiseLike<T>,
  ): Promise<T> {
    option("enter the context of a request", "fn", fn).function();
    return callInRequest(path, options, (exchange) => runInRequest(this.#dispatching, exchange, fn));
  }

  /**
   * Registers a function to run when a context of the application ends: that of a request, after the `teardownRequest`
   * hooks, of a WebSocket, a background task, a periodic run, a command, or {@link context}. The hooks run in reverse order.
   *
   * @throws {SetupError} If it is too late.
   * @throws {TypeError} If `fn` is not a function.
   * @example
   * const app = new Pottle(import.meta);
   * app.teardownAppContext(() => console.log("over"));
   * await app.context(() => console.log("begun")); // begun, and then: over
   */
  teardownAppContext(fn: TeardownAppContext): void {
    this.checkSetup("teardownAppContext");
    option("register with teardownAppContext()", "fn", fn).function();
    // Before all others of requests, as they run in reverse.
    this.hooks.teardown.splice(this.#context.size, 0, (error) => fn(error));
    this.hooks.sockets.teardown.splice(this.#context.size, 0, (error) => fn(error));
    this.#context.add(fn);
  }

  /**
   * Runs one of its commands in a context of the application, as `pottle app.ts ARGS` does, but without starting the
   * application. Wrong use is answered on standard error.
   *
   * @returns The exit code: 2 after wrong use.
   * @throws The error that the command throws, except a `CommandError`.
   */
  async runCommand(args: readonly string[], program = "pottle"): Promise<number> {
    // A server has no use for it.
    const { runCommand } = await import("../commands/run-command.ts");
    return await runCommand(this.cli, args, {
      program,
      call: (fn) => this.#context.run(fn, `command ${args[0] ?? ""}`),
    });
  }

  /**
   * Opens a file in the application's folder for reading. The caller closes it: `await using`.
   *
   * @throws {RangeError} If the file is outside of that folder.
   * @throws {Error} Of Node, with its `code`, if it cannot be opened.
   */
  openResource(name: string): Promise<FileHandle> {
    return openResource(this.rootPath, name);
  }

  /** Answers one request. Called by a server, in a task of its own. */
  handle(exchange: Exchange): Promise<void> {
    // The context variables that a request sets must not reach the caller.
    if (currentTask() === undefined) return createTask(() => this.handle(exchange), { ownsTasks: true });
    this.#hasBegun = true;
    return this.#handle(exchange);
  }

  /* oxlint-disable typescript/no-misused-promises -- it has the names of both: Flask's for views, the gateway's for servers */
  /** Serves one WebSocket. Called by a server, in a task of its own. */
  override websocket(connection: WebSocketConnection): Promise<void>;
  override websocket<const Path extends string>(
    path: CheckedRoute<"", Path, Values>,
    view: WebSocketView<JoinedPath<"", JoinedPath<"", Path>>, Values>,
  ): void;
  override websocket<const Path extends string>(
    path: CheckedRoute<"", Path, Values>,
    options: WebSocketOptions,
    view: WebSocketView<JoinedPath<"", JoinedPath<"", Path>>, Values>,
  ): void;
  override websocket(first: string | WebSocketConnection, ...rest: readonly unknown[]): Promise<void> | void {
    if (typeof first !== "object" || first === null) return super.websocket(first, ...(rest as [never]));
    // The context variables that it sets must not reach the caller.
    if (currentTask() === undefined) return createTask(() => this.websocket(first), { ownsTasks: true });
    this.#hasBegun = true;
    return this.#serveSocket(first);
  }
  /* oxlint-enable typescript/no-misused-promises */

  /**
   * Answers a request of the web standard, for runtimes that speak it, and for tests by `fetch`. It needs no `this`. The
   * client leaves when the signal of the request is aborted, or the body of the response is cancelled: the task of the
   * request is cancelled then. The functions of the lifespan are not run: that is the part of who serves.
   *
   * @throws {TypeError} If `request` is not a `Request`.
   * @throws The reason of the request's signal, if that is aborted before there is a response.
   * @see https://fetch.spec.whatwg.org/
   * @example
   * const app = new Pottle(import.meta);
   * app.get("/", (_, request) => `Hello ${request.headers.get("Host")}`);
   * const response = await app.fetch(new globalThis.Request("http://example.com/"));
   * console.log(await response.text()); // Hello example.com
   */
  readonly fetch = (request: Request, options?: FetchOptions): Promise<Response> => fetchFrom(this, request, options);

  /**
   * Serves the application until a signal ends the process, and prints where it listens and a line for each request:
   * the last line of a program. `pottle run` does the same without it.
   *
   * @throws The errors of `runServer`.
   */
  run(options: RunServerOptions = {}): Promise<void> {
    enableDevelopment();
    // Who hears of each request need not be shown them as well.
    const log = options.onAccess === undefined ? { accessLog: "development" } : {};
    return runServer(this, { onListening: describeServer, ...log, ...options });
  }

  /** Makes a client that sends requests to the application without sockets. */
  testClient(options: TestClientOptions = {}): TestClient {
    return new TestClient(this, options, this.#routes.serverName);
  }

  /** @internal */
  protected override addRoute(path: string, methods: readonly string[], options: ViewOptions, view: AnyView): void {
    this.#addView({ path, methods, options, view, nesting: this.#nesting, converters: this.#routes.converters });
  }

  /** @internal */
  protected override addSocket(path: string, options: WebSocketOptions, view: AnyWebSocketView): void {
    this.#addSocket({ path, options, view, nesting: this.#nesting, converters: this.#routes.converters });
  }

  /** @internal */
  protected override checkSetup(action: string): void {
    if (!this.#hasBegun) return;
    throw new SetupError(
      `Cannot call ${action}() as the application has begun to answer requests: set it up before that`,
    );
  }

  #makeSchedule(): Schedule {
    const lifespan = this.#lifespan;
    const schedule = new Schedule({
      shutdownEvent: lifespan.shutdownEvent,
      isStarted: () => lifespan.started,
      run: (fn) => this.#context.run(fn, "periodic run"),
      addTask: (fn, name) => lifespan.addTask(fn, { name }),
    });
    lifespan.onStarted = () => schedule.start();
    return schedule;
  }

  get #basePath(): string {
    return this.#place === undefined ? "" : this.#place.parent.#basePath + this.#place.prefix;
  }

  #addView({ path, methods, options, view, nesting, converters }: BlueprintRoute): void {
    const limit = toRequestLimit(`route '${path}'`, "timeout", options.timeout) ?? this.#requestLimit;
    const settings = toBodyLimits(`route '${path}'`, options, this.#dispatching.settings);
    const names = (): string[] => parametersOf(parsePath(path, converters)).map((parameter) => parameter.name);
    const run = hasContract(options) ? withContract({ path, methods, options, view, names: names() }, this) : view;
    const name = nameOf(path, options, view, nesting);
    this.#routes.addView({ path, name, view, run, options, nesting, limit, settings }, methods, options, converters);
  }

  #addSocket({ path, options, view, nesting, converters }: BlueprintSocket): void {
    const limit = toRequestLimit(`route '${path}'`, "timeout", options.timeout) ?? this.#requestLimit;
    const settings = checkWebSocketOptions(path, options);
    const endpoint = { path, name: nameOf(path, options, view, nesting), view, nesting, limit, settings };
    this.#routes.addSocket(endpoint, options, converters);
  }
}

/** The routes of files are not in an OpenAPI document. */
const hidden = { hidden: true } as const;

/** The name of a route, with those of its blueprints before it; its path if it has none. */
function nameOf(path: string, options: ViewOptions, view: { readonly name: string }, { name: outer }: Nesting): string {
  const own = options.name ?? view.name;
  return own === "" || outer === "" ? own || path : `${outer}.${own}`;
}

Object.defineProperty(Pottle.prototype, brand, { value: true });

/** Whether a value is an application, even one from another copy of this package. */
export function isPottle(value: unknown): value is Pottle {
  return typeof value === "object" && value !== null && brand in value;
}

function describeServer(server: RunningServer): void {
  console.log(`Serving on ${server.url} (Ctrl+C to stop)`);
}
