/**
 * Listens by `node:net`, and hands each socket to a connection of our own engine. One timer looks after the time limits of
 * all connections: a timer for each request would cost more than the request's head.
 */

import type { Server, Socket } from "node:net";
import { Event } from "../asyncio/index.ts";
import { net } from "../base/node.ts";
import { Http1Connection, type Http1Host } from "./http1/connection.ts";
import { listenAt } from "./listen-at.ts";
import type { Listener, ListenerHooks, ServerAddress } from "./listener.ts";
import { pauseFor } from "./look-pause.ts";
import type { ServedConnection } from "./served-connection.ts";
import type { ServeSettings } from "./serve-options.ts";

/** A server by our own engine, its sockets and its limits. */
export class EngineListener implements Listener {
  readonly #settings: ServeSettings;
  readonly #server: Server;
  readonly #pause: number;
  readonly #host: Http1Host & { now: number };
  readonly #connections = new Set<ServedConnection>();
  readonly #unbound = new Event({ name: "server port" });
  readonly #unconnected = new Event({ name: "server connections" });
  #watch: NodeJS.Timeout | undefined;
  #hasListened = false;

  constructor(settings: ServeSettings, hooks: ListenerHooks) {
    this.#settings = settings;
    this.#pause = pauseOf(settings);
    this.#host = hostOf(settings, hooks, this.#pause);
    this.#server = net().createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accepted(socket));
  }

  /** The count of open connections. */
  get size(): number {
    return this.#connections.size;
  }

  async listen(): Promise<ServerAddress> {
    const { host, port } = this.#settings;
    const address = await listenAt(this.#server, host, port);
    this.#hasListened = true;
    return address;
  }

  stopAccepting(): void {
    if (!this.#server.listening) return;
    this.#server.close(() => this.#unbound.set());
    for (const connection of this.#connections) connection.closeWhenIdle();
  }

  cancel(reason: Error): void {
    for (const connection of this.#connections) connection.cancel(reason);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.cut("the server is shutting down");
    if (!this.#hasListened) return;
    await this.#unbound.wait();
    while (this.#connections.size > 0) {
      this.#unconnected.clear();
      await this.#unconnected.wait();
    }
  }

  #accepted(socket: Socket): void {
    if (this.#connections.size === 0) this.#startWatch();
    const connection = new Http1Connection(socket, this.#host);
    this.#connections.add(connection);
    socket.on("close", () => this.#disconnected(connection));
  }

  #disconnected(connection: ServedConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    clearInterval(this.#watch);
    this.#unconnected.set();
  }

  #startWatch(): void {
    let last = performance.now();
    this.#watch = setInterval(() => {
      const now = performance.now();
      // Time in which this process was busy is not held against the clients.
      this.#host.now += Math.min(now - last, 2 * this.#pause);
      last = now;
      for (const connection of this.#connections) connection.look();
    }, this.#pause).unref();
  }
}

function pauseOf({ headersTimeout, requestTimeout, keepAliveTimeout, writeTimeout }: ServeSettings): number {
  return pauseFor(Math.min(headersTimeout, requestTimeout, keepAliveTimeout, writeTimeout));
}

function hostOf(settings: ServeSettings, hooks: ListenerHooks, pause: number): Http1Host & { now: number } {
  const { bodyBuffer, headersTimeout, requestTimeout, keepAliveTimeout, writeTimeout } = settings;
  return {
    hooks,
    scheme: "http",
    limits: { requestLine: 8_192, headSize: 16_384, headerCount: 100, chunkExtensions: 16_384 },
    bodyBuffer,
    discardLimit: 8 * bodyBuffer,
    headersTimeout,
    requestTimeout,
    keepAliveTimeout,
    writeTimeout,
    looksPerWrite: Math.ceil(writeTimeout / pause) + 1,
    requestsPerConnection: Infinity,
    keepAliveLines: keepAliveLines(keepAliveTimeout),
    now: 0,
    pause,
  };
}

// A client that knows for how long a connection is kept does not send its next request into one that is being closed.
function keepAliveLines(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 1 || ms === Infinity) return "Connection: keep-alive\r\n";
  return `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
}
