/**
 * Listens by `node:net` and `node:tls`, and hands each socket to a connection of our own engine. One timer looks after the
 * time limits of all connections: a timer for each request would cost more than the request's head.
 */

import type { Server, Socket } from "node:net";
import type { Server as TlsServer, TLSSocket } from "node:tls";
import { callExceptionHandler, Event } from "../asyncio/index.ts";
import { noop } from "../base/noop.ts";
import { net, tls } from "../base/node.ts";
import { type Clock, Http1Connection, type Http1Host } from "./http1/connection.ts";
import { Http2Connection, type Http2Hooks } from "./http2/connection.ts";
import { checkHttp2Options, type Http2Settings } from "./http2/options.ts";
import { DescriptorWatch } from "./listening/descriptor-watch.ts";
import { hasVanished } from "./listening/has-vanished.ts";
import { listenAt } from "./listening/listen-at.ts";
import { TlsFiles } from "./listening/tls-files.ts";
import type { Listener, ListenerHooks, ServerAddress } from "./listener.ts";
import { type Connected, tellClosed, tellOpened } from "./logs/server-channels.ts";
import { pauseFor } from "./look-pause.ts";
import { peerOf } from "./peer-of.ts";
import { formatRefusal, lingerTime, refusedEntry } from "./refusal.ts";
import type { ServedConnection } from "./served-connection.ts";
import type { ServeSettings } from "./serve-options.ts";
import type { WebSocketRequest } from "./websocket/handshake-exchange.ts";

/** A server by our own engine, its sockets and its limits. */
export class EngineListener implements Listener {
  readonly #settings: ServeSettings;
  readonly #hooks: ListenerHooks;
  readonly #servers: Server[] = [];
  readonly #clock: Clock & { now: number };
  readonly #host: Http1Host;
  /** Nothing, if HTTP/2 is not spoken. */
  readonly #http2: { readonly settings: Http2Settings; readonly hooks: Http2Hooks } | undefined;
  readonly #connections = new Map<Socket, ServedConnection>();
  /** All sockets, those included on which TLS is being set up. */
  readonly #sockets = new Set<Socket>();
  readonly #unbound = new Event({ name: "server port" });
  readonly #unconnected = new Event({ name: "server connections" });
  readonly #descriptors = new DescriptorWatch();
  #certificates: TlsFiles | undefined;
  #bound = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(settings: ServeSettings, hooks: ListenerHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#clock = { now: 0, pause: pauseOf(settings) };
    const { http2 } = settings;
    if (http2 !== false) this.#http2 = { settings: checkHttp2Options(http2, settings), hooks: http2Hooks(hooks) };
    this.#host = hostOf(
      settings,
      hooks,
      this.#clock,
      http2 === false ? undefined : (socket) => this.#begunHttp2(socket),
    );
  }

  get size(): number {
    return this.#sockets.size;
  }

  async listen(): Promise<readonly ServerAddress[]> {
    const { binds, socketMode, tls: options } = this.#settings;
    if (options !== undefined) this.#certificates = new TlsFiles(options, (context) => this.#renew(context));
    const addresses: ServerAddress[] = [];
    for (const bind of binds) {
      const server = bind.isSecure ? this.#makeSecure(this.#certificates!) : this.#makePlain();
      const address = await listenAt(server, bind, socketMode);
      this.#servers.push(server);
      this.#bound++;
      addresses.push({ ...address, scheme: bind.isSecure ? "https" : "http" });
    }
    this.#certificates?.watch();
    return addresses;
  }

  stopAccepting(keepsIdle = false): void {
    for (const server of this.#servers.splice(0)) server.close(() => this.#closed());
    if (keepsIdle) return;
    for (const connection of this.#connections.values()) connection.closeWhenIdle();
    this.#certificates?.close();
  }

  cancel(reason: Error): void {
    for (const connection of this.#connections.values()) connection.cancel(reason);
  }

  async close(): Promise<void> {
    this.stopAccepting();
    for (const connection of this.#connections.values()) connection.cut("the server is shutting down");
    for (const socket of this.#sockets) socket.destroy();
    if (this.#bound > 0) await this.#unbound.wait();
    while (this.#sockets.size > 0) {
      this.#unconnected.clear();
      await this.#unconnected.wait();
    }
  }

  #makePlain(): Server {
    return net().createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#arrived(socket);
      this.#accepted(socket, "http");
    });
  }

  #makeSecure(files: TlsFiles): Server {
    const { headersTimeout } = this.#settings;
    const server = tls().createServer({
      ...files.context,
      ...files.clientChecks,
      ALPNProtocols: this.#http2 === undefined ? ["http/1.1"] : ["h2", "http/1.1"],
      allowHalfOpen: true,
      noDelay: true,
      handshakeTimeout: headersTimeout === Infinity ? 0 : Math.ceil(headersTimeout),
      SNICallback: (name, done) => done(null, files.find(name)),
    });
    server.on("connection", (socket: Socket) => this.#arrived(socket));
    server.on("secureConnection", (socket) => this.#accepted(socket, "https"));
    server.on("tlsClientError", (error, socket) => this.#failedHandshake(error, socket));
    return server;
  }

  // What fails on the way is told to the access log: to a client that speaks no TLS nothing can be said.
  #failedHandshake(error: Error, socket: TLSSocket): void {
    socket.on("error", noop).destroy();
    this.#hooks.onRefused(
      refusedEntry({ status: undefined, reason: `TLS was not set up: ${error.message}` }, peerOf(socket), 0, 0),
    );
  }

  #renew(context: TlsFiles["context"]): void {
    for (const server of this.#servers) {
      if ("setSecureContext" in server) (server as TlsServer).setSecureContext(context);
    }
  }

  #arrived(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#unconnected.set();
    });
  }

  #accepted(socket: Socket, scheme: "http" | "https"): void {
    if (hasVanished(socket)) return void socket.on("error", noop).destroy();
    if (this.#connections.size >= this.#settings.maxConnections) return this.#turnAway(socket);
    if (this.#connections.size === 0) this.#startWatch();
    const isHttp2 = (socket as Partial<TLSSocket>).alpnProtocol === "h2";
    const connection = isHttp2 ? this.#makeHttp2(socket) : new Http1Connection(socket, this.#host, scheme);
    this.#connections.set(socket, connection);
    tellOpened(connection);
    socket.on("close", () => this.#disconnected(socket, connection));
  }

  #makeHttp2(socket: Socket): Http2Connection {
    const { settings, hooks } = this.#http2!;
    return new Http2Connection(socket, settings, hooks);
  }

  // A connection in the clear has turned out to speak HTTP/2.
  #begunHttp2(socket: Socket): void {
    this.#connections.set(socket, this.#makeHttp2(socket));
  }

  #turnAway(socket: Socket): void {
    const reason = `the server has ${this.#settings.maxConnections} connections, which is all that it takes`;
    const refusal = { status: 503, reason };
    const { head, body } = formatRefusal(refusal);
    socket
      .on("error", noop)
      .resume()
      .end(head + body);
    setTimeout(() => socket.destroy(), lingerTime).unref();
    this.#hooks.onRefused(refusedEntry(refusal, peerOf(socket), body.length, 0));
  }

  #disconnected(socket: Socket, connection: Connected): void {
    this.#connections.delete(socket);
    tellClosed(connection);
    if (this.#connections.size === 0) clearInterval(this.#watch);
  }

  #closed(): void {
    this.#bound--;
    if (this.#bound === 0) this.#unbound.set();
  }

  #startWatch(): void {
    const { pause } = this.#clock;
    let last = performance.now();
    this.#watch = setInterval(() => {
      const now = performance.now();
      // Time in which this process was busy is not held against the clients.
      this.#clock.now += Math.min(now - last, 2 * pause);
      last = now;
      for (const connection of this.#connections.values()) this.#look(connection);
      this.#descriptors.look(now);
    }, pause).unref();
  }

  #look(connection: ServedConnection): void {
    try {
      connection.look();
    } catch (error) {
      callExceptionHandler({ message: "Looking after the limits of a connection failed", error });
    }
  }
}

function pauseOf({ headersTimeout, requestTimeout, keepAliveTimeout, writeTimeout }: ServeSettings): number {
  return pauseFor(Math.min(headersTimeout, requestTimeout, keepAliveTimeout, writeTimeout));
}

function http2Hooks(hooks: ListenerHooks): Http2Hooks {
  const { onExchange, onRefused, isDraining } = hooks;
  const onUpgrade: NonNullable<Http2Hooks["onUpgrade"]> = (
    stream,
    { method, target, rawHeaders },
    { scheme, peer },
  ) => {
    const head = { method, target, httpVersion: "2.0", rawHeaders };
    const request = {
      head,
      socket: stream,
      firstBytes: Buffer.alloc(0),
      scheme: scheme === "https" ? "wss" : "ws",
      peer,
    };
    return hooks.onWebSocket(request as WebSocketRequest);
  };
  return { onExchange, onRefused, isDraining, ...(hooks.takesWebSockets() && { onUpgrade }) };
}

function hostOf(settings: ServeSettings, hooks: ListenerHooks, clock: Clock, onHttp2: Http1Host["onHttp2"]): Http1Host {
  const { bodyBuffer, writeTimeout, maxRequestLine, maxHeaderSize, maxHeaderCount } = settings;
  return {
    hooks,
    onHttp2,
    clock,
    settings,
    limits: {
      requestLine: maxRequestLine,
      headSize: maxHeaderSize,
      headerCount: maxHeaderCount,
      chunkExtensions: maxHeaderSize,
    },
    discardLimit: 8 * bodyBuffer,
    looksPerWrite: Math.ceil(writeTimeout / clock.pause) + 1,
    keepAliveLines: keepAliveLines(settings.keepAliveTimeout),
  };
}

// A client that knows for how long a connection is kept does not send its next request into one that is being closed.
function keepAliveLines(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 1 || ms === Infinity) return "Connection: keep-alive\r\n";
  return `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`;
}
