// A proxy between a client and a server that cuts each connection after a random number of bytes, in either direction, in
// order or by a reset: as a network does that loses its way in the middle of a message.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A proxy on a free port of the loopback. It cuts nothing before {@link cutFrom} is called. */
export class CuttingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #random: () => number;
  readonly #sockets = new Set<Socket>();
  readonly #pairs = new Set<Pair>();
  #mostBytes = Infinity;
  #cuts = 0;

  private constructor(port: number, random: () => number) {
    this.#random = random;
    this.#server = createServer((client) => this.#accept(client, connect(port, "127.0.0.1")));
  }

  /** Starts one in front of a server on this machine. */
  static async start(port: number, random: () => number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(port, random);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections it has cut. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Cuts every connection, those that are open too, after `mostBytes` bytes more at most; `Infinity` cuts none. */
  cutFrom(mostBytes: number): void {
    this.#mostBytes = mostBytes;
    for (const pair of this.#pairs) pair.left = this.#draw();
  }

  // Few bytes as often as many: most of what can break is in the first hundred.
  #draw(): number {
    return this.#mostBytes === Infinity ? Infinity : Math.ceil(this.#mostBytes ** this.#random());
  }

  /** Cuts all connections and stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(client: Socket, server: Socket): void {
    const pair: Pair = { left: this.#draw() };
    this.#pairs.add(pair);
    client.on("close", () => this.#pairs.delete(pair));
    const cut = (): void => {
      if (client.destroyed) return;
      this.#cuts++;
      const end = this.#random() < 0.5 ? "destroy" : "resetAndDestroy";
      client[end]();
      server[end]();
    };
    const pass = (to: Socket) => (chunk: Buffer) => {
      const part = chunk.subarray(0, pair.left);
      pair.left -= part.byteLength;
      // A connection that has lost bytes is cut, even if `cutFrom(Infinity)` is called before the rest is written.
      const isOver = pair.left <= 0;
      if (part.byteLength > 0) to.write(part, () => isOver && cut());
      else cut();
    };
    client.on("data", pass(server));
    server.on("data", pass(client));
    this.#tie(client, server);
    this.#tie(server, client);
  }

  #tie(socket: Socket, other: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      other.destroy();
    });
  }
}

/** A connection, and how many bytes may pass before it is cut. */
interface Pair {
  left: number;
}
