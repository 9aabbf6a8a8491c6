import { option } from "../../base/options.ts";
import { longestTimeout } from "../../base/platform-timer.ts";
import { wrongType } from "../../base/refusal.ts";
import { checkOptions } from "../shared/check-options.ts";

/** Options of a client. */
export interface MongoOptions {
  /**
   * The time limit for finding a server, in milliseconds: when the client connects, and when a server has become
   * unavailable.
   *
   * @default 5_000
   */
  readonly connectTimeout?: number;
  /**
   * How long the server may be silent while a reply is awaited, in milliseconds, before the connection is closed. It
   * must be longer than the longest operation, because a long operation and a dead connection look the same. With
   * `Infinity`, a connection is closed only when the server no longer answers pings.
   *
   * @default Infinity
   */
  readonly socketTimeout?: number;
  /**
   * The interval between pings of the server, in milliseconds, at least 500. If the server does not answer a ping
   * within `connectTimeout`, all its connections are closed.
   *
   * @default 10_000
   */
  readonly pingInterval?: number;
  /** The maximum number of connections. An operation waits if none is free. @default 100 */
  readonly maxPoolSize?: number;
}

/** @internal The complete options. */
export interface MongoSettings {
  readonly url: string;
  /** The address of the server or servers, without user and password. */
  readonly address: string;
  /** The options for the driver, without those that it reads from the URL. */
  readonly driverOptions: Readonly<Record<string, number>>;
}

/** @internal The URL of the server if none is given. */
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
    // For the driver, 0 is no limit.
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

/** The names of the options in a URL, in lower case: the driver ignores their case too. */
function optionsIn(url: string): ReadonlySet<string> {
  const query = /\?(.*)$/s.exec(url)?.[1] ?? "";
  return new Set([...new URLSearchParams(query).keys()].map((name) => name.toLowerCase()));
}

function clamp(value: number): number {
  return Math.min(Math.ceil(value), longestTimeout);
}

// The URL itself is not shown, because it may contain a password.
function addressOf(url: string): string {
  const rule = "the URL must be mongodb://host:port/database or mongodb+srv://…";
  if (typeof url !== "string") throw wrongType(connecting, rule, url);
  const hosts = /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?@]+)/.exec(url)?.[1];
  if (hosts === undefined) throw wrongType(connecting, rule, url, () => "a text that cannot be read");
  return hosts;
}
