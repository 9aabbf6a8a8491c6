// A relay whose side of a connection can be ended in order. The client's socket is then destroyed some time before it emits
// "close", and its owner may take it for open in between.

import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import { type AddressInfo, connect as openSocket, createServer, type Server, type Socket } from "node:net";

/** Passes bytes between clients in this process and a server, and knows the clients' own sockets. */
export class EndingRelay implements AsyncDisposable {
  readonly #server: Server;
  readonly #opened: Socket[] = [];
  readonly #accepted: Socket[] = [];
  readonly #observe = (message: unknown): void => void this.#opened.push((message as { socket: Socket }).socket);

  private constructor(port: number) {
    this.#server = createServer((accepted) => {
      const target = openSocket(port, "127.0.0.1");
      this.#accepted.push(accepted);
      for (const socket of [accepted, target]) socket.on("error", () => socket.destroy());
      accepted.on("close", () => target.destroy());
      accepted.pipe(target).pipe(accepted);
    });
    channel("net.client.socket").subscribe(this.#observe);
  }

  /** Starts one on a free port of the loopback interface, in front of the server at `url`. */
  static async start(url: string): Promise<EndingRelay> {
    const relay = new EndingRelay(Number(new URL(url).port));
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    return relay;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The client's socket that was opened first. */
  get oldest(): Socket {
    return this.#mine()[0]!;
  }

  /** The client's socket that was opened last. */
  get newest(): Socket {
    return this.#mine().at(-1)!;
  }

  #mine(): Socket[] {
    return this.#opened.filter(({ remotePort }) => remotePort === this.port);
  }

  /** Calls `body` when `socket` is destroyed and has not emitted "close" yet. */
  async inLastMoment<T>(socket: Socket, body: () => Promise<T>): Promise<T> {
    let isClosed = false;
    socket.once("close", () => (isClosed = true));
    await once(socket, "finish");
    assert.ok(socket.destroyed && !isClosed);
    return body();
  }

  /** Ends the server's side of a connection, without a reset. */
  async end({ localPort }: Socket): Promise<void> {
    this.#accepted.find(({ remotePort }) => remotePort === localPort)!.end();
  }

  /** Reads nothing any more. */
  stall(): void {
    for (const socket of this.#accepted) socket.unpipe().pause();
    this.#server.on("connection", (socket) => socket.unpipe().pause());
  }

  /** Closes all connections and stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    channel("net.client.socket").unsubscribe(this.#observe);
    for (const socket of this.#accepted) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
