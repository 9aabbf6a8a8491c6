import { BadRequest } from "../errors/statuses.ts";
import { SetupError } from "../errors/setup-error.ts";
import { currentRequestContext, type RequestContext } from "../message/context.ts";
import type { HttpRequest } from "../message/http-request.ts";
import { BuildError, type NamedValues } from "../routing/build-path.ts";
import { buildUrl, isHost, splitUrlOptions, type UrlBase } from "../routing/build-url.ts";
import type { OwnConverters } from "../routing/converters.ts";
import { type HostPattern, parseHost } from "../routing/host-pattern.ts";
import type { ViewOptions } from "../routing/route.ts";
import { chooseRoute, RouteNames } from "../routing/route-names.ts";
import { Router } from "../routing/router.ts";
import type { WebSocketOptions } from "../websocket/web-socket-options.ts";
import type { Endpoint } from "../dispatch/dispatch.ts";
import { isMount, type Mount, pathsOf } from "../dispatch/mount.ts";
import { type SocketEndpoint, socketMethod } from "../dispatch/socket-dispatch.ts";
import type { RoutingSettings } from "./routing-options.ts";

/**
 * Answers for a URL that cannot be built: with a URL, or with `undefined` to let the next handler try. It is given the
 * error, and the name and values that `urlFor` was given.
 */
export type UrlBuildErrorHandler = (
  error: BuildError,
  name: string,
  values: Readonly<Record<string, unknown>>,
) => string | undefined;

/** A route, as it is listed. */
export interface RouteDescription {
  /** The path literal. */
  readonly path: string;
  /** The host literal, if the route is for some hosts only. */
  readonly host?: string;
  /** The name of the route, within its blueprints; its path if it has none. */
  readonly name: string;
  /** Whether it answers requests or WebSockets, or is the place of another application. */
  readonly kind: "http" | "websocket" | "mount";
  /** The methods that it answers. */
  readonly methods: readonly string[];
}

/** The routes of an application: matched by path, and built by name. */
export class Routes {
  /** Matches the paths of requests. */
  readonly router: Router<Endpoint | Mount> = new Router();
  /** Matches the paths of WebSockets. */
  readonly sockets: Router<SocketEndpoint | Mount> = new Router();
  /** The handlers of URLs that cannot be built. */
  readonly buildErrorHandlers: UrlBuildErrorHandler[] = [];
  readonly #names = new RouteNames<Endpoint | SocketEndpoint>();
  readonly #settings: RoutingSettings;

  constructor(settings: RoutingSettings) {
    this.#settings = settings;
  }

  /** The converters of the application's own routes. */
  get converters(): OwnConverters {
    return this.#settings.converters;
  }

  /** The host of the application; `undefined` if it was not told. */
  get serverName(): string | undefined {
    return this.#settings.serverName;
  }

  /**
   * Adds a view.
   *
   * @throws {PathSyntaxError} If its path or its host cannot be read.
   * @throws {EndpointError} If another view has the same name.
   * @throws {SetupError} If it has a subdomain, and the application no server name.
   */
  addView(endpoint: Endpoint, methods: readonly string[], options: ViewOptions, converters: OwnConverters): void {
    const { path, nesting, view } = endpoint;
    const { strictSlashes, mergeSlashes, provideAutomaticOptions } = { ...this.#settings, ...options };
    const { name, defaults, alias, buildOnly } = options;
    const flags = { strictSlashes, mergeSlashes, provideAutomaticOptions, alias, buildOnly };
    const host = this.#hostOf(path, options, converters);
    const route = this.router.add({ path, methods, target: endpoint, key: view, defaults, host, converters, ...flags });
    this.#names.add({ ...route, target: endpoint }, name, nesting.name === "" ? "" : `${nesting.name}.`);
  }

  /**
   * Adds a view of WebSockets.
   *
   * @throws The errors of {@link addView}.
   */
  addSocket(endpoint: SocketEndpoint, options: WebSocketOptions, converters: OwnConverters): void {
    const { path, nesting } = endpoint;
    const { strictSlashes, mergeSlashes } = { ...this.#settings, ...options };
    const { name, defaults } = options;
    const host = this.#hostOf(path, options, converters);
    const place = { path, methods: [socketMethod], target: endpoint, defaults, host, converters };
    const route = this.sockets.add({ ...place, strictSlashes, mergeSlashes, provideAutomaticOptions: false });
    this.#names.add({ ...route, target: endpoint }, name, nesting.name === "" ? "" : `${nesting.name}.`);
  }

  /** Whether there is a view of WebSockets at a path. */
  hasSocketAt(path: string, host: string | undefined): boolean {
    if (this.sockets.routes.length === 0) return false;
    const match = this.sockets.match(socketMethod, path, host);
    return match.kind === "found" && !isMount(match.route.target);
  }

  /** All routes, in the order in which they were added. */
  list(): RouteDescription[] {
    const mounts = new Set<unknown>();
    return [...this.router.routes, ...this.sockets.routes].flatMap((route): RouteDescription[] => {
      const { target, path, methods } = route;
      const host = route.host?.literal;
      const place = { path, ...(host !== undefined && { host }) };
      if (!isMount(target)) {
        const isSocket = "lifetime" in target.settings;
        return [{ ...place, name: target.name, kind: isSocket ? "websocket" : "http", methods: [...methods] } as const];
      }
      // A mount has several paths, and no methods of its own.
      if (mounts.has(target)) return [];
      mounts.add(target);
      return [{ path: `${target.prefix}/`, name: "(mounted)", kind: "mount", methods: [] } as const];
    });
  }

  /** Adds a mounted application. */
  addMount(mount: Mount): void {
    for (const path of pathsOf(mount)) {
      this.router.add({ path, methods: "any", target: mount });
      this.sockets.add({ path, methods: "any", target: mount });
    }
  }

  /**
   * Builds the URL of a route.
   *
   * @param context The current request, if it is one of this application. Names with a dot before them belong to its
   *   blueprint.
   * @param basePath The path under which the application is mounted.
   * @throws {BuildError} If there is no such route, or a value is missing or not one that its parameter can have, and no
   *   handler has a URL for it.
   * @throws {BadRequest} If it must have the host of the request, which says none.
   */
  build(name: string, all: NamedValues, context: RequestContext | undefined, basePath: string): string {
    try {
      return this.#build(absoluteName(name, context?.blueprint), all, new RequestBase(basePath, this.#settings));
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      for (const handler of this.buildErrorHandlers) {
        const url = handler(error, name, all);
        if (url !== undefined) return url;
      }
      throw error;
    }
  }

  #build(name: string, all: NamedValues, base: UrlBase): string {
    const routes = this.#names.routesOf(name);
    const [options, values] = splitUrlOptions(all);
    routes[0]?.target.nesting.addUrlDefaults(name, values);
    return buildUrl(chooseRoute(routes, values, options.method), values, options, base);
  }

  #hostOf(path: string, { host, subdomain }: ViewOptions, converters: OwnConverters): HostPattern | undefined {
    if (host !== undefined) return parseHost(host, converters);
    if (subdomain === undefined) return undefined;
    const { serverName } = this.#settings;
    if (serverName === undefined) {
      throw new SetupError(`Cannot route '${path}' to subdomain '${subdomain}' as the application has no 'serverName'`);
    }
    return parseHost(subdomain === "" ? serverName : `${subdomain}.${serverName}`, converters, true);
  }
}

/** The place from which URLs lead: the current request, or none. Its headers are read only if a URL has a host. */
class RequestBase implements UrlBase {
  readonly basePath: string;
  readonly #settings: RoutingSettings;
  readonly #request: HttpRequest | undefined = currentRequestContext()?.request;

  constructor(basePath: string, settings: RoutingSettings) {
    this.basePath = basePath;
    this.#settings = settings;
  }

  get scheme(): string {
    return this.#request?.scheme ?? this.#settings.preferredUrlScheme;
  }

  get requestHost(): string | undefined {
    return this.#request?.headers.get("host");
  }

  requireHost(): string {
    const { serverName } = this.#settings;
    if (serverName !== undefined) return serverName;
    if (this.#request === undefined) {
      throw new BuildError(`Cannot build an external URL as outside a request the option 'serverName' is needed`);
    }
    const { requestHost } = this;
    if (requestHost !== undefined && isHost(requestHost)) return requestHost;
    // The client's mistake, not the application's.
    throw new BadRequest("The request does not say for which host it is.");
  }
}

function absoluteName(name: string, blueprint: string | undefined): string {
  if (!name.startsWith(".")) return name;
  if (blueprint === undefined) {
    throw new BuildError(`Cannot build a URL as a name with a dot before it needs a current request: there is none`);
  }
  return blueprint === "" ? name.slice(1) : blueprint + name;
}
