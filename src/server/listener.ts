import type { Task } from "../asyncio/index.ts";
import type { AccessEntry, ServerExchange } from "../http/index.ts";
import type { WebSocketRequest } from "./websocket/handshake-exchange.ts";
import type { ServedWebSocket } from "./websocket/serve-web-socket.ts";

/** Where a server listens. */
export interface ServerAddress {
  /** What is spoken there. */
  readonly scheme: "http" | "https";
  /** The address, for example `127.0.0.1`; of a Unix socket `unix:` and its path. */
  readonly host: string;
  /** The port; 0 for a Unix socket. */
  readonly port: number;
}

/** An exchange that a listener hands over. */
export interface ListenedExchange extends ServerExchange {
  /** The task that serves it. Set by the server. */
  task: Task<void> | undefined;
}

/** What a listener tells its server. */
export interface ListenerHooks {
  /** Called with each request that is to be served. */
  readonly onExchange: (exchange: ListenedExchange) => void;
  /** Whether a request for a WebSocket is to be served as one. */
  readonly takesWebSockets: () => boolean;
  /** Called with each request for a WebSocket, if they are taken. From then on the connection is that of the WebSocket. */
  readonly onWebSocket: (request: WebSocketRequest) => ServedWebSocket | undefined;
  /** Called with each request that was refused. */
  readonly onRefused: (entry: AccessEntry) => void;
  /** Whether connections are no longer kept. */
  readonly isDraining: () => boolean;
}

/** What listens for connections, and makes exchanges of what arrives on them. */
export interface Listener {
  /** The count of open connections. */
  readonly size: number;
  /**
   * Begins to listen; returns where, in the order of the options.
   *
   * @throws {ListenError} If the system refuses.
   */
  listen(): Promise<readonly ServerAddress[]>;
  /** Accepts no more connections, and closes those on which nothing runs, unless `keepsIdle`; then a second call does. */
  stopAccepting(keepsIdle?: boolean): void;
  /** Cancels the requests that are running. */
  cancel(reason: Error): void;
  /** Cuts every connection and waits until all are closed. */
  close(): Promise<void>;
}
