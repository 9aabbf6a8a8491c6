// The one place that knows ioredis. What we use of it is written down here, so that our declarations can be read
// without it.

import { loadOptionalPeer } from "../shared/optional-peer.ts";
import type { RedisSettings } from "./settings.ts";

/** @internal What we use of one of ioredis' clients. */
export interface Driver {
  readonly status: string;
  readonly stream: DriverStream | undefined;
  connect(): Promise<void>;
  disconnect(): void;
  /** Strings of the reply come as bytes, integers as text. */
  callBuffer(name: string, ...args: readonly (string | Buffer)[]): Promise<unknown>;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/** @internal What we use of its socket. */
export interface DriverStream {
  readonly writable: boolean;
  pause(): unknown;
  resume(): unknown;
  cork(): void;
  uncork(): void;
  on(event: "data", listener: () => void): unknown;
  destroy(): void;
}

/** @internal Makes a client for one connection: it connects once, sends nothing twice, and never connects again. */
export async function makeDriver(settings: RedisSettings): Promise<Driver> {
  const { Redis } = await loadOptionalPeer("ioredis", "use Redis", () => import("ioredis"));
  const { endpoint, tls, username, password, db } = settings;
  const driver = new Redis({
    ...endpoint,
    db,
    protocol: 2, // replies as the documentation of the commands has them
    ...(tls !== undefined && { tls }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    lazyConnect: true,
    stringNumbers: true, // integers beyond 2 ** 53 would be rounded
    connectTimeout: 0, // we have a clock of our own, for the whole handshake
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxLoadingRetryTime: 100,
    retryStrategy: () => null,
  });
  return driver;
}
