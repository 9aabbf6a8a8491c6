import { resolve } from "node:path";
import { createTask, currentTask, type Event } from "../../asyncio/index.ts";
import {
  type Application,
  type Exchange,
  type Lifespan,
  type LifespanFunction,
  type LifespanHooks,
  splitTarget,
} from "../../http/index.ts";
import { runServer, type RunServerOptions } from "../../server/index.ts";
import { option } from "../../base/options.ts";
import { answerRequest } from "./dispatch.ts";
import { ApplicationLifespan } from "./application-lifespan.ts";
import { type BackgroundTaskOptions, BackgroundTasks } from "./background-tasks.ts";
import { type Blueprint, checkRegistration, nameTaken } from "./blueprint.ts";
import { BuildError, encodePath, type UrlValues } from "../routing/build-path.ts";
import { decodePath } from "../routing/decode-path.ts";
import { type RequestLimit, toRequestLimit } from "./deadline.ts";
import { enableDevelopment } from "../failure/development.ts";
import { Endpoints } from "../routing/route-names.ts";
import { HttpRequest } from "../message/http-request.ts";
import { Layer } from "./nesting.ts";
import { createMount, pathsOf } from "./mount.ts";
import { basePathOf } from "./mounted-exchange.ts";
import { AppContext, currentContext, currentRequestContext, RequestContext } from "../message/context.ts";
import { checkPottleOptions, type ModuleMeta, type PottleOptions } from "./pottle-options.ts";
import { type Found, produceResult } from "./produce-result.ts";
import type { ViewOptions } from "../routing/route-options.ts";
import { isMount, type RouteTarget, type ViewTarget } from "./route-target.ts";
import { Router } from "../routing/router.ts";
import { describeServer, printAccess } from "./run-output.ts";
import { type RegisterOptions, Scaffold } from "./registrar.ts";
import { holdOpen, inContextOf, type ServingManager } from "./serving-hooks.ts";
import { SetupError } from "../errors/setup-error.ts";
import { staticFiles, type StaticOptions } from "../files/static-files.ts";
import { TestClient, type TestClientOptions } from "../testing/test-client.ts";
import type { AnyView } from "./view.ts";

/** Where an application is mounted. */
interface Place {
  readonly parent: Pottle;
  readonly prefix: string;
}

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
export class Pottle extends Scaffold<""> implements Application, LifespanHooks {
  /** The folder of the module that it was made in; the working directory if that is not known. */
  readonly rootPath: string;
  /** Whether errors are shown to clients; `undefined` if the application was not told. */
  readonly development: boolean | undefined;
  readonly #router = new Router<RouteTarget>();
  readonly #endpoints = new Endpoints();
  readonly #blueprints = new Set<string>();
  readonly #layer = new Layer("", this.hooks, this.errorHandlers);
  readonly #lifespan: ApplicationLifespan;
  readonly #background: BackgroundTasks;
  readonly #maxContentLength: number;
  readonly #requestLimit: RequestLimit;
  #place: Place | undefined;
  #hasBegun = false;

  /**
   * @param meta The `import.meta` of the module that it is made in.
   * @throws {RangeError} If an option is not a number that it can have.
   * @throws {TypeError} If such an option is not a number.
   */
  constructor(meta: ModuleMeta = {}, options: PottleOptions = {}) {
    super();
    const settings = checkPottleOptions(options);
    this.rootPath = meta.dirname ?? process.cwd();
    this.development = options.development;
    this.#maxContentLength = settings.maxContentLength;
    this.#requestLimit = settings.requestLimit;
    this.#background = new BackgroundTasks(settings.backgroundTaskTimeout);
    this.#lifespan = new ApplicationLifespan(this.#background);
  }

  /** What runs before the first request and after the last one. */
  get lifespan(): Lifespan {
    return this.#lifespan;
  }

  /**
   * Set when the application begins to stop, after its last request: for background tasks that go on until then. It is
   * cleared if the application is started again.
   */
  get shutdownEvent(): Event {
    return this.#lifespan.shutdownEvent;
  }

  override register(blueprint: Blueprint<string>, options: RegisterOptions = {}): void {
    this.checkSetup("register");
    const name = checkRegistration(blueprint, options);
    if (this.#blueprints.has(name)) throw nameTaken(name);
    this.#blueprints.add(name);
    for (const route of blueprint.unfold(this.#layer, "", options)) {
      this.#addView(route.path, route.methods, route.options, route.view, route.layer);
    }
  }

  /**
   * Has another application answer everything under a prefix: it sees the paths without the prefix, answers errors
   * itself, and is started and stopped with this one. The prefix without a slash is sent on to the one with it, so that
   * relative links work. A route of this application that has more text in its path goes before the mount.
   *
   * The `beforeRequest` and `teardownRequest` hooks of this application are run for its requests too; the `afterRequest`
   * hooks are not, as the response is the other's own.
   *
   * @throws {PathSyntaxError} If the prefix does not begin with `/`, or has a parameter in it.
   * @throws {TypeError} If `application` is none.
   * @throws {SetupError} If it is this application, or one that this is mounted in; or if it is too late for that.
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
    if (application instanceof Pottle) application.mountedAt(this, mount.prefix);
    for (const path of pathsOf(mount)) this.#router.add({ path, methods: "any", target: mount });
    this.onStart(() => application.lifespan?.start());
    this.onStop(() => application.lifespan?.stop());
  }

  /**
   * Serves the files below a folder under a prefix, with their types, ETags, dates and ranges. A folder is answered with
   * its `index.html`. What is hidden or outside the folder cannot be reached.
   *
   * @param prefix A path without parameters: `/static`, or `/` for the files of a site.
   * @param folder The folder; a relative one begins at the folder of the application.
   * @throws {PathSyntaxError} If the prefix does not begin with `/`.
   * @throws {SetupError} If it is too late for that.
   * @example
   * const app = new Pottle(import.meta);
   * app.static("/static", "static");
   * console.log(app.urlFor("/static/<path:path>", { path: "css/main.css" })); // /static/css/main.css
   */
  static(prefix: string, folder: string, options: StaticOptions = {}): void {
    const view = staticFiles(resolve(this.rootPath, folder), options);
    const path = prefix.endsWith("/") ? prefix : `${prefix}/`;
    this.get<string>(path, view);
    this.get<string>(`${path}<path:path>`, view);
  }

  /** @internal Says that it is mounted. The first place is the one that its URLs lead to, but for those of a request. */
  mountedAt(parent: Pottle, prefix: string): void {
    for (let outer: Pottle | undefined = parent; outer !== undefined; outer = outer.#place?.parent) {
      if (outer === this) throw new SetupError(`Cannot mount an application in itself: current prefix is '${prefix}'`);
    }
    this.#place ??= { parent, prefix };
  }

  /**
   * Builds the URL, path and query, of a route. Values that are no parameters of its path become the query.
   *
   * @param name The route's name, or its path literal. A route of a blueprint is called `blueprint.name`; `.name` is that
   *   of the blueprint which answers the current request.
   * @throws {BuildError} If there is no such route, or a value is missing or not one that its parameter can have.
   * @example
   * const app = new Pottle(import.meta);
   * app.get("/todos/<int:id>", ({ id }) => ({ id }));
   * console.log(app.urlFor("/todos/<int:id>", { id: 7, page: 2 })); // /todos/7?page=2
   */
  urlFor(name: string, values: UrlValues = {}): string {
    const context = currentRequestContext();
    const own = context?.app === this ? context : undefined;
    return encodePath(own?.basePath ?? this.#basePath) + this.#endpoints.build(absoluteName(name, own?.layer), values);
  }

  /**
   * Registers a function to be run before the first request, after those that were registered before. `currentApp()` is
   * found in it.
   *
   * @throws {TypeError} If `fn` is no function.
   */
  onStart(fn: LifespanFunction): void {
    this.#lifespan.onStart(inContextOf(this, fn));
  }

  /**
   * Registers a function to be run after the last request, before those that were registered before. It is run after a
   * start that failed as well.
   *
   * @throws {TypeError} If `fn` is no function.
   */
  onStop(fn: LifespanFunction): void {
    this.#lifespan.onStop(inContextOf(this, fn));
  }

  /** Registers a function to be run before the first request: {@link onStart} by the name that Quart has for it. */
  beforeServing(fn: LifespanFunction): void {
    this.onStart(fn);
  }

  /** Registers a function to be run after the last request: {@link onStop} by the name that Quart has for it. */
  afterServing(fn: LifespanFunction): void {
    this.onStop(fn);
  }

  /**
   * Has something open while the application serves: what stands before the `yield` of an async generator function is run
   * before the first request, what stands after it after the last one. It may be a context manager as well.
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
   * Starts something that outlives the request it is asked for in: it belongs to the application, and is neither cancelled
   * with the request nor waited for. What it throws is reported. When the application stops, it is given
   * `backgroundTaskTimeout` to end, and is cancelled then.
   *
   * @throws {TypeError} If `fn` is no function.
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
    this.#background.add(() => {
      currentContext.set(new AppContext(this));
      return fn();
    }, options);
  }

  /** Answers one request. Called by a server, in a task of its own. */
  handle(exchange: Exchange): Promise<void> {
    // What a request sets must not be found outside.
    if (currentTask() === undefined) return createTask(() => this.handle(exchange), { ownsTasks: true });
    this.#hasBegun = true;
    const { path: encoded, query } = splitTarget(exchange.target);
    const { path, found } = this.#find(exchange.method, encoded);
    const request = new HttpRequest(exchange, path, query, this.#maxContentLength);
    const target = found.kind === "found" && !isMount(found.route.target) ? found.route.target : undefined;
    const layer = target?.layer ?? this.#layer;
    const context = new RequestContext(this, request, layer, basePathOf(exchange));
    currentContext.set(context);
    return answerRequest({
      exchange,
      context,
      pipeline: layer.pipeline,
      limit: target?.limit ?? this.#requestLimit,
      source: target?.source,
      produce: () => produceResult(found, exchange, context),
    });
  }

  /**
   * Serves the application until a signal ends the process, and prints where it listens and a line for each request:
   * the last line of a program. `pottle run` does the same without it.
   *
   * @throws What `runServer` throws.
   */
  run(options: RunServerOptions = {}): Promise<void> {
    enableDevelopment();
    return runServer(this, { onListening: describeServer, onAccess: printAccess, ...options });
  }

  /** Makes a client that sends requests to the application without sockets. */
  testClient(options: TestClientOptions = {}): TestClient {
    return new TestClient(this, options);
  }

  /** @internal */
  protected override addRoute(path: string, methods: readonly string[], options: ViewOptions, view: AnyView): void {
    this.#addView(path, methods, options, view, this.#layer);
  }

  /** @internal */
  protected override checkSetup(action: string): void {
    if (!this.#hasBegun) return;
    throw new SetupError(
      `Cannot call ${action}() as the application has begun to answer requests: set it up before that`,
    );
  }

  get #basePath(): string {
    return this.#place === undefined ? "" : this.#place.parent.#basePath + this.#place.prefix;
  }

  #addView(path: string, methods: readonly string[], options: ViewOptions, view: AnyView, layer: Layer): void {
    const { name, timeout, strictSlashes } = options;
    const limit = toRequestLimit(timeout) ?? this.#requestLimit;
    const target: ViewTarget = { view, layer, limit, source: { path, target: view } };
    const route = this.#router.add({ path, methods, target, strictSlashes });
    this.#endpoints.add({ ...route, target }, name, layer.name === "" ? "" : `${layer.name}.`);
  }

  #find(method: string, encoded: string): { path: string; found: Found } {
    try {
      const path = decodePath(encoded);
      return { path, found: this.#router.match(method, path) };
    } catch (error) {
      return { path: encoded, found: { kind: "undecodable", error } };
    }
  }
}

Object.defineProperty(Pottle.prototype, brand, { value: true });

/** Whether a value is an application, also one from another copy of this package. */
export function isPottle(value: unknown): value is Pottle {
  return typeof value === "object" && value !== null && brand in value;
}

function absoluteName(name: string, layer: Layer | undefined): string {
  if (!name.startsWith(".")) return name;
  if (layer === undefined) {
    throw new BuildError(`Cannot build a URL as a name with a dot before it needs a current request: there is none`);
  }
  return layer.name === "" ? name.slice(1) : layer.name + name;
}
