// A proxy between a client and a server that can start to drop all data. Neither side notices, just as when the network
// fails or the peer is unplugged.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";

/** The data that is dropped: what clients send, what the server replies, or both. */
export type Swallowed = "requests" | "replies" | "both";

/** A proxy on a free port of the loopback interface. */
export class SwallowingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #trigger: string | undefined;

  private constructor(target: NetConnectOpts) {
    this.#server = createServer((client) => this.#accept(client, connect(target)));
  }

  /** Starts a proxy. */
  static async start(target: NetConnectOpts): Promise<SwallowingProxy> {
    const proxy = new SwallowingProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The number of connections that their client has not closed. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Drops data on the current connections from now on. Later connections are served. */
  swallow(what: Swallowed = "both"): void {
    for (const pair of this.#pairs) pair.swallowed = what;
  }

  /** Drops all data on a connection as soon as its client sends `text`; `undefined` switches this off. */
  swallowFrom(text: string | undefined): void {
    this.#trigger = text?.toLowerCase();
  }

  /** Closes all connections and stops the proxy. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client, server } of this.#pairs) for (const socket of [client, server]) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(client: Socket, server: Socket): void {
    const pair: Pair = { client, server, swallowed: undefined };
    this.#pairs.add(pair);
    client.on("data", (chunk) => {
      if (this.#trigger !== undefined && String(chunk).toLowerCase().includes(this.#trigger)) pair.swallowed = "both";
      if (pair.swallowed === undefined || pair.swallowed === "replies") server.write(chunk);
    });
    server.on("data", (chunk) => {
      if (pair.swallowed === undefined || pair.swallowed === "requests") client.write(chunk);
    });
    for (const socket of [client, server]) socket.on("error", () => socket.destroy());
    server.on("close", () => {
      if (pair.swallowed === undefined) client.destroy();
    });
    client.on("close", () => {
      this.#pairs.delete(pair);
      server.destroy();
    });
  }
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  swallowed: Swallowed | undefined;
}
