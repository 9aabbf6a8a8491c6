// A server is a task, and each of its clients a task within it:
//
//   whoever started it ── owns ──> server ── owns ──┬─> client 127.0.0.1:50312
//                                                   └─> client 127.0.0.1:50314 ── owns ──> what the handler started
//
// So a server ends with the scope it was started in, whether or not anybody closes it, and takes its clients along; and
// who is connected can be seen in the tree. The server's task waits until it was closed and the last client has gone.

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

/** Serves one client. The connection is closed when it returns. */
export type ClientHandler = (reader: StreamReader, writer: StreamWriter) => unknown;

/** What a {@link Server} knows of itself. */
export interface ServerStatistics {
  /** How many clients are connected, or have handlers that are not over. */
  readonly clients: number;
  /** How many clients there have been. */
  readonly accepted: number;
  /** Whether it takes new clients. */
  readonly serving: boolean;
}

/**
 * A running server; made by {@link startServer}. It ends with the scope that it was started in, at the latest.
 *
 * @see https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.Server
 */
export class Server implements Resource, AsyncDisposable {
  readonly kind = "server";
  /** Where it listens: `127.0.0.1:8888`, or the path of a unix socket. */
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
    // Its first step runs at once, so that from here on its end, whatever brings it, closes what is open.
    this.#task = createTask(() => this.#run(), { name: `server ${this.name}`, ownsTasks: true, eagerStart: true });
    // By then the clients' tasks are over; what is left are handshakes.
    this.#task.addDoneCallback(() => this.abortClients());
  }

  /** Where it listens; of a unix socket, `host` is its path. `undefined` once it is closed. */
  get address(): Endpoint | undefined {
    const address = this.#listener.address();
    if (address === null) return undefined;
    return typeof address === "string" ? { host: address, port: 0 } : { host: address.address, port: address.port };
  }

  /** The port that it listens on; 0 of a unix socket, or once it is closed. */
  get port(): number {
    return this.address?.port ?? 0;
  }

  /** Whether it takes new clients. */
  isServing(): boolean {
    return this.#serving;
  }

  /** Takes no new clients; those that are there are served on. It does not wait: see `waitClosed()`. */
  close(): void {
    if (!this.#serving) return;
    this.#serving = false;
    this.#listener.close(() => {
      this.#closed = true;
      this.#wakeIfOver();
    });
  }

  /** Closes the connection of each client when all that was written to it has gone out. */
  closeClients(): void {
    for (const writer of this.#writers) writer.close();
  }

  /** Closes the connection of each client at once. */
  abortClients(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Waits until it was closed and the last client has gone. */
  async waitClosed(): Promise<void> {
    throwPending(currentScope());
    while (!this.#isOver) await this.#waiters.wait(this);
  }

  /** Serves until it is closed. Cancelled, it closes the server, ends its clients and waits for that. */
  async serveForever(): Promise<void> {
    try {
      await this.waitClosed();
    } catch (error) {
      await this.#stop(error);
      throw error;
    }
  }

  /** What it knows of itself. */
  statistics(): ServerStatistics {
    return { clients: this.#writers.size, accepted: this.#accepted, serving: this.#serving };
  }

  /** Closes it, cancels the tasks of its clients, and waits for them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop("the server was closed");
  }

  async #stop(reason: unknown): Promise<void> {
    // A second cancellation would cut the clean-up that the first one began.
    if (this.#task.cancelling() === 0) this.#task.cancel(cancellationOf(reason)?.reason ?? reason);
    await uncancellable(async () => {
      await Promise.allSettled([this.#task]);
      await this.waitClosed();
    });
  }

  async #run(): Promise<void> {
    // The platform calls listeners in a context of its own; handlers see that of whoever started the server.
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

  // A client that leaves in the middle of a handshake, or that we left, is no error.
  #handshakeFailed(error: NodeJS.ErrnoException): void {
    if (error.code !== "ECONNRESET") this.#report(`A TLS handshake with server ${this.name} failed`, error);
  }

  // Known from the first byte on: a connection may end in the middle of a TLS handshake, before it is a client's.
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
