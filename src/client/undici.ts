// The only file that knows undici, which is loaded when the first request is sent.
//
// Each connection is a Client of undici's, which is one socket, and serves one request at a time. So a cancelled request
// can take its socket along, even while that is being opened, and sockets are counted, not wishes. An Agent of undici's
// would queue requests where they cannot be taken back.

import { isUtf8 } from "node:buffer";
import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { buildConnector, Client } from "undici";
import { outside, waitPromise } from "../asyncio/index.ts";
import { noop } from "../base/noop.ts";
import { HeaderList } from "../http/index.ts";
import { Wire } from "./wire.ts";

// As long as aiohttp keeps a connection that is not used.
const keepAliveTimeout = 15_000;
// The last part of the time for which a server says that it keeps one is not used: our request would be on its way.
const keepAliveTimeoutThreshold = 1_000;

/** A request, as undici takes it. */
export interface DispatchOptions {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: string[];
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
  readonly headersTimeout: 0;
  readonly bodyTimeout: 0;
}

/** Steers a running request. */
export interface DispatchController {
  readonly rawHeaders?: unknown;
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** Told how a request goes. */
export interface DispatchHandler {
  onRequestStart(controller: DispatchController): void;
  onRequestSent(): void;
  /** The first byte of a response has come. */
  onResponseStarted(): void;
  onResponseStart(controller: DispatchController, status: number, headers: unknown, reason?: string): void;
  onResponseData(controller: DispatchController, chunk: Uint8Array): void;
  onResponseEnd(): void;
  onResponseError(controller: DispatchController | null, error: Error): void;
}

/** Sends requests in place of the session's own connections: undici's `MockAgent`, `ProxyAgent`, `Agent`. */
export interface Dispatcher {
  /** Sends one request. */
  dispatch(options: never, handler: never): boolean;
}

/** One connection to one server. */
export interface Connection {
  /** `http://example.org`. */
  readonly origin: string;
  /** Whether a response has come over it: the server may have closed it since. */
  wasUsed: boolean;
  /** Called for each interim response, with a status below 200, that comes before a response. */
  onInterim: () => void;
  /** Called when it is closed. */
  onClosed: () => void;
  /** Whether bytes of the request have not left this process. */
  readonly hasUnsent: boolean;
  /** The error that ended it, if it was not closed in order. */
  readonly cutBy: Error | undefined;
  /** Sends a request. It takes one at a time. */
  dispatch(options: DispatchOptions, handler: DispatchHandler): void;
  /** Closes it at once, whatever it is doing. */
  destroy(error: Error): Promise<void>;
}

/** Opens the connections of one session. */
export interface Transport {
  /** Loads what {@link connect} needs; `undefined` if that is there. */
  load(): Promise<void> | undefined;
  /** Opens a connection to `origin`, `http://example.org`. */
  connect(origin: string): Connection;
}

/** Opens connections of our own, with these settings for TLS. */
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
      // The connector returns its socket besides calling back, which its types do not say. So it can be closed while it
      // is being opened.
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

/** Has a dispatcher of the user's send everything. */
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

/** The headers of a response: undici gives names and values in turn, a dispatcher perhaps an object. */
export function headerList(raw: unknown): HeaderList {
  if (!Array.isArray(raw)) return new HeaderList(raw as Record<string, string>);
  return new HeaderList(raw.map((part: string | Uint8Array) => (typeof part === "string" ? part : decode(part))));
}

// Headers are bytes. Most are ASCII; a file name or a Location may be UTF-8, or the older Latin-1.
function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(isUtf8(bytes) ? "utf8" : "latin1");
}
