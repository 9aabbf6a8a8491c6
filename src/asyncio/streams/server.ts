// A server is a task. It owns a task for each client:
//
//   its caller ── owns ──> server ── owns ──┬─> client 127.0.0.1:50312
//                                           └─> client 127.0.0.1:50314 ── owns ──> tasks of the handler
//
// So a server ends at the latest with the scope in which it was started, together with its clients, and the task tree
// shows which clients are connected. The server's task waits until the server is closed and the last client has gone.

import { AsyncLocalStorage } from "node:async_hooks";
import type { AddressInfo, Server as Listener, Socket } from "node:net";
import { Server as SecureListener } from "node:tls";
import {
  callExceptionHandler,
  createTask,
  currentScope,
  currentTask,
  cancellationOf,
  isCancelled,
  type Resource,
  type Task,
  throwPending,
  WaitQueue,
  uncancellable,
} from "../core/index.ts";
import { wrapSocket } from "./_connection.ts";
import type { StreamReader } from "./stream-reader.ts";
import type { Endpoint, StreamWriter } from "./stream-writer.ts";

/** Serves one client. The connection is closed when the handler returns. */
export type ClientHandler = (reader: StreamReader, writer: StreamWriter) => unknown;

/** Current state of a {@link Server}, for monitoring. */
export interface ServerStatistics {
  /** How many clients are connected or have a running handler. */
  readonly clients: number;
  /** How many clients were accepted since the start. */
  readonly accepted: number;
  /** Whether the server accepts new clients. */
  readonly serving: boolean;
}

/**
 * A running server; made by {@link startServer}. It ends at the latest with the scope in which it was started.
 *
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.Server
 */
export class Server implements Resource, AsyncDisposable {
  readonly kind = "server";
  /** The address that the server listens on: `127.0.0.1:8888`, or the path of a Unix socket. */
  readonly name: string;
  readonly #listener: Listener;
  readonly #handler: ClientHandler;
  readonly #limit: number | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #writers = new Set<StreamWriter>();
  readonly #waiters = new WaitQueue();
  readonly #task: Task<void>;
  #accepted = 0;
  #serving = true;
  #stopping = false;
  #closed = false;

  /** @internal Use {@link startServer}. */
  constructor(listener: Listener, handler: ClientHandler, limit: number | undefined) {
    this.#listener = listener;
    this.#handler = handler;
    this.#limit = limit;
    this.name = describe(listener.address());
    // The first step runs at once, because a task that is cancelled before its first step would close nothing.
    this.#task = createTask(() => this.#run(), { name: `server ${this.name}`, ownsTasks: true, eagerStart: true });
    // By then the clients' tasks are done; only TLS handshakes can be left.
    this.#task.addDoneCallback(() => this.abortClients());
  }

  /**
   * The address that the server listens on, or `undefined` once it is closed. For a Unix socket, `host` is its path.
   */
  get address(): Endpoint | undefined {
    const address = this.#listener.address();
    if (address === null) return undefined;
    return typeof address === "string" ? { host: address, port: 0 } : { host: address.address, port: address.port };
  }

  /** The port that the server listens on; 0 for a Unix socket, or once the server is closed. */
  get port(): number {
    return this.address?.port ?? 0;
  }

  /** Whether the server accepts new clients. */
  isServing(): boolean {
    return this.#serving;
  }

  /**
   * Stops accepting new clients; those that are connected are still served. Does not wait for them: see `waitClosed()`.
   */
  close(): void {
    if (!this.#serving) return;
    this.#serving = false;
    this.#listener.close(() => {
      this.#closed = true;
      this.#wakeIfOver();
    });
  }

  /** Closes the connection of each client as soon as all data written to it has been sent. */
  closeClients(): void {
    for (const writer of this.#writers) writer.close();
  }

  /** Closes the connection of each client at once; data that was not sent yet is lost. */
  abortClients(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Waits until the server is closed and the last client has gone. */
  async waitClosed(): Promise<void> {
    throwPending(currentScope());
    while (!this.#isOver) await this.#waiters.wait(this);
  }

  /**
   * Waits until the server is closed. Cancelling this call closes the server, cancels its clients, and waits for them.
   */
  async serveForever(): Promise<void> {
    try {
      await this.waitClosed();
    } catch (error) {
      await this.#stop(error);
      throw error;
    }
  }

  /** Current state, for monitoring. */
  statistics(): ServerStatistics {
    return { clients: this.#writers.size, accepted: this.#accepted, serving: this.#serving };
  }

  /** Closes the server, cancels the tasks of its clients, and waits for them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop("the server was closed");
  }

  async #stop(reason: unknown): Promise<void> {
    // A second cancellation would interrupt the clean-up that the first one started.
    if (this.#task.cancelling() === 0) this.#task.cancel(cancellationOf(reason)?.reason ?? reason);
    await uncancellable(async () => {
      await Promise.allSettled([this.#task]);
      await this.waitClosed();
    });
  }

  async #run(): Promise<void> {
    // Node calls listeners in another async context; handlers must run in the one of the code that started the server.
    const inHere = AsyncLocalStorage.snapshot();
    this.#listener
      .on("connection", (socket) => this.#track(socket))
      .on(clientEvent(this.#listener), (socket: Socket) => inHere(() => this.#accept(socket)))
      .on("error", (error) => this.#report(`Server ${this.name} failed`, error))
      .on("tlsClientError", (error: NodeJS.ErrnoException) => this.#handshakeFailed(error));
    try {
      await this.waitClosed();
    } finally {
      this.#stopping = true;
      this.close();
    }
  }

  // `ECONNRESET` is not reported: the client disconnected during the handshake, or this server closed the socket.
  #handshakeFailed(error: NodeJS.ErrnoException): void {
    if (error.code !== "ECONNRESET") this.#report(`A TLS handshake with server ${this.name} failed`, error);
  }

  // Every socket is tracked, even before it belongs to a client: the server may have to close it during the TLS
  // handshake.
  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  #accept(socket: Socket): void {
    if (this.#stopping) return void socket.destroy();
    this.#accepted++;
    const name =
      socket.remotePort === undefined
        ? `${this.name}#${this.#accepted}`
        : `${socket.remoteAddress}:${socket.remotePort}`;
    const [reader, writer] = wrapSocket(socket, { name, limit: this.#limit, host: undefined, isServer: true });
    this.#writers.add(writer);
    createTask(() => this.#serve(reader, writer), { name: `client ${name}`, ownsTasks: true, eagerStart: true });
  }

  async #serve(reader: StreamReader, writer: StreamWriter): Promise<void> {
    try {
      await this.#handle(reader, writer);
    } finally {
      this.#writers.delete(writer);
      this.#wakeIfOver();
    }
  }

  async #handle(reader: StreamReader, writer: StreamWriter): Promise<void> {
    try {
      await this.#handler(reader, writer);
    } catch (error) {
      if (isCancelled(error)) throw error;
      this.#report(`The handler of a client of server ${this.name} failed`, error, currentTask());
    } finally {
      await writer[Symbol.asyncDispose]();
    }
  }

  #report(message: string, error: unknown, task?: Task<unknown>): void {
    callExceptionHandler({ message, error, ...(task === undefined ? {} : { task }) });
  }

  get #isOver(): boolean {
    return this.#closed && this.#writers.size === 0;
  }

  #wakeIfOver(): void {
    if (this.#isOver) this.#waiters.serveAll();
  }
}

function clientEvent(listener: Listener): string {
  return listener instanceof SecureListener ? "secureConnection" : "connection";
}

function describe(address: AddressInfo | string | null): string {
  if (address === null || typeof address === "string") return address ?? "closed";
  return address.family === "IPv6" ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
}
