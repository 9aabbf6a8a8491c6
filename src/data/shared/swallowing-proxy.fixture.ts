// A proxy between a client and a server that begins to swallow what is sent: neither side hears of it, as with a network
// that has lost its way, or a peer that was unplugged.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";

/** What is swallowed: what clients send, what the server answers, or both. */
export type Swallowed = "requests" | "replies" | "both";

/** A proxy on a free port of the loopback. */
export class SwallowingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #trigger: string | undefined;

  private constructor(target: NetConnectOpts) {
    this.#server = createServer((client) => this.#accept(client, connect(target)));
  }

  /** Starts one. */
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

  /** The number of connections whose client has not left. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Swallows what comes over the present connections from now on. Later connections are served. */
  swallow(what: Swallowed = "both"): void {
    for (const pair of this.#pairs) pair.swallowed = what;
  }

  /** Swallows what comes over a connection from the moment at which its client sends `text`, if that is given. */
  swallowFrom(text: string | undefined): void {
    this.#trigger = text?.toLowerCase();
  }

  /** Cuts all connections and stops. */
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
