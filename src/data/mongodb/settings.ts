import { option } from "../../base/options.ts";
import { longestTimeout } from "../../base/platform-timer.ts";
import { wrongType } from "../../base/refusal.ts";

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

const connecting = "connect to MongoDB";

/** @internal The complete settings of a client, from its URL and options. */
export function readSettings(url: string, options: MongoOptions = {}): MongoSettings {
  const { connectTimeout = 5_000, maxPoolSize = 100 } = options;
  option(connecting, "connectTimeout", connectTimeout).milliseconds({ above: 0 });
  option(connecting, "maxPoolSize", maxPoolSize).count({ from: 1 });
  return { url, address: addressOf(url), connectTimeout: Math.min(connectTimeout, longestTimeout), maxPoolSize };
}

// The URL itself is not shown: it may have a password in it.
function addressOf(url: string): string {
  const rule = "the URL must be mongodb://host:port/database or mongodb+srv://…";
  if (typeof url !== "string") throw wrongType(connecting, rule, url);
  const hosts = /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?@]+)/.exec(url)?.[1];
  if (hosts === undefined) throw wrongType(connecting, rule, url, () => "a text that cannot be read");
  return hosts;
}
