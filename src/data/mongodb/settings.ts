import { inspect } from "node:util";

/** How a client talks to MongoDB. */
export interface MongoOptions {
  /** How long it looks for a server, in milliseconds, when it connects and when a server went away. @default 5_000 */
  readonly connectTimeout?: number;
  /** How many connections there are at most. Who finds none free waits for one. @default 100 */
  readonly maxPoolSize?: number;
}

/** @internal The options, complete. */
export interface MongoSettings {
  readonly url: string;
  /** The server or servers, without user and password. */
  readonly address: string;
  readonly connectTimeout: number;
  readonly maxPoolSize: number;
}

/** @internal Where MongoDB is, if nobody says otherwise. */
export const defaultUrl = "mongodb://127.0.0.1:27017";

/** @internal The complete settings of a client, from its URL and options. */
export function readSettings(url: string, options: MongoOptions = {}): MongoSettings {
  const { connectTimeout = 5_000, maxPoolSize = 100 } = options;
  const action = "Cannot connect to MongoDB";
  if (typeof connectTimeout !== "number" || !(connectTimeout > 0)) {
    throw new RangeError(`${action} as 'connectTimeout' must be > 0 milliseconds: current value is ${connectTimeout}`);
  }
  if (!Number.isSafeInteger(maxPoolSize) || maxPoolSize < 1) {
    throw new RangeError(`${action} as 'maxPoolSize' must be a whole number >= 1: current value is ${maxPoolSize}`);
  }
  return { url, address: addressOf(url), connectTimeout: Math.min(connectTimeout, 2 ** 31 - 1), maxPoolSize };
}

// The URL itself is not shown: it may have a password in it.
function addressOf(url: string): string {
  const must = "Cannot connect to MongoDB as the URL must be mongodb://host:port/database or mongodb+srv://…";
  if (typeof url !== "string") throw new TypeError(`${must}: current value is ${inspect(url, { depth: 0 })}`);
  const hosts = /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?@]+)/.exec(url)?.[1];
  if (hosts === undefined) throw new TypeError(`${must}: current value cannot be read`);
  return hosts;
}
