import { cannot, wrongType } from "../../base/refusal.ts";
import type { CheckedPrefix } from "../routing/path-types.ts";
import { checkPrefix, parsePath, PathSyntaxError } from "../routing/path-pattern.ts";
import { Nesting } from "./nesting.ts";
import { type RegisterOptions, Registrar } from "./registrar.ts";
import type { ViewOptions } from "../routing/route.ts";
import { SetupError } from "../errors/setup-error.ts";
import {
  type AfterWebSocket,
  type AnyWebSocketView,
  type BeforeWebSocket,
  SocketHooks,
  type TeardownWebSocket,
} from "../websocket/socket-hooks.ts";
import { checkWebSocketOptions, type WebSocketOptions } from "../websocket/web-socket-options.ts";
import type { AnyView } from "./view.ts";

/** Options of a blueprint. */
export interface BlueprintOptions<Prefix extends string> {
  /**
   * The beginning of the paths of its routes: `/todos`, `/<org>/todos`. The views get its parameters with their own.
   * @default ""
   */
  readonly prefix?: CheckedPrefix<Prefix>;
}

/** @internal A route of a blueprint, where it is registered. */
export interface BlueprintRoute {
  readonly path: string;
  readonly methods: readonly string[];
  readonly options: ViewOptions;
  readonly view: AnyView;
  readonly nesting: Nesting;
}

type OwnRoute = Omit<BlueprintRoute, "nesting">;

/** @internal A route for WebSockets of a blueprint, where it is registered. */
export interface BlueprintSocket {
  readonly path: string;
  readonly options: WebSocketOptions;
  readonly view: AnyWebSocketView;
  readonly nesting: Nesting;
}

/** @internal The routes of a blueprint and of those in it, where it is registered. */
export interface FlatBlueprint {
  readonly routes: readonly BlueprintRoute[];
  readonly sockets: readonly BlueprintSocket[];
  /** Its hooks for all WebSockets of the application. */
  readonly appHooks: readonly SocketHooks[];
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
export class Blueprint<const Prefix extends string = ""> extends Registrar<Prefix> {
  /** The beginning of the names of its routes. */
  readonly name: string;
  /** The beginning of the paths of its routes. */
  readonly prefix: string;
  readonly #routes: OwnRoute[] = [];
  readonly #sockets: Omit<BlueprintSocket, "nesting">[] = [];
  readonly #appHooks = new SocketHooks();
  readonly #children = new Map<string, [Blueprint<string>, RegisterOptions]>();
  #isRegistered = false;

  /**
   * @throws {SetupError} If the name is empty, or has a dot in it.
   * @throws {PathSyntaxError} If the prefix cannot be read, or ends with a slash.
   */
  constructor(name: string, options: BlueprintOptions<Prefix> = {}) {
    super();
    this.name = checkName(name);
    this.prefix = options.prefix ?? "";
    if (this.prefix !== "") checkPrefix(this.prefix);
  }

  override register(blueprint: Blueprint<string>, options: RegisterOptions = {}): void {
    this.checkSetup("register");
    if (blueprint.contains(this)) {
      throw new SetupError(`Cannot register blueprint '${blueprint.name}' in itself`);
    }
    const name = checkRegistration(blueprint, options);
    if (this.#children.has(name)) throw nameTaken(name);
    this.#children.set(name, [blueprint, options]);
  }

  /** @internal Whether `other` is registered in it, at any depth, or is the same. */
  contains(other: unknown): boolean {
    return this === other || this.#children.values().some(([child]) => child.contains(other));
  }

  /** @internal All its routes and those of blueprints in it, as they are within `outer`. It is complete from now on. */
  flatten(outer: Nesting, outerPrefix: string, options: RegisterOptions): FlatBlueprint {
    this.#isRegistered = true;
    const own = options.name ?? this.name;
    const nesting = new Nesting(
      outer.name === "" ? own : `${outer.name}.${own}`,
      this.hooks,
      this.errorHandlers,
      outer,
    );
    const prefix = outerPrefix + (options.prefix ?? "") + this.prefix;
    const children = [...this.#children.values()].map(([child, registration]) =>
      child.flatten(nesting, prefix, registration),
    );
    const place = <Route extends { readonly path: string }>(route: Route): Route & { nesting: Nesting } => ({
      ...route,
      path: prefix + route.path,
      nesting,
    });
    return {
      routes: [...this.#routes.map(place), ...children.flatMap(({ routes }) => routes)],
      sockets: [...this.#sockets.map(place), ...children.flatMap(({ sockets }) => sockets)],
      appHooks: [this.#appHooks, ...children.flatMap(({ appHooks }) => appHooks)],
    };
  }

  /**
   * Registers a function to run before each WebSocket of the application, as if it were registered on the application.
   *
   * @throws {SetupError} If it is too late.
   */
  beforeAppWebsocket(fn: BeforeWebSocket): void {
    this.registerHook("beforeAppWebsocket", this.#appHooks.before, fn);
  }

  /**
   * Registers a function to run after the view of each WebSocket of the application, as if it were registered on the
   * application.
   *
   * @throws {SetupError} If it is too late.
   */
  afterAppWebsocket(fn: AfterWebSocket): void {
    this.registerHook("afterAppWebsocket", this.#appHooks.after, fn);
  }

  /**
   * Registers a function to run when each WebSocket of the application is over, as if it were registered on the
   * application.
   *
   * @throws {SetupError} If it is too late.
   */
  teardownAppWebsocket(fn: TeardownWebSocket): void {
    this.registerHook("teardownAppWebsocket", this.#appHooks.teardown, fn);
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
    parsePath(this.prefix + path);
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
 * @throws {PathSyntaxError} If the prefix cannot be read, ends with a slash or has a parameter.
 */
export function checkRegistration(blueprint: Blueprint<string>, { name, prefix = "" }: RegisterOptions): string {
  if (!(blueprint instanceof Blueprint)) {
    throw wrongType("register", "'blueprint' must be a Blueprint", blueprint);
  }
  if (prefix !== "" && checkPrefix(prefix)) {
    throw new PathSyntaxError(prefix, "only the prefix of a blueprint's constructor has parameters");
  }
  return name === undefined ? blueprint.name : checkName(name);
}

/** @internal */
export function nameTaken(name: string): SetupError {
  return new SetupError(`Cannot register the blueprint as there is one of its name: give it another, not '${name}'`);
}

function checkName(name: string): string {
  if (typeof name === "string" && name !== "" && !name.includes(".")) return name;
  throw new SetupError(cannot("name a blueprint or a route", "its name must be text without dots", name));
}
