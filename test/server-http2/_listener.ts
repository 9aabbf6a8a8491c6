/** The least of a listener that serves HTTP/2: sockets in the clear or by TLS, each of which becomes a connection at once. */

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Event } from "../../src/asyncio/index.ts";
import { type AccessEntry, type Application, serveExchange } from "../../src/http/index.ts";
import type { ListenedExchange } from "../../src/server/listener.ts";
import { Http2Connection, type Http2Hooks } from "../../src/server/http2/connection.ts";
import { checkHttp2Options, type Http2Options } from "../../src/server/http2/options.ts";
import { checkServeOptions, type ServeOptions } from "../../src/server/serve-options.ts";
import { first } from "../../src/base/certificates.fixture.ts";

export const cert: string = first.cert;
const { key } = first;

/** How a server of the tests differs from the usual one. */
export interface Http2ServeOptions extends ServeOptions {
  readonly http2?: Http2Options;
  /** @default false */
  readonly isSecure?: boolean;
  readonly onUpgrade?: Http2Hooks["onUpgrade"];
  /** Called with each exchange before it is served. @default nothing is */
  readonly onExchange?: (exchange: ListenedExchange) => void;
  /** How many bytes are read of a socket and given back before it becomes a connection. @default 0 */
  readonly readsBefore?: number;
}

/** How often connections look after their limits, in milliseconds. */
const lookPause = 10;

/** A server that serves HTTP/2 and nothing else. */
export class Http2Server implements AsyncDisposable {
  readonly connections: Set<Http2Connection> = new Set();
  readonly sockets: Set<Socket> = new Set();
  readonly entries: AccessEntry[] = [];
  readonly #server: Server;
  readonly #watch: NodeJS.Timeout;
  readonly #arrived = new Event();
  readonly #gone = new Event();
  isDraining = false;

  private constructor(app: Application, options: Http2ServeOptions) {
    const serveSettings = checkServeOptions({ cancelGrace: 20, ...options });
    const settings = checkHttp2Options(options.http2 ?? {}, serveSettings);
    const onAccess = (entry: AccessEntry): void => {
      this.entries.push(entry);
      this.#arrived.set();
      options.onAccess?.(entry, undefined);
    };
    const { onError } = options;
    const hooks: Http2Hooks = {
      onExchange: (exchange) => {
        options.onExchange?.(exchange);
        const { cancelGrace } = serveSettings;
        exchange.task = serveExchange(app, exchange, { cancelGrace, onAccess, ...(onError && { onError }) });
      },
      onRefused: onAccess,
      isDraining: () => this.isDraining,
      ...(options.onUpgrade && { onUpgrade: options.onUpgrade }),
    };
    const accept = async (socket: Socket): Promise<void> => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      const { readsBefore = 0 } = options;
      if (readsBefore > 0) await giveBack(socket, readsBefore);
      const connection = new Http2Connection(socket, settings, hooks);
      this.connections.add(connection);
      socket.on("close", () => {
        this.connections.delete(connection);
        this.#gone.set();
      });
    };
    this.#server =
      options.isSecure === true
        ? createTlsServer({ key, cert, ALPNProtocols: ["h2"], allowHalfOpen: true }).on(
            "secureConnection",
            (it) => void accept(it),
          )
        : createServer({ allowHalfOpen: true }, (it) => void accept(it));
    this.#watch = setInterval(() => {
      for (const connection of this.connections) connection.look();
    }, lookPause);
  }

  static async open(app: Application, options: Http2ServeOptions = {}): Promise<Http2Server> {
    const server = new Http2Server(app, options);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Waits for the next entry of the access log. */
  async entry(): Promise<AccessEntry> {
    while (this.entries.length === 0) {
      this.#arrived.clear();
      await this.#arrived.wait();
    }
    return this.entries.shift() as AccessEntry;
  }

  /** Waits until every connection is gone. */
  async idle(): Promise<void> {
    while (this.connections.size > 0) {
      this.#gone.clear();
      await this.#gone.wait();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#watch);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const connection of this.connections) connection.cut("the server is shutting down");
    for (const socket of this.sockets) socket.destroySoon();
    await closed;
  }
}

/** Reads the first bytes of a socket, as a listener does that decides what is spoken on it, and gives them back. */
async function giveBack(socket: Socket, bytes: number): Promise<void> {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < bytes) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    chunks.push(chunk);
    length += chunk.length;
  }
  socket.pause();
  socket.unshift(Buffer.concat(chunks));
}
