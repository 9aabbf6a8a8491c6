// The only file that knows undici.
//
// Each connection is a Client of undici's, which is one socket, and serves one request at a time: so that a request that
// is cancelled can take its socket along, also while it is being opened, and that we count sockets, not wishes. An Agent
// of undici's would queue requests where they cannot be taken back.

import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { buildConnector, Client } from "undici";
import { noop } from "../base/noop.ts";

// As long as aiohttp keeps a connection that is not used.
const keepAliveTimeout = 15_000;
// Of what a server says that it keeps one, we leave this much: our request is on its way meanwhile.
const keepAliveTimeoutThreshold = 1_000;

/** What is sent, as undici takes it. */
export interface DispatchOptions {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: string[];
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
  readonly headersTimeout: 0;
  readonly bodyTimeout: 0;
}

/** How a running request is steered. */
export interface DispatchController {
  readonly rawHeaders?: unknown;
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** Who is told how a request goes. */
export interface DispatchHandler {
  onRequestStart(controller: DispatchController): void;
  onRequestSent(): void;
  onResponseStart(controller: DispatchController, status: number, headers: unknown, reason?: string): void;
  onResponseData(controller: DispatchController, chunk: Uint8Array): void;
  onResponseEnd(): void;
  onResponseError(controller: DispatchController | null, error: Error): void;
}

/** What sends requests in place of the session's own connections: undici's `MockAgent`, `ProxyAgent`, `Agent`. */
export interface Dispatcher {
  /** Sends one. */
  dispatch(options: never, handler: never): boolean;
}

/** One connection to one server. */
export interface Connection {
  /** `http://example.org`. */
  readonly origin: string;
  /** Whether a response has come over it: then the server may have closed it meanwhile. */
  wasUsed: boolean;
  /** Called when it is closed. */
  onClosed: () => void;
  /** Sends a request. It takes one at a time. */
  dispatch(options: DispatchOptions, handler: DispatchHandler): void;
  /** Closes it at once, whatever it is doing. */
  destroy(error: Error): Promise<void>;
}

/** Opens connections of one session. */
export type Connect = (origin: string) => Connection;

/** Opens connections of our own, with these settings for TLS. */
export function connectWith(tls: ConnectionOptions): Connect {
  const connector = buildConnector({ ...tls, allowH2: false, timeout: 0 } as buildConnector.BuildOptions);
  return (origin) => new OwnConnection(origin, connector);
}

class OwnConnection implements Connection {
  readonly origin: string;
  wasUsed = false;
  onClosed: () => void = noop;
  readonly #client: Client;
  #socket: Socket | undefined;

  constructor(origin: string, connector: buildConnector.connector) {
    this.origin = origin;
    const connect: buildConnector.connector = (options, callback) => {
      // It gives the socket as well as calling back, which its types do not say: to have it while it is being opened.
      this.#socket = connector(options, callback) as unknown as Socket;
    };
    this.#client = new Client(origin, { connect, keepAliveTimeout, keepAliveTimeoutThreshold, allowH2: false });
    this.#client.on("disconnect", () => this.onClosed());
    this.#client.on("connectionError", () => this.onClosed());
  }

  dispatch(options: DispatchOptions, handler: DispatchHandler): void {
    this.#client.dispatch(options as never, handler);
  }

  destroy(error: Error): Promise<void> {
    const closed = this.#client.destroy(error);
    this.#socket?.destroy();
    return closed;
  }
}

/** Has a dispatcher of the user's send everything. */
export function connectThrough(dispatcher: Dispatcher): Connect {
  return (origin) => ({
    origin,
    wasUsed: false,
    onClosed: noop,
    dispatch: (options, handler) => void dispatcher.dispatch(options as never, handler as never),
    destroy: () => Promise.resolve(),
  });
}
