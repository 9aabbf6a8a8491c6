import { option } from "../../base/options.ts";
import { longestTimeout } from "../../base/platform-timer.ts";
import { wrongType } from "../../base/refusal.ts";
import { checkOptions } from "../shared/check-options.ts";

/** How a client talks to MongoDB. */
export interface MongoOptions {
  /**
   * How long a server is looked for, in milliseconds, when the client connects and when a server went away.
   *
   * @default 5_000
   */
  readonly connectTimeout?: number;
  /**
   * How long the server may be silent while a reply is awaited, in milliseconds, before the connection is given up. It must
   * be longer than the longest operation: an operation that takes long and a connection that is dead look the same.
   * `Infinity` waits until the server as a whole is silent.
   *
   * @default Infinity
   */
  readonly socketTimeout?: number;
  /**
   * How often the server is asked for a sign of life, in milliseconds, at least 500. It has `connectTimeout` to answer;
   * then all its connections are given up.
   *
   * @default 10_000
   */
  readonly pingInterval?: number;
  /** The largest number of connections; an operation that finds none free waits for one. @default 100 */
  readonly maxPoolSize?: number;
}

/** @internal The options, complete. */
export interface MongoSettings {
  readonly url: string;
  /** The server or servers, without user and password. */
  readonly address: string;
  /** The options that the driver is given besides the URL: those that the URL has are left to it. */
  readonly driverOptions: Readonly<Record<string, number>>;
}

/** @internal The server, unless another one is named. */
export const defaultUrl = "mongodb://127.0.0.1:27017";

const connecting = "connect to MongoDB";

/** @internal The complete settings of a client, from its URL and options. */
export function readSettings(url: string, options: MongoOptions = {}): MongoSettings {
  checkOptions(connecting, options, ["connectTimeout", "socketTimeout", "pingInterval", "maxPoolSize"]);
  const { connectTimeout, socketTimeout, pingInterval, maxPoolSize } = options;
  if (connectTimeout !== undefined) {
    option(connecting, "connectTimeout", connectTimeout).milliseconds({ above: 0 });
  }
  if (socketTimeout !== undefined) option(connecting, "socketTimeout", socketTimeout).milliseconds({ above: 0 });
  if (pingInterval !== undefined) option(connecting, "pingInterval", pingInterval).milliseconds({ from: 500 });
  if (maxPoolSize !== undefined) option(connecting, "maxPoolSize", maxPoolSize).count({ from: 1 });
  const address = addressOf(url);
  const wanted: [name: string, given: number | undefined, usual: number | undefined][] = [
    ["serverSelectionTimeoutMS", connectTimeout, 5_000],
    ["connectTimeoutMS", connectTimeout, 5_000],
    // The driver has 0 for no limit.
    ["socketTimeoutMS", socketTimeout === Infinity ? 0 : socketTimeout, undefined],
    ["heartbeatFrequencyMS", pingInterval, undefined],
    ["maxPoolSize", maxPoolSize, 100],
  ];
  const inUrl = optionsIn(url);
  const driverOptions: Record<string, number> = {};
  for (const [name, given, usual] of wanted) {
    const value = given ?? (inUrl.has(name.toLowerCase()) ? undefined : usual);
    if (value !== undefined) driverOptions[name] = clamp(value);
  }
  return { url, address, driverOptions };
}

/** The names of the options in a URL, in small letters: the driver does not look at the case either. */
function optionsIn(url: string): ReadonlySet<string> {
  const query = /\?(.*)$/s.exec(url)?.[1] ?? "";
  return new Set([...new URLSearchParams(query).keys()].map((name) => name.toLowerCase()));
}

function clamp(value: number): number {
  return Math.min(Math.ceil(value), longestTimeout);
}

// The URL itself is not shown: it may have a password in it.
function addressOf(url: string): string {
  const rule = "the URL must be mongodb://host:port/database or mongodb+srv://…";
  if (typeof url !== "string") throw wrongType(connecting, rule, url);
  const hosts = /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?@]+)/.exec(url)?.[1];
  if (hosts === undefined) throw wrongType(connecting, rule, url, () => "a text that cannot be read");
  return hosts;
}
