import { BuildError, type UrlValues } from "../routing/build-path.ts";
import type { ViewOptions } from "../routing/route.ts";
import { RouteNames } from "../routing/route-names.ts";
import { Router } from "../routing/router.ts";
import type { WebSocketOptions } from "../websocket/web-socket-options.ts";
import type { Endpoint } from "./dispatch.ts";
import { type Mount, pathsOf } from "./mount.ts";
import { type SocketEndpoint, socketMethod } from "./socket-dispatch.ts";

/** The routes of an application: matched by path, and built by name. */
export class Routes {
  /** Matches the paths of requests. */
  readonly router: Router<Endpoint | Mount> = new Router();
  /** Matches the paths of WebSockets. */
  readonly sockets: Router<SocketEndpoint | Mount> = new Router();
  readonly #names = new RouteNames();

  /**
   * Adds a view.
   *
   * @throws {PathSyntaxError} If its path cannot be read.
   * @throws {EndpointError} If another view has the same name.
   */
  addView(endpoint: Endpoint, methods: readonly string[], { name, strictSlashes }: ViewOptions): void {
    const { path, nesting } = endpoint;
    const route = this.router.add({ path, methods, target: endpoint, strictSlashes });
    this.#names.add({ ...route, target: endpoint }, name, nesting.name === "" ? "" : `${nesting.name}.`);
  }

  /**
   * Adds a view of WebSockets.
   *
   * @throws The errors of {@link addView}.
   */
  addSocket(endpoint: SocketEndpoint, { name, strictSlashes }: WebSocketOptions): void {
    const { path, nesting } = endpoint;
    const route = this.sockets.add({ path, methods: [socketMethod], target: endpoint, strictSlashes });
    this.#names.add({ ...route, target: endpoint }, name, nesting.name === "" ? "" : `${nesting.name}.`);
  }

  /** Whether there is a view of WebSockets at a path. */
  hasSocketAt(path: string): boolean {
    if (this.sockets.routes.length === 0) return false;
    const match = this.sockets.match(socketMethod, path);
    return match.kind === "found" && "settings" in match.route.target;
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
   * @param blueprint The blueprint of the current request, to which names with a dot before them belong; `undefined` if
   *   there is no current request.
   * @throws {BuildError} If there is no such route, or a value is missing or not one that its parameter can have.
   */
  build(name: string, blueprint: string | undefined, values: UrlValues): string {
    return this.#names.build(absoluteName(name, blueprint), values);
  }
}

function absoluteName(name: string, blueprint: string | undefined): string {
  if (!name.startsWith(".")) return name;
  if (blueprint === undefined) {
    throw new BuildError(`Cannot build a URL as a name with a dot before it needs a current request: there is none`);
  }
  return blueprint === "" ? name.slice(1) : blueprint + name;
}
