import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** How many bytes are held before the socket is no longer read. */
const bound = 65_536;

/**
 * Stands in for `node:http` at a socket that it has given away, while one request is answered. What arrives is held for
 * whatever reads the socket next. The socket is read meanwhile, as one that is not read does not say that its client has
 * left.
 */
export class SocketHold {
  readonly #socket: Socket;
  readonly #held: Buffer[] = [];
  #size = 0;
  #response: ServerResponse | undefined;

  /** @param head What was read of the socket already. */
  constructor(socket: Socket, head: Buffer) {
    this.#socket = socket;
    this.#keep(head);
    socket.on("data", this.#keep);
    socket.on("drain", this.#drained);
    socket.resume();
  }

  /** The response to `request`, on this socket. */
  respondTo(request: IncomingMessage): ServerResponse {
    const response = new ServerResponse(request);
    response.assignSocket(this.#socket);
    response.once("finish", () => response.detachSocket(this.#socket));
    this.#response = response;
    return response;
  }

  /** Leaves the socket, with what was held as its next bytes. */
  release(): void {
    this.#socket.off("data", this.#keep);
    this.#socket.off("drain", this.#drained);
    this.#socket.pause();
    if (this.#size > 0) this.#socket.unshift(Buffer.concat(this.#held));
  }

  readonly #keep = (chunk: Buffer): void => {
    this.#held.push(chunk);
    this.#size += chunk.byteLength;
    if (this.#size > bound) this.#socket.pause();
  };

  // What node:http would do for a response of its own.
  readonly #drained = (): void => void this.#response?.emit("drain");
}
