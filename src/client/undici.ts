// The only file that uses undici. undici is loaded when the first request is sent.
//
// Each connection is a `Client` of undici, which has one socket and serves one request at a time. So a cancelled
// request can close its socket, even while that is being opened, and the limits count real sockets. An `Agent` of
// undici would put requests into a queue from which they cannot be removed.

import { isUtf8 } from "node:buffer";
import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { buildConnector, Client } from "undici";
import { outside, waitPromise } from "../asyncio/index.ts";
import { noop } from "../base/noop.ts";
import { HeaderList } from "../http/index.ts";
import { Wire } from "./wire.ts";

// How long an idle connection is kept, in milliseconds; the same time as in aiohttp.
const keepAliveTimeout = 15_000;
// How much earlier than the server announces an idle connection is closed, in milliseconds: otherwise the server might
// close it while a request is being sent.
const keepAliveTimeoutThreshold = 1_000;

/** A request in the form that undici takes. */
export interface DispatchOptions {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: string[];
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
  readonly headersTimeout: 0;
  readonly bodyTimeout: 0;
}

/** Controls a running request. */
export interface DispatchController {
  readonly rawHeaders?: unknown;
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** Receives the events of a request. */
export interface DispatchHandler {
  onRequestStart(controller: DispatchController): void;
  onRequestSent(): void;
  /** Called when the first byte of a response has arrived. */
  onResponseStarted(): void;
  onResponseStart(controller: DispatchController, status: number, headers: unknown, reason?: string): void;
  onResponseData(controller: DispatchController, chunk: Uint8Array): void;
  onResponseEnd(): void;
  onResponseError(controller: DispatchController | null, error: Error): void;
}

/** Sends requests instead of the session's own connections: undici's `MockAgent`, `ProxyAgent`, `Agent`. */
export interface Dispatcher {
  /** Sends one request. */
  dispatch(options: never, handler: never): boolean;
}

/** One connection to one server. */
export interface Connection {
  /** The origin of the server: `http://example.org`. */
  readonly origin: string;
  /** Whether it has delivered a response before; since then, the server may have closed it. */
  wasUsed: boolean;
  /** Called for each interim response (with a status below 200) before a response. */
  onInterim: () => void;
  /** Called when the connection is closed. */
  onClosed: () => void;
  /** Whether some bytes of the request have not been sent by this process yet. */
  readonly hasUnsent: boolean;
  /** The error that ended the connection, if it was not closed normally. */
  readonly cutBy: Error | undefined;
  /** Sends a request; only one at a time is allowed. */
  dispatch(options: DispatchOptions, handler: DispatchHandler): void;
  /** Closes the connection at once, even while a request is running. */
  destroy(error: Error): Promise<void>;
}

/** Opens the connections of one session. */
export interface Transport {
  /** Loads the modules that {@link connect} needs; returns `undefined` if they are loaded. */
  load(): Promise<void> | undefined;
  /** Opens a connection to `origin`, such as `http://example.org`. */
  connect(origin: string): Connection;
}

/** Opens the session's own connections, with these TLS settings. */
export function ownTransport(tls: ConnectionOptions): Transport {
  let connect: ((origin: string) => Connection) | undefined;
  const load = async (): Promise<void> => {
    const undici = await waitPromise(
      outside(() => import("undici")),
      { name: "undici" },
    );
    const connector = undici.buildConnector({ ...tls, allowH2: false, timeout: 0 } as buildConnector.BuildOptions);
    connect ??= (origin) => new OwnConnection(origin, undici.Client, connector);
  };
  return {
    load: () => (connect === undefined ? load() : undefined),
    connect: (origin) => connect!(origin),
  };
}

class OwnConnection implements Connection {
  readonly origin: string;
  wasUsed = false;
  onInterim: () => void = noop;
  onClosed: () => void = noop;
  readonly #client: Client;
  #wire: Wire | undefined;

  constructor(origin: string, UndiciClient: typeof Client, connector: buildConnector.connector) {
    this.origin = origin;
    const connect: buildConnector.connector = (options, callback) => {
      // The connector also returns its socket, although its types do not say so. With it, the socket can be closed
      // while it is being opened.
      this.#wire = new Wire(connector(options, callback) as unknown as Socket, () => this.onInterim());
      this.#wire.expectResponse();
    };
    this.#client = new UndiciClient(origin, { connect, keepAliveTimeout, keepAliveTimeoutThreshold, allowH2: false });
    this.#client.on("disconnect", () => this.onClosed());
    this.#client.on("connectionError", () => this.onClosed());
  }

  get hasUnsent(): boolean {
    return this.#wire?.hasUnsent ?? false;
  }

  get cutBy(): Error | undefined {
    return this.#wire?.cutBy;
  }

  dispatch(options: DispatchOptions, handler: DispatchHandler): void {
    this.#wire?.expectResponse();
    this.#client.dispatch(options as never, handler);
  }

  destroy(error: Error): Promise<void> {
    const closed = this.#client.destroy(error);
    this.#wire?.destroy();
    return closed;
  }
}

/** Sends all requests through a dispatcher of the user. */
export function dispatcherTransport(dispatcher: Dispatcher): Transport {
  const connect = (origin: string): Connection => ({
    origin,
    wasUsed: false,
    onInterim: noop,
    onClosed: noop,
    hasUnsent: false,
    cutBy: undefined,
    dispatch: (options, handler) => void dispatcher.dispatch(options as never, handler as never),
    destroy: () => Promise.resolve(),
  });
  return { load: () => undefined, connect };
}

/** The headers of a response. undici gives a list of alternating names and values; a dispatcher may give an object. */
export function headerList(raw: unknown): HeaderList {
  if (!Array.isArray(raw)) return new HeaderList(raw as Record<string, string>);
  return new HeaderList(raw.map((part: string | Uint8Array) => (typeof part === "string" ? part : decode(part))));
}

// Header values are bytes. Most are ASCII; a file name or a Location may be in UTF-8, or in the older Latin-1.
function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(isUtf8(bytes) ? "utf8" : "latin1");
}
