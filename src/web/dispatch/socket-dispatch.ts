/**
 * The life of a WebSocket in an application, from top to bottom:
 *
 *     route ── Origin ── beforeWebsocket ── view ──┬── not accepted ── afterWebsocket ── response ──┬── teardownWebsocket
 *                                │           │     └── accepted ────── afterWebsocket ── Close ─────┘
 *                                └── error ──┴── error handler: its response before, its status after
 *
 * The handlers of errors are those of requests. After the WebSocket is accepted no response can be sent, so only its status
 * counts: up to 499 the client is closed with 1008, from 500 on with 1011. What answers the request, be it the acceptance or
 * a response, gets the headers of finishers, such as the cookie of a session.
 */

import { moveOnAfter } from "../../asyncio/index.ts";
import {
  isRequestOver,
  passWebSocket,
  splitTarget,
  type WebSocketConnection,
  WrappedWebSocket,
} from "../../http/index.ts";
import type { HTTPError } from "../errors/http-error.ts";
import { BadRequest, Forbidden, NotFound, type ServiceUnavailable } from "../errors/statuses.ts";
import { answerError } from "../failure/answer-error.ts";
import { currentContext, type RequestContext } from "../message/context.ts";
import { sendResponse, toResponse } from "../message/from-result.ts";
import { HttpRequest } from "../message/http-request.ts";
import type { HttpResponse } from "../message/http-response.ts";
import type { RequestLimit } from "../routing/route.ts";
import type { Router } from "../routing/router.ts";
import { isOriginAllowed } from "../websocket/check-origin.ts";
import { HandshakeExchange } from "../websocket/handshake-exchange.ts";
import { HttpWebSocket } from "../websocket/http-web-socket.ts";
import { closeFor, isClosing, lifetimeOver } from "../websocket/close-codes.ts";
import { SocketContext } from "../websocket/socket-context.ts";
import type { AnyWebSocketView } from "../websocket/socket-hooks.ts";
import type { WebSocketSettings } from "../websocket/web-socket-options.ts";
import { answerInTime, type Deadline, report, type TimedRequest } from "./deadline.ts";
import type { Dispatching } from "./dispatch.ts";
import { FinishingWebSocket } from "./finishing-web-socket.ts";
import { matchRequest, preprocessUrlValues, type RequestRoute } from "./match-request.ts";
import { basePathOf, type Mount, mountedExchange } from "./mount.ts";
import type { Nesting, SocketChain } from "./nesting.ts";
import { answerUnrouted } from "./unrouted.ts";
import { tearDown } from "./tear-down.ts";

/** A view that a route for WebSockets leads to. */
export interface SocketEndpoint {
  /** The path of the route. */
  readonly path: string;
  /** The name of the route, with those of its blueprints before it; its path if it has none. */
  readonly name: string;
  readonly view: AnyWebSocketView;
  /** The application and the blueprints around the view. */
  readonly nesting: Nesting;
  /** The limit until it is accepted. */
  readonly limit: RequestLimit;
  readonly settings: WebSocketSettings;
}

/** Routes for WebSockets have this method; no request has it there. */
export const socketMethod = "WEBSOCKET";

/**
 * Serves a WebSocket.
 *
 * @throws The error that no handler answered; a response has been sent then, if that was possible.
 */
export function dispatchSocket(
  app: Dispatching,
  sockets: Router<SocketEndpoint | Mount>,
  connection: WebSocketConnection,
): Promise<void> {
  return new SocketDispatch(app, sockets, connection).run();
}

class SocketDispatch implements TimedRequest {
  readonly request: HttpRequest;
  readonly #app: Dispatching;
  readonly #connection: WebSocketConnection;
  readonly #exchange: HandshakeExchange;
  readonly #route: RequestRoute<SocketEndpoint>;
  readonly #socket: HttpWebSocket;
  readonly #context: SocketContext;
  readonly #chain: SocketChain;
  #haveHooksFailed = false;
  #onAccept: (() => void) | undefined;

  constructor(app: Dispatching, sockets: Router<SocketEndpoint | Mount>, inner: WebSocketConnection) {
    const connection = new FinishingWebSocket(inner, () => this.#context.finishers);
    const { path: encoded, query } = splitTarget(connection.target);
    const exchange = new HandshakeExchange(connection);
    const { rawHeaders } = connection;
    const asked = { method: socketMethod, rawHeaders };
    const route = matchRequest<SocketEndpoint>(sockets, asked, encoded, app.checkHost);
    const { path, endpoint, values } = route;
    const nesting = endpoint?.nesting ?? app.nesting;
    this.#app = app;
    this.#connection = connection;
    this.#exchange = exchange;
    this.#route = route;
    this.#chain = nesting.socketChain;
    this.request = new HttpRequest(exchange, path, query, app.settings, endpoint, values);
    this.#socket = new HttpWebSocket(connection, this.request, () => this.#onAccept?.());
    const basePath = basePathOf(exchange);
    this.#context = new SocketContext(app.info, this.#socket, nesting.name, basePath, endpoint?.view);
    currentContext.set(this.#context);
  }

  async run(): Promise<void> {
    try {
      await this.#serveWithinLimit();
    } catch (error) {
      await this.#tearDown(error);
      throw error;
    }
    await this.#tearDown(undefined);
  }

  #serveWithinLimit(): Promise<void> {
    const { ms } = this.#route.endpoint?.limit ?? this.#app.limit;
    return ms === Infinity ? this.answer() : answerInTime(this, { ms, until: "begun" });
  }

  get responded(): boolean {
    return this.#connection.responded;
  }

  async answer(deadline?: Deadline): Promise<void> {
    try {
      const { mount, endpoint, values } = this.#route;
      await this.#checkOrigin();
      preprocessUrlValues(this.#chain.urlValues, endpoint, values);
      const early = await this.#runBeforeHooks();
      if (early === undefined && mount !== undefined) return await this.#passToMount(mount);
      const result = early ?? (await this.#callView());
      if (deadline?.isExceeded !== true) await this.#conclude(result);
    } catch (error) {
      if (deadline?.isExceeded === true) throw error;
      await this.#recover(error);
    }
  }

  async #checkOrigin(): Promise<void> {
    if (this.#route.endpoint === undefined) return;
    if (await isOriginAllowed(this.request, this.#route.endpoint.settings.origins)) return;
    throw new Forbidden("Pages of this origin may not open a WebSocket here.");
  }

  async #runBeforeHooks(): Promise<unknown> {
    for (const hook of this.#chain.before) {
      const result = await hook(this.#socket);
      if (result !== undefined) return result;
    }
    return undefined;
  }

  /** Calls the view, or answers in its place if there is no route. */
  async #callView(): Promise<unknown> {
    const { match } = this.#route;
    if (match.kind === "failed") throw match.error;
    if (match.kind === "found") return await this.#callWithinLifetime(match.values);
    const { path, query } = this.request;
    if (match.kind === "missing") throw this.#missing(path);
    return answerUnrouted(match, "GET", path, query, this.#context.basePath);
  }

  async #callWithinLifetime(values: object): Promise<unknown> {
    const { view, settings } = this.#route.endpoint as SocketEndpoint;
    const call = (): unknown => view(values as never, this.#socket);
    if (settings.lifetime === Infinity) return call();
    const over = Symbol("over");
    const result = await moveOnAfter<unknown>(Infinity, async (limit) => {
      this.#onAccept = () => limit.reschedule(settings.lifetime);
      const value = await call();
      return limit.expired ? undefined : (value ?? over);
    });
    if (result === undefined) await this.#connection.close(...lifetimeOver);
    return result === over ? undefined : result;
  }

  #missing(path: string): HTTPError {
    const { kind } = this.#app.router.match("GET", path, this.request.headers.get("host"));
    return kind === "missing" ? new NotFound() : new BadRequest("This address answers no WebSockets.");
  }

  /** Hands the WebSocket to the mounted application. */
  async #passToMount({ application, prefix }: Mount): Promise<void> {
    const { target, basePath = "" } = mountedExchange(this.#exchange, prefix, this.request.path);
    try {
      await passWebSocket(application, new WrappedWebSocket(this.#connection, { target, basePath }));
    } finally {
      // The other application has set its own.
      currentContext.set(this.#context);
    }
  }

  /** The view has ended. The server closes the WebSocket if it is open. */
  async #conclude(result: unknown): Promise<void> {
    if (this.responded) await this.#runAfterHooks(undefined);
    else if (result === undefined) throw new Forbidden("This address did not accept the WebSocket.");
    else await this.#refuse(toResponse(result));
  }

  async #refuse(response: HttpResponse): Promise<void> {
    const changed = this.#haveHooksFailed ? response : await this.#runAfterHooks(response);
    await sendResponse(this.#exchange, changed ?? response);
  }

  async #runAfterHooks(response: HttpResponse | undefined): Promise<HttpResponse | undefined> {
    let current = response;
    try {
      for (const hook of (response && this.#context.afterThis) ?? []) {
        current = (await hook(current as HttpResponse, this.request)) ?? current;
      }
      for (const hook of this.#chain.after) current = (await hook(current, this.#socket)) ?? current;
    } catch (error) {
      // The hooks do not see the answer to that.
      this.#haveHooksFailed = true;
      throw error;
    }
    return current;
  }

  /**
   * Answers an error, if that is still possible.
   *
   * @throws The error, if it was not handled or cannot be answered.
   */
  async #recover(thrown: unknown): Promise<void> {
    if (isRequestOver(thrown)) throw thrown;
    if (isClosing(thrown, this.#connection)) return void (await this.#runAfterHooks(undefined));
    if (this.responded && !this.#socket.accepted) throw thrown;
    const { response, failure } = await answerError(thrown, this.#context as RequestContext, this.#chain.handlers);
    // A failure is thrown on, and the server closes with 1011.
    if (!this.responded) await this.#refuse(response);
    else if (failure === undefined) await this.#closeFor(thrown, response.status);
    if (failure !== undefined) throw failure.error;
  }

  async #closeFor(thrown: unknown, status: number): Promise<void> {
    if (!this.#haveHooksFailed) await this.#runAfterHooks(undefined);
    await this.#connection.close(...closeFor(thrown, status));
  }

  async answerLate(unavailable: ServiceUnavailable): Promise<void> {
    if (this.responded) return;
    const { response, failure } = await answerError(unavailable, this.#context as RequestContext, this.#chain.handlers);
    if (failure !== undefined) report(this.request, "Error at the deadline", failure.error);
    await this.#refuse(response);
  }

  async #tearDown(error: unknown): Promise<void> {
    if (this.#chain.teardown.length === 0) return;
    await tearDown(this.#chain.teardown, [error, this.#socket], this.request, "teardownWebsocket");
  }
}
