/**
 * Listens by `node:http`, and makes exchanges of what arrives:
 *
 *     socket ── Connection ──┬── request ──> findFault ── NodeExchange ──> onExchange
 *                            ├── upgrade ──> a WebSocket ──> onWebSocket; else as a request
 *                            └── clientError, CONNECT, Expect ──> refuse ──> onRefused
 *
 * Three things cannot be told from what `node:http` reports, as it gives neither the bytes of a head nor what its parser
 * drops: more than one blank in a request line is read as one; a request line of HTTP/0.9, which has no version, is waited
 * on like any other half head; and what is sent in one piece behind a request with a body that asks for an upgrade is lost,
 * so the connection is closed after such a request.
 */

import type { IncomingMessage, Server as HttpServer, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Event } from "../../asyncio/index.ts";
import { http } from "../../base/node.ts";
import { noop } from "../../base/noop.ts";
import { findHeader } from "../../http/index.ts";
import { findFault, type RequestHead } from "../check-head.ts";
import { Connection } from "./connection.ts";
import { pauseFor } from "../look-pause.ts";
import { hasVanished } from "../listening/has-vanished.ts";
import { listenAt } from "../listening/listen-at.ts";
import type { Listener, ListenerHooks, ServerAddress } from "../listener.ts";
import { tellClosed, tellOpened } from "../logs/server-channels.ts";
import { hasBody, NodeExchange, type NodeExchangeHost, type NodeExchangeOptions } from "./exchange.ts";
import type { ClientError, Refusal } from "../refusal.ts";
import type { ServeSettings } from "../serve-options.ts";
import { asksForWebSocket, findHandshakeFault } from "../websocket/handshake.ts";
import { SocketHold } from "./socket-hold.ts";

const badExpectation: Refusal = { status: 417, reason: "the only Expect here is 100-continue" };
const badUpgrade: Refusal = { status: 501, reason: "a request that asks for an upgrade has no body here" };
const badMethod: Refusal = { status: 501, reason: "CONNECT is for proxies" };

/** A server by `node:http`, its sockets and its limits. */
export class NodeListener implements Listener {
  readonly #settings: ServeSettings;
  readonly #hooks: ListenerHooks;
  readonly #http: HttpServer;
  readonly #host: NodeExchangeHost;
  readonly #connections = new Map<Socket, Connection>();
  readonly #unbound = new Event({ name: "server port" });
  readonly #unconnected = new Event({ name: "server connections" });
  #watch: NodeJS.Timeout | undefined;
  #hasListened = false;

  constructor(settings: ServeSettings, hooks: ListenerHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#host = {
      bodyBuffer: settings.bodyBuffer,
      discardLimit: 8 * settings.bodyBuffer,
      get draining() {
        return hooks.isDraining();
      },
    };
    this.#http = http().createServer(toHttpOptions(settings));
    this.#listenToHttp();
  }

  /** The count of open connections. */
  get size(): number {
    return this.#connections.size;
  }

  /**
   * Begins to listen.
   *
   * @throws {ListenError} If the system refuses.
   */
  async listen(): Promise<readonly ServerAddress[]> {
    const { binds, socketMode } = this.#settings;
    const address = await listenAt(this.#http, binds[0]!, socketMode);
    this.#hasListened = true;
    this.#watchWrites();
    return [{ ...address, scheme: "http" }];
  }

  /** Accepts no more connections, and closes those on which nothing runs, unless `keepsIdle`; then a second call does. */
  stopAccepting(keepsIdle = false): void {
    if (this.#http.listening) this.#http.close(() => this.#unbound.set());
    if (keepsIdle) return;
    for (const connection of this.#connections.values()) connection.closeWhenIdle();
  }

  /** Cancels the requests that are running. */
  cancel(reason: Error): void {
    for (const connection of this.#connections.values()) connection.cancel(reason);
  }

  /** Cuts every connection and waits until all are closed. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    for (const connection of this.#connections.values()) connection.cut("the server is shutting down");
    if (!this.#hasListened) return;
    await this.#unbound.wait();
    while (this.#connections.size > 0) {
      this.#unconnected.clear();
      await this.#unconnected.wait();
    }
  }

  #listenToHttp(): void {
    const server = this.#http;
    server.on("connection", (socket) => {
      if (hasVanished(socket)) socket.destroy();
      else this.#connectionOf(socket);
    });
    server.on("request", (request, response) => this.#requested(request, response));
    server.on("checkContinue", (request, response) => this.#requested(request, response, { awaitsContinue: true }));
    server.on("checkExpectation", (request) => this.#refuse(request, badExpectation));
    server.on("connect", (request, socket: Socket) => {
      this.#refuse(request, badMethod);
      socket.resume();
    });
    server.on("upgrade", (request, socket: Socket, head) => this.#upgradeAsked(request, socket, head));
    server.on("clientError", (error: ClientError, socket: Socket) => this.#connectionOf(socket).fail(error));
    server.on("timeout", (socket: Socket) => this.#connectionOf(socket).closeIfUnused());
    // Called by `close()`. Node's own closes a connection whose response is still being sent.
    server.closeIdleConnections = noop;
  }

  #connectionOf(socket: Socket): Connection {
    const known = this.#connections.get(socket);
    if (known !== undefined) return known;
    const connection = new Connection(socket, this.#hooks.onRefused);
    this.#connections.set(socket, connection);
    tellOpened(connection);
    socket.on("close", () => this.#disconnected(socket, connection));
    return connection;
  }

  #disconnected(socket: Socket, connection: Connection): void {
    this.#connections.delete(socket);
    tellClosed(connection);
    if (this.#connections.size === 0) this.#unconnected.set();
  }

  #requested(request: IncomingMessage, response: ServerResponse, options?: NodeExchangeOptions): void {
    const head = headOf(request);
    const fault = findFault(head) ?? this.#upgradeFault(head);
    if (fault !== undefined) return this.#refuse(request, fault);
    const connection = this.#connectionOf(request.socket);
    if (connection.isRefusing) return void request.resume();
    const isLast = hasBody(request.rawHeaders) && findHeader(request.rawHeaders, "upgrade") !== undefined;
    this.#hooks.onExchange(new NodeExchange(request, response, connection, this.#host, { isLast, ...options }));
  }

  #refuse(request: IncomingMessage, refusal: Refusal): void {
    const { method, target } = headOf(request);
    this.#connectionOf(request.socket).refuse({ ...refusal, method, target });
    // Read and dropped: a connection that is closed with unread bytes is reset, and its client may lose the answer.
    request.resume();
  }

  // A request for a WebSocket that is not an upgrade, as it has no `Connection: Upgrade`, or has a body.
  #upgradeFault(head: RequestHead): Refusal | undefined {
    return this.#asksForWebSocket(head) ? findHandshakeFault(head) : undefined;
  }

  #asksForWebSocket(head: RequestHead): boolean {
    return this.#hooks.takesWebSockets() && asksForWebSocket(head);
  }

  /**
   * Serves a request for a WebSocket, if the application takes them, and any other that asks for an upgrade as an ordinary
   * one. Node's parser stops behind such a request, so its socket
   * is taken over, and begins anew as a connection of `node:http` once the response has left.
   */
  #upgradeAsked(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const connection = this.#connectionOf(socket);
    // Node 24.8 and earlier do not ask whether to upgrade, and give the body away with the socket.
    if (hasBody(request.rawHeaders)) this.#refuse(request, badUpgrade);
    const hold = new SocketHold(socket, head);
    connection.whenIdle(() => {
      const requestHead = headOf(request);
      if (this.#asksForWebSocket(requestHead) && findFault(requestHead) === undefined) {
        hold.release();
        return this.#webSocketAsked(requestHead, socket, connection);
      }
      const response = hold.respondTo(request);
      const isLast = /\bclose\b/i.test(request.headers.connection ?? "");
      this.#requested(request, response, { isLast });
      connection.whenIdle(() => {
        hold.release();
        this.#http.emit("connection", socket);
        socket.resume();
      });
    });
  }

  #webSocketAsked(head: RequestHead, socket: Socket, connection: Connection): void {
    // The bytes behind the head are the next that the socket gives.
    const firstBytes = Buffer.alloc(0);
    const request = { head, socket, firstBytes, scheme: "ws", peer: connection.peer } as const;
    connection.upgrade(this.#hooks.onWebSocket(request));
  }

  #watchWrites(): void {
    const { writeTimeout } = this.#settings;
    if (writeTimeout === Infinity) return;
    const pause = pauseFor(writeTimeout);
    const looks = Math.ceil(writeTimeout / pause) + 1;
    this.#watch = setInterval(() => {
      for (const connection of this.#connections.values()) connection.cutIfStalled(looks, writeTimeout);
    }, pause).unref();
  }
}

function headOf({ method = "-", url = "-", httpVersion, rawHeaders }: IncomingMessage): RequestHead {
  return { method, target: url, httpVersion, rawHeaders };
}

/** The options of `node:http`, which knows whole milliseconds, and 0 where there is no limit. */
function toHttpOptions({ keepAliveTimeout, headersTimeout, requestTimeout }: ServeSettings): ServerOptions {
  const whole = (ms: number): number => (ms === Infinity ? 0 : Math.ceil(ms));
  return {
    keepAliveTimeout: whole(keepAliveTimeout),
    keepAliveTimeoutBuffer: 0,
    headersTimeout: whole(headersTimeout),
    requestTimeout: whole(requestTimeout),
    connectionsCheckingInterval: pauseFor(Math.min(headersTimeout, requestTimeout)),
    // What Node refuses by itself is not told to the access log.
    requireHostHeader: false,
    shouldUpgradeCallback: (request: IncomingMessage) => !hasBody(request.rawHeaders),
  };
}
