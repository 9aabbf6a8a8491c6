/**
 * A server is one task, which owns the tasks of its requests:
 *
 *     server ── lifespan start ── listen ── wait ── drain ── cancel what is left ── close sockets ── lifespan stop
 *       ├── GET /data
 *       └── GET /concurrent
 *
 * `close()` sets it going from "wait". Cancelling it, as the end of the run that it belongs to does, leaves the drain
 * out. Either way it ends within a bound, and says what it had to leave.
 */

import { http } from "../base/node.ts";
import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import {
  callExceptionHandler,
  createTask,
  currentScope,
  Event,
  moveOnAfter,
  park,
  type Scope,
  type Task,
  wait,
} from "../asyncio/index.ts";
import { type Application, serveExchange, type ServeExchangeOptions, ServerShutdown } from "../http/index.ts";
import { Connection } from "./connection.ts";
import { listenAt } from "./listen-at.ts";
import { ListenError } from "./listen-error.ts";
import { NodeExchange, type NodeExchangeHost } from "./node-exchange.ts";
import type { ServeSettings } from "./serve-options.ts";
import { removeStaleSocket, socketPathOf } from "./unix-socket.ts";

/** Where a server listens. */
export interface ServerAddress {
  /** The address, for example `127.0.0.1`; of a Unix socket `unix:` and its path. */
  readonly host: string;
  /** The port; 0 for a Unix socket. */
  readonly port: number;
}

/** How much a server has to do. */
export interface ServerStatistics {
  /** How many connections are open. */
  readonly connections: number;
  /** How many requests are running. */
  readonly requests: number;
}

/**
 * A server that runs. Made by {@link serve}.
 *
 * @see serve
 */
export class RunningServer implements AsyncDisposable {
  readonly #app: Application;
  readonly #settings: ServeSettings;
  readonly #http: HttpServer;
  readonly #connections = new Map<Socket, Connection>();
  readonly #listening = new Event({ name: "server listening" });
  readonly #closing = new Event({ name: "server closing" });
  readonly #idle = new Event({ name: "server idle" });
  readonly #unbound = new Event({ name: "server port" });
  readonly #unconnected = new Event({ name: "server connections" });
  readonly #over = new Event({ name: "server over" });
  readonly #host: NodeExchangeHost;
  #address: ServerAddress = { host: "", port: 0 };
  #task: Task<void> | undefined;
  #requests = 0;
  #requestOptions: ServeExchangeOptions = {};

  /** @internal Use {@link serve}. */
  constructor(app: Application, settings: ServeSettings) {
    this.#app = app;
    this.#settings = settings;
    const closing = this.#closing;
    this.#host = {
      bodyBuffer: settings.bodyBuffer,
      discardLimit: 8 * settings.bodyBuffer,
      get draining() {
        return closing.isSet();
      },
    };
    const { keepAliveTimeout, headersTimeout, requestTimeout } = settings;
    this.#http = http().createServer({ keepAliveTimeout, headersTimeout, requestTimeout });
  }

  /** Where it listens: the port is the real one, if 0 was asked for. */
  get address(): ServerAddress {
    return this.#address;
  }

  /** Where it listens, as a URL without a slash at its end: `http://127.0.0.1:5000`, or `unix:/run/app.sock`. */
  get url(): string {
    const { host, port } = this.#address;
    if (socketPathOf(host) !== undefined) return host;
    return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  }

  /** How many connections and requests there are. */
  statistics(): ServerStatistics {
    return { connections: this.#connections.size, requests: this.#requests };
  }

  /** @internal Starts the application and listens. */
  async start(): Promise<void> {
    const task = createTask(() => this.#run(), { name: "server", role: "server", ownsTasks: true });
    this.#task = task;
    task.addDoneCallback(() => this.#over.set());
    const listening = createTask(() => this.#listening.wait(), { name: "server starting", role: "server" });
    try {
      await wait([task, listening], { returnWhen: "firstCompleted" });
    } catch (error) {
      task.cancel(error);
      throw error;
    } finally {
      listening.cancel();
    }
    if (task.done()) task.result();
  }

  /** Waits until the server has ended, for whatever reason. To stop waiting does not stop the server. */
  async closed(): Promise<void> {
    await this.#over.wait();
  }

  /**
   * Closes the server. It takes no more connections, closes idle ones, and gives the running requests
   * `drainTimeout` to end; those that have not are cancelled with a `ServerShutdown` and given `cancelGrace`; then what
   * connections are left are cut, and the application is stopped. If the wait for that is cancelled, the drain is cut short.
   *
   * @throws Whatever a stop function of the application's lifespan throws.
   */
  async close(): Promise<void> {
    this.#closing.set();
    const task = this.#task;
    if (task === undefined) return;
    try {
      await wait([task]);
    } catch (error) {
      task.cancel(error);
      throw error;
    }
    if (!task.cancelled()) task.result();
  }

  /** Closes the server. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    await this.#app.lifespan?.start();
    try {
      await this.#serve(currentScope());
    } finally {
      await this.#app.lifespan?.stop();
    }
  }

  async #serve(owner: Scope): Promise<void> {
    this.#prepare(owner);
    let waited = 0;
    try {
      await this.#listen();
      await this.#closing.wait();
      this.#stopAccepting();
      await moveOnAfter(this.#settings.drainTimeout, () => this.#untilIdle());
      waited = this.#settings.drainTimeout;
    } finally {
      await this.#end(waited);
    }
  }

  #prepare(owner: Scope): void {
    const { cancelGrace, onError, onAccess } = this.#settings;
    const onOver = (): void => this.#requestOver();
    this.#requestOptions = { owner, cancelGrace, onOver, ...(onError && { onError }), ...(onAccess && { onAccess }) };
    this.#http.on("connection", (socket) => this.#connected(socket));
    this.#http.on("request", (request, response) => this.#requested(request, response));
    // Node's own closes a connection whose response is still being sent.
    this.#http.closeIdleConnections = () => {
      for (const connection of this.#connections.values()) connection.closeWhenIdle();
    };
  }

  async #listen(): Promise<void> {
    const { host, port } = this.#settings;
    const path = socketPathOf(host);
    if (path !== undefined) await removeStaleSocket(path);
    await park<void>({ kind: "listen", name: path ?? `${host}:${port}` }, (waiting) => {
      const refuse = (error: Error): void => void waiting.fail(new ListenError(host, port, error));
      this.#http.once("error", refuse);
      const listening = (): void => {
        this.#http.off("error", refuse);
        waiting.wake();
      };
      try {
        listenAt(this.#http, { host, port, path }, listening);
      } catch (error) {
        refuse(error as Error);
      }
    });
    this.#address = path === undefined ? toAddress(this.#http.address() as AddressInfo) : { host, port: 0 };
    // From now on it is a connection that could not be accepted, for example for want of a file descriptor.
    this.#http.on("error", (error) => callExceptionHandler({ message: "Error while accepting a connection", error }));
    this.#listening.set();
  }

  #connected(socket: Socket): Connection {
    const connection = new Connection(socket);
    this.#connections.set(socket, connection);
    socket.on("close", () => this.#disconnected(socket));
    return connection;
  }

  #disconnected(socket: Socket): void {
    this.#connections.delete(socket);
    if (this.#connections.size === 0) this.#unconnected.set();
  }

  #requested(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(request.socket) ?? this.#connected(request.socket);
    const exchange = new NodeExchange(request, response, connection, this.#host);
    exchange.task = serveExchange(this.#app, exchange, this.#requestOptions);
    this.#requests++;
  }

  #requestOver(): void {
    this.#requests--;
    if (this.#requests === 0) this.#idle.set();
  }

  async #untilIdle(): Promise<void> {
    while (this.#requests > 0) {
      this.#idle.clear();
      await this.#idle.wait();
    }
  }

  #stopAccepting(): void {
    this.#closing.set();
    if (this.#http.listening) this.#http.close(() => this.#unbound.set());
  }

  /** Cancels the requests that are left, waits for them for a while, and cuts the connections. */
  async #end(waited: number): Promise<void> {
    const { cancelGrace } = this.#settings;
    const listened = this.#listening.isSet();
    this.#stopAccepting();
    try {
      for (const connection of this.#connections.values()) connection.cancel(new ServerShutdown(waited));
      // After `cancelGrace` they are cancelled at every wait. What goes on after that does not wait.
      await moveOnAfter(cancelGrace + 500, () => this.#untilIdle());
    } finally {
      for (const connection of this.#connections.values()) connection.destroy();
      if (listened) await this.#untilClosed();
    }
  }

  async #untilClosed(): Promise<void> {
    await this.#unbound.wait();
    while (this.#connections.size > 0) {
      this.#unconnected.clear();
      await this.#unconnected.wait();
    }
  }
}

function toAddress({ address, port }: AddressInfo): ServerAddress {
  return { host: address, port };
}
