import { isCancelled } from "../asyncio/index.ts";
import {
  type Application,
  type Exchange,
  Lifespan,
  type LifespanFunction,
  type LifespanHooks,
  splitTarget,
} from "../http/index.ts";
import { runServer, type RunServerOptions } from "../server/index.ts";
import type { UrlValues } from "./build-path.ts";
import { decodePath, PathDecodeError } from "./decode-path.ts";
import { Endpoints } from "./endpoints.ts";
import { errorPage } from "./error-page.ts";
import { BadRequest, HTTPError, InternalServerError } from "./http-errors.ts";
import { HttpRequest } from "./http-request.ts";
import type { CheckedPath } from "./path-types.ts";
import { answerUnrouted } from "./unrouted.ts";
import { Router } from "./router.ts";
import { describeServer, printAccess } from "./run-output.ts";
import { sendResult } from "./send-result.ts";
import { TestClient, type TestClientOptions } from "./test-client.ts";
import type { View } from "./view.ts";

/** What an application knows of the module that it is made in: its `import.meta`. */
export interface ModuleMeta {
  /** The module's folder. */
  readonly dirname?: string;
  /** The module's URL. */
  readonly url?: string;
}

/** How an application is set up. */
export interface PottleOptions {
  /**
   * How many bytes a request's body may have. A larger one is answered with 413 when it is read.
   * @default 16_777_216
   */
  readonly maxContentLength?: number;
}

/** How a route is set up. */
export interface RouteOptions {
  /**
   * The methods that it answers, in upper case. GET answers HEAD as well.
   * @default ["GET"]
   */
  readonly methods?: readonly string[];
  /**
   * The name under which `urlFor` finds it, besides its path.
   * @default the name of the view, if it is a function with a name
   */
  readonly name?: string;
}

type AnyView = (args: never, request: HttpRequest) => unknown;

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
export class Pottle implements Application, LifespanHooks {
  /** What runs before the first request and after the last one. */
  readonly lifespan: Lifespan = new Lifespan();
  /** The folder of the module that it was made in; the working directory if that is not known. */
  readonly rootPath: string;
  readonly #router = new Router<AnyView>();
  readonly #endpoints = new Endpoints();
  readonly #maxContentLength: number;

  /**
   * @param meta The `import.meta` of the module that it is made in.
   * @throws {RangeError} If `maxContentLength` is not a number of bytes >= 0.
   */
  constructor(meta: ModuleMeta = {}, options: PottleOptions = {}) {
    this.rootPath = meta.dirname ?? process.cwd();
    this.#maxContentLength = checkLimit(options.maxContentLength ?? 2 ** 24);
  }

  /**
   * Routes GET requests, and HEAD requests with them.
   *
   * @throws {PathSyntaxError} If the path cannot be read.
   */
  get<const Path extends string>(path: CheckedPath<Path>, view: View<Path>): void {
    this.#add(path, ["GET"], view);
  }

  /** Routes POST requests. @throws {PathSyntaxError} If the path cannot be read. */
  post<const Path extends string>(path: CheckedPath<Path>, view: View<Path>): void {
    this.#add(path, ["POST"], view);
  }

  /** Routes PUT requests. @throws {PathSyntaxError} If the path cannot be read. */
  put<const Path extends string>(path: CheckedPath<Path>, view: View<Path>): void {
    this.#add(path, ["PUT"], view);
  }

  /** Routes PATCH requests. @throws {PathSyntaxError} If the path cannot be read. */
  patch<const Path extends string>(path: CheckedPath<Path>, view: View<Path>): void {
    this.#add(path, ["PATCH"], view);
  }

  /** Routes DELETE requests. @throws {PathSyntaxError} If the path cannot be read. */
  delete<const Path extends string>(path: CheckedPath<Path>, view: View<Path>): void {
    this.#add(path, ["DELETE"], view);
  }

  /**
   * Routes requests of several methods to one view, or gives a route a name.
   *
   * OPTIONS is answered with the methods of a path, unless a route for it has OPTIONS among its own.
   *
   * @throws {PathSyntaxError} If the path cannot be read.
   * @throws {TypeError} If `methods` is not a list of upper-case names.
   * @throws {EndpointError} If another view has the same name.
   * @example
   * const app = new Pottle(import.meta);
   * app.route("/todos", { methods: ["GET", "POST"], name: "todos" }, (_, request) => request.method);
   * console.log(app.urlFor("todos")); // /todos
   */
  route<const Path extends string>(path: CheckedPath<Path>, options: RouteOptions, view: View<Path>): void {
    this.#add(path, options.methods ?? ["GET"], view, options.name);
  }

  /**
   * Builds the URL, path and query, of a route. Values that are no parameters of its path become the query.
   *
   * @param name The route's name, or its path literal.
   * @throws {BuildError} If there is no such route, or a value is missing or not one that its parameter can have.
   * @example
   * const app = new Pottle(import.meta);
   * app.get("/todos/<int:id>", ({ id }) => ({ id }));
   * console.log(app.urlFor("/todos/<int:id>", { id: 7, page: 2 })); // /todos/7?page=2
   */
  urlFor(name: string, values: UrlValues = {}): string {
    return this.#endpoints.build(name, values);
  }

  /** Registers a function to be run before the first request. */
  onStart(fn: LifespanFunction): void {
    this.lifespan.onStart(fn);
  }

  /** Registers a function to be run after the last request. It is run after a start that failed as well. */
  onStop(fn: LifespanFunction): void {
    this.lifespan.onStop(fn);
  }

  /** Answers one request. Called by a server. */
  async handle(exchange: Exchange): Promise<void> {
    try {
      const { path: encoded, query } = splitTarget(exchange.target);
      const path = decodePath(encoded);
      const match = this.#router.match(exchange.method, path);
      if (match.kind !== "found")
        return await sendResult(exchange, answerUnrouted(match, exchange.method, path, query));
      const { route, values } = match;
      const view = route.target;
      const result = view(values as never, new HttpRequest(exchange, path, query, this.#maxContentLength));
      await sendResult(exchange, isThenable(result) ? await result : result, route);
    } catch (error) {
      await this.#fail(exchange, error);
    }
  }

  /**
   * Serves the application until a signal ends the process, and prints where it listens and a line for each request:
   * the last line of a program. `pottle run` does the same without it.
   *
   * @throws What `runServer` throws.
   */
  run(options: RunServerOptions = {}): Promise<void> {
    return runServer(this, { onListening: describeServer, onAccess: printAccess, ...options });
  }

  /** Makes a client that sends requests to the application without sockets. */
  testClient(options: TestClientOptions = {}): TestClient {
    return new TestClient(this, options);
  }

  #add(path: string, methods: readonly string[], view: AnyView, name?: string): void {
    if (typeof view !== "function") {
      throw new TypeError(`Cannot route '${path}' as 'view' must be a function: current value is ${String(view)}`);
    }
    const route = this.#router.add({ path, methods, target: view });
    this.#endpoints.add(route, name);
  }

  /** Answers with a page, and hands on what is an error of the application, so that the server reports it. */
  async #fail(exchange: Exchange, error: unknown): Promise<void> {
    // Whether and how a cancelled request is answered is known to who cancelled it: the server.
    if (isCancelled(error) || exchange.responded) throw error;
    const answer = toHttpError(error);
    const { headers, body } = errorPage(answer, exchange.rawHeaders);
    await exchange.respond(answer.status, headers, body);
    if (answer instanceof InternalServerError) throw error;
  }
}

Object.defineProperty(Pottle.prototype, brand, { value: true });

/** Whether a value is an application, also one from another copy of this package. */
export function isPottle(value: unknown): value is Pottle {
  return typeof value === "object" && value !== null && brand in value;
}

function toHttpError(error: unknown): HTTPError {
  if (error instanceof HTTPError) return error;
  if (error instanceof PathDecodeError) return new BadRequest(error.message, { cause: error });
  return new InternalServerError({ cause: error });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}

function checkLimit(limit: number): number {
  if (typeof limit === "number" && limit >= 0) return limit;
  throw new RangeError(
    `Cannot make the application as 'maxContentLength' must be >= 0: current value is ${String(limit)}`,
  );
}
