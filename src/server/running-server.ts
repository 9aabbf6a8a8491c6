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

import {
  callExceptionHandler,
  createTask,
  currentScope,
  Event,
  moveOnAfter,
  type Scope,
  sleep,
  type Task,
  wait,
} from "../asyncio/index.ts";
import {
  type AccessEntry,
  type Application,
  serveExchange,
  type ServeExchangeOptions,
  ServerShutdown,
} from "../http/index.ts";
import { option } from "../base/options.ts";
import type { ListenedExchange, Listener, ListenerHooks, ServerAddress } from "./listener.ts";
import { tellRefused } from "./logs/server-channels.ts";
import { ServerLogs } from "./logs/server-logs.ts";
import { runningServers } from "./metrics/running-servers.ts";
import type { ServeSettings } from "./serve-options.ts";
import { socketPathOf } from "./listening/unix-socket.ts";
import type { WebSocketRequest } from "./websocket/handshake-exchange.ts";
import { type ServedWebSocket, serveWebSocket } from "./websocket/serve-web-socket.ts";

/** How much a server has to do. */
export interface ServerStatistics {
  /** How many connections are open. */
  readonly connections: number;
  /** How many requests and WebSockets are running. */
  readonly requests: number;
}

/** How a server is closed. */
export interface CloseOptions {
  /**
   * How long connections on which nothing runs stay open, in milliseconds, so that a request that is on its way is
   * answered; its response says that it is the last one. The time counts towards `drainTimeout`.
   * @default 0
   */
  readonly keepIdle?: number;
}

/** What makes a listener. */
export type ListenerClass = new (settings: ServeSettings, hooks: ListenerHooks) => Listener;

/**
 * A server that runs. Made by {@link serve}.
 *
 * @see serve
 */
export class RunningServer implements AsyncDisposable {
  readonly #app: Application;
  readonly #settings: ServeSettings;
  readonly #listener: Listener;
  readonly #listening = new Event({ name: "server listening" });
  readonly #closing = new Event({ name: "server closing" });
  readonly #idle = new Event({ name: "server idle" });
  readonly #over = new Event({ name: "server over" });
  #addresses: readonly ServerAddress[] = [];
  #task: Task<void> | undefined;
  #requests = 0;
  #keepIdle = 0;
  #requestOptions: ServeExchangeOptions = {};
  #logs: ServerLogs | undefined;

  /** @internal Use {@link serve}. */
  constructor(app: Application, settings: ServeSettings, Listens: ListenerClass) {
    this.#app = app;
    this.#settings = settings;
    this.#listener = new Listens(settings, {
      onExchange: (exchange) => this.#requested(exchange),
      takesWebSockets: () => app.websocket !== undefined,
      onWebSocket: (request) => this.#webSocketRequested(request),
      onRefused: (entry) => this.#refused(entry),
      isDraining: () => this.#closing.isSet(),
    });
  }

  /** Where it listens: the port is the real one, if 0 was asked for. Of several places the first; see {@link addresses}. */
  get address(): ServerAddress {
    return this.#addresses[0] ?? { scheme: "http", host: "", port: 0 };
  }

  /** All places that it listens on, in the order of the option `bind`. */
  get addresses(): readonly ServerAddress[] {
    return this.#addresses;
  }

  /** Where it listens, as a URL without a slash at its end: `http://127.0.0.1:5000`, or `unix:/run/app.sock`. */
  get url(): string {
    return toURL(this.address);
  }

  /** All places that it listens on, as `url` shows one. */
  get urls(): readonly string[] {
    return this.#addresses.map(toURL);
  }

  /** How many connections and requests there are. */
  statistics(): ServerStatistics {
    return { connections: this.#listener.size, requests: this.#requests };
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
   * @throws {RangeError} If `keepIdle` is negative or NaN.
   * @throws {TypeError} If `keepIdle` is not a number.
   * @throws Whatever a stop function of the application's lifespan throws.
   * @example
   * const server = await serve({ handle: (exchange) => exchange.respond(200, [], "Hello") }, { port: 0 });
   * await fetch(server.url);
   * await server.close({ keepIdle: 100 });
   */
  async close({ keepIdle = 0 }: CloseOptions = {}): Promise<void> {
    this.#keepIdle = option("close a server", "keepIdle", keepIdle).milliseconds({ from: 0 });
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
    await using logs = new ServerLogs(this.#settings);
    this.#logs = logs;
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
      await moveOnAfter(this.#settings.drainTimeout, () => this.#drain());
      waited = this.#settings.drainTimeout;
    } finally {
      await this.#end(waited);
    }
  }

  #prepare(owner: Scope): void {
    const { cancelGrace } = this.#settings;
    const { onError, onAccess } = this.#logs ?? {};
    const onOver = (): void => this.#requestOver();
    this.#requestOptions = { owner, cancelGrace, onOver, ...(onError && { onError }), ...(onAccess && { onAccess }) };
  }

  async #listen(): Promise<void> {
    this.#addresses = await this.#listener.listen();
    runningServers.add(this);
    this.#listening.set();
  }

  #requested(exchange: ListenedExchange): void {
    // Counted first: an application that answers at once, and asks for the statistics, sees its own request in them.
    this.#requests++;
    exchange.task = serveExchange(this.#app, exchange, this.#requestOptions);
  }

  #webSocketRequested(request: WebSocketRequest): ServedWebSocket | undefined {
    const { bodyBuffer, webSocketMaxMessage, webSocketPingInterval, webSocketCloseTimeout, webSocketDeflate } =
      this.#settings;
    const limits = {
      messageBuffer: bodyBuffer,
      maxMessage: webSocketMaxMessage,
      pingInterval: webSocketPingInterval,
      closeTimeout: webSocketCloseTimeout,
      deflate: webSocketDeflate,
    };
    const options = { ...this.#requestOptions, limits, onRefused: (entry: AccessEntry) => this.#refused(entry) };
    const webSocket = serveWebSocket(this.#app, request, options);
    if (webSocket !== undefined) this.#requests++;
    return webSocket;
  }

  #refused(entry: AccessEntry): void {
    tellRefused(entry);
    try {
      this.#logs?.onAccess?.(entry, undefined);
    } catch (error) {
      callExceptionHandler({ message: "A hook of the server failed after a request was refused", error });
    }
  }

  #requestOver(): void {
    this.#requests--;
    if (this.#requests === 0) this.#idle.set();
  }

  async #drain(): Promise<void> {
    this.#listener.stopAccepting(this.#keepIdle > 0);
    if (this.#keepIdle > 0 && this.#listener.size > 0) await sleep(this.#keepIdle);
    this.#listener.stopAccepting();
    await this.#untilIdle();
  }

  async #untilIdle(): Promise<void> {
    while (this.#requests > 0) {
      this.#idle.clear();
      await this.#idle.wait();
    }
  }

  #stopAccepting(): void {
    this.#closing.set();
    this.#listener.stopAccepting();
  }

  /** Cancels the requests that are left, waits for them for a while, and cuts the connections. */
  async #end(waited: number): Promise<void> {
    this.#stopAccepting();
    try {
      this.#listener.cancel(new ServerShutdown(waited));
      // After `cancelGrace` they are cancelled at every wait. What goes on after that does not wait.
      await moveOnAfter(this.#settings.cancelGrace + 500, () => this.#untilIdle());
    } finally {
      await this.#listener.close();
      runningServers.delete(this);
    }
  }
}

function toURL({ scheme, host, port }: ServerAddress): string {
  if (socketPathOf(host) !== undefined || host.startsWith("fd:")) return host;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
