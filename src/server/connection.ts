import type { Socket } from "node:net";
import type { Peer } from "../http/index.ts";
import type { NodeExchange } from "./node-exchange.ts";

/**
 * A connection and the exchanges on it that are not over: several, if the client sends requests without waiting.
 *
 * It is the connection that knows of the client's leaving. A response does not: one that waits behind another has no
 * socket yet, and the request's own `close` only says that its body was read.
 */
export class Connection {
  /** The other end. Asked for at once: a socket that is closed no longer knows it. */
  readonly peer: Peer | undefined;
  readonly #socket: Socket;
  // A list, as there is hardly ever more than one.
  readonly #exchanges: NodeExchange[] = [];
  #closesWhenIdle = false;

  constructor(socket: Socket) {
    const { remoteAddress: address, remotePort: port } = socket;
    this.peer = address === undefined || port === undefined ? undefined : { address, port };
    this.#socket = socket;
    socket.on("end", () => this.#halfClosed());
    socket.on("close", () => this.#closed());
  }

  /** An exchange begins. */
  add(exchange: NodeExchange): void {
    this.#exchanges.push(exchange);
  }

  /** An exchange is over. */
  remove(exchange: NodeExchange): void {
    const index = this.#exchanges.indexOf(exchange);
    if (index >= 0) this.#exchanges.splice(index, 1);
    if (this.#closesWhenIdle) this.closeWhenIdle();
  }

  /** Closes the connection as soon as no exchange is on it, what was written included. */
  closeWhenIdle(): void {
    this.#closesWhenIdle = true;
    if (this.#exchanges.length === 0) this.#socket.destroySoon();
  }

  /** Cancels the requests on it. */
  cancel(reason: Error): void {
    for (const exchange of this.#exchanges) exchange.task?.cancel(reason);
  }

  /** Closes the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  // A client that has sent its FIN has left: node:http sends nothing more to it but what is on its way.
  #halfClosed(): void {
    for (const exchange of this.#exchanges.slice()) if (!exchange.ended) exchange.leave();
  }

  #closed(): void {
    for (const exchange of this.#exchanges.slice()) exchange.leave();
  }
}
