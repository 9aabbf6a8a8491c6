// The only file that uses ioredis. The parts of its API that we use are declared here, so that our type declarations do
// not need the package.

import { loadOptionalPeer } from "../shared/optional-peer.ts";
import type { RedisSettings } from "./settings.ts";

/** @internal The part of an ioredis client that we use. */
export interface Driver {
  readonly status: string;
  readonly stream: DriverStream | undefined;
  connect(): Promise<void>;
  disconnect(): void;
  /** Sends a command. Strings in the reply are bytes, integers are text. */
  callBuffer(name: string, ...args: readonly (string | Buffer)[]): Promise<unknown>;
  on(event: string, listener: (...args: never[]) => void): unknown;
}

/** @internal The part of the client's socket that we use. */
export interface DriverStream {
  readonly writable: boolean;
  pause(): unknown;
  resume(): unknown;
  cork(): void;
  uncork(): void;
  on(event: "data", listener: () => void): unknown;
  destroy(): void;
}

/** @internal Makes a client for one connection: it connects once, never sends a command twice, and never reconnects. */
export async function makeDriver(settings: RedisSettings): Promise<Driver> {
  const { Redis } = await loadOptionalPeer("ioredis", "use Redis", () => import("ioredis"));
  const { endpoint, tls, username, password, db } = settings;
  const driver = new Redis({
    ...endpoint,
    db,
    protocol: 2, // replies in the form that the documentation of the commands shows
    ...(tls !== undefined && { tls }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    lazyConnect: true,
    stringNumbers: true, // otherwise integers beyond 2 ** 53 would be rounded
    connectTimeout: 0, // we have a time limit of our own, which includes the handshake
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxLoadingRetryTime: 100,
    retryStrategy: () => null,
  });
  return driver;
}
