import type { ConnectionOptions } from "node:tls";
import { option } from "../../base/options.ts";
import { wrongType } from "../../base/refusal.ts";

/** How a client talks to Redis. */
export interface RedisOptions {
  /** The name of a user, for servers with access control lists. @default what the URL says */
  readonly username?: string;
  /** The password. @default what the URL says */
  readonly password?: string;
  /** The number of the database. @default what the URL says, else 0 */
  readonly db?: number;
  /** Details of an encrypted connection; implies one. @default encrypted if the URL begins with `rediss:` */
  readonly tls?: ConnectionOptions;
  /** How long one attempt to connect may take, in milliseconds. @default 5_000 */
  readonly connectTimeout?: number;
  /**
   * For how long a command tries to get a lost connection back, in milliseconds, before it fails; 0 tries once.
   *
   * @default 3_000
   */
  readonly retryFor?: number;
}

/** @internal The options, complete. */
export interface RedisSettings {
  /** The server, as error messages show it. */
  readonly address: string;
  /** Where it is. */
  readonly endpoint: { readonly path: string } | { readonly host: string; readonly port: number };
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly tls: ConnectionOptions | undefined;
  readonly connectTimeout: number;
  readonly retryFor: number;
}

/** @internal Where Redis is, if nobody says otherwise. */
export const defaultUrl = "redis://127.0.0.1:6379";

/** @internal The complete settings of a client, from its URL and options. */
export function readSettings(url: string, options: RedisOptions = {}): RedisSettings {
  const parsed = parseUrl(url);
  const { endpoint } = parsed;
  return {
    endpoint,
    address: "path" in endpoint ? endpoint.path : `${endpoint.host}:${endpoint.port}`,
    username: options.username ?? parsed.username,
    password: options.password ?? parsed.password,
    db: checkDatabase(options.db ?? parsed.db ?? 0),
    tls: options.tls ?? (parsed.secure ? {} : undefined),
    connectTimeout: checkTime("connectTimeout", options.connectTimeout ?? 5_000),
    retryFor: checkTime("retryFor", options.retryFor ?? 3_000),
  };
}

interface ParsedUrl {
  readonly endpoint: RedisSettings["endpoint"];
  readonly secure: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number | undefined;
}

function parseUrl(text: string): ParsedUrl {
  if (typeof text !== "string") throw wrongType(connecting, needsUrl, text);
  if (text.startsWith("/")) return parseUrl(`unix:${text}`);
  const url = URL.parse(text);
  // The URL itself is not shown: it may have a password in it.
  if (url === null) throw wrongType(connecting, needsUrl, text, () => "a text that cannot be read");
  const { protocol } = url;
  if (!protocols.has(protocol)) throw wrongType(connecting, needsUrl, text, () => `one that begins with ${protocol}`);
  return {
    endpoint: protocol === "unix:" ? { path: decodeURIComponent(url.pathname) } : hostOf(url),
    secure: protocol === "rediss:",
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    db: databaseOf(url),
  };
}

const protocols: ReadonlySet<string> = new Set(["redis:", "rediss:", "unix:"]);
const connecting = "connect to Redis";
const needsUrl = "the URL must be redis://host:port/db, rediss://host:port/db or the path of a socket";

function hostOf(url: URL): RedisSettings["endpoint"] {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1") || "127.0.0.1";
  return { host, port: url.port === "" ? 6379 : Number(url.port) };
}

function databaseOf({ protocol, pathname, searchParams }: URL): number | undefined {
  const text = protocol === "unix:" ? (searchParams.get("db") ?? "") : pathname.replace(/^\//, "");
  return text === "" ? undefined : Number(text);
}

function checkDatabase(db: number): number {
  return option(connecting, "db", db).count({ from: 0 });
}

function checkTime(name: string, ms: number): number {
  return option(connecting, name, ms).milliseconds({ from: 0 });
}
