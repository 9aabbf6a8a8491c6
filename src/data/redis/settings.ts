import type { ConnectionOptions } from "node:tls";
import { option } from "../../base/options.ts";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import { showKind } from "../../base/show.ts";
import { checkOptions } from "../shared/check-options.ts";

/**
 * Options of a client. All except `username`, `password` and the details of `tls` can also be given in the query of the
 * URL.
 */
export interface RedisOptions {
  /** The user name, for servers with access control lists. @default the one in the URL */
  readonly username?: string;
  /** The password. @default the one in the URL */
  readonly password?: string;
  /** The number of the database. @default the one in the URL, else 0 */
  readonly db?: number;
  /** Whether the connection is encrypted, or the TLS settings. @default whether the URL begins with `rediss:` */
  readonly tls?: boolean | ConnectionOptions;
  /** The time limit for one attempt to connect, in milliseconds. @default 5_000 */
  readonly connectTimeout?: number;
  /**
   * How long a command tries to restore a lost connection before it fails, in milliseconds; with 0, it tries once.
   *
   * @default 3_000
   */
  readonly retryFor?: number;
  /**
   * How long the server may be silent while a reply is awaited before the connection is dropped, in milliseconds.
   * `Infinity` means no limit.
   *
   * @default 10_000
   */
  readonly socketTimeout?: number;
  /**
   * How long a connection may be silent while no reply is awaited before a PING is sent, in milliseconds. With
   * `Infinity`, none is sent.
   *
   * @default 15_000
   */
  readonly pingInterval?: number;
}

/** @internal The options with all defaults filled in. */
export interface RedisSettings {
  /** The server's address, as shown in error messages. */
  readonly address: string;
  /** The server's address, as used for the connection. */
  readonly endpoint: { readonly path: string } | { readonly host: string; readonly port: number };
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly tls: ConnectionOptions | undefined;
  readonly connectTimeout: number;
  readonly retryFor: number;
  readonly socketTimeout: number;
  readonly pingInterval: number;
}

/** @internal The URL that is used if none is given. */
export const defaultUrl = "redis://127.0.0.1:6379";

const connecting = "connect to Redis";
const needsUrl = "the URL must be redis://host:port/db, rediss://host:port/db or the path of a socket";
const protocols: ReadonlySet<string> = new Set(["redis:", "rediss:", "unix:"]);
const times = ["connectTimeout", "retryFor", "socketTimeout", "pingInterval"] as const;
const known = ["username", "password", "db", "tls", ...times];
const knownInUrl = ["db", "tls", ...times];

/** @internal Makes the complete settings of a client from its URL and options. */
export function readSettings(url: string, options: RedisOptions = {}): RedisSettings {
  const parsed = parseUrl(url);
  checkOptions(connecting, options, known);
  const { endpoint } = parsed;
  const time = (name: (typeof times)[number], usual: number): number => options[name] ?? parsed.times[name] ?? usual;
  return {
    endpoint,
    address: "path" in endpoint ? endpoint.path : `${endpoint.host}:${endpoint.port}`,
    username: checkText("username", options.username) ?? parsed.username,
    password: checkText("password", options.password) ?? parsed.password,
    db: option(connecting, "db", options.db ?? parsed.db ?? 0).count({ from: 0 }),
    tls: tlsOf(options.tls ?? parsed.tls),
    connectTimeout: checkTime("connectTimeout", time("connectTimeout", 5_000)),
    retryFor: checkTime("retryFor", time("retryFor", 3_000)),
    socketTimeout: checkInterval("socketTimeout", time("socketTimeout", 10_000)),
    pingInterval: checkInterval("pingInterval", time("pingInterval", 15_000)),
  };
}

interface ParsedUrl {
  readonly endpoint: RedisSettings["endpoint"];
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number | undefined;
  readonly tls: boolean | undefined;
  readonly times: Readonly<Record<string, number>>;
}

function parseUrl(text: string): ParsedUrl {
  if (typeof text !== "string") throw wrongType(connecting, needsUrl, text);
  if (text.startsWith("/")) return parseUrl(`unix:${text}`);
  const url = URL.parse(text);
  // The message does not show the URL itself, because it may contain a password.
  if (url === null || url.hash !== "") throw unreadable(text);
  const { protocol } = url;
  if (!protocols.has(protocol)) throw wrongType(connecting, needsUrl, text, () => `one that begins with ${protocol}`);
  const query = queryOf(url);
  return {
    endpoint: protocol === "unix:" ? { path: decode(url.pathname) } : hostOf(url),
    username: decode(url.username) || undefined,
    password: decode(url.password) || undefined,
    db: databaseOf(url, query),
    tls: encryptionOf(url, query),
    times: Object.fromEntries(
      [...query].filter(([name]) => isTime(name)).map(([name, value]) => [name, numberOf(value)]),
    ),
  };
}

function unreadable(text: string): TypeError {
  return wrongType(connecting, needsUrl, text, () => "a text that cannot be read");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw unreadable(text);
  }
}

function hostOf(url: URL): RedisSettings["endpoint"] {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1") || "127.0.0.1";
  return { host, port: url.port === "" ? 6379 : Number(url.port) };
}

/** The options in the query of the URL. Each must be known, and may be given only once. */
function queryOf({ searchParams }: URL): ReadonlyMap<string, string> {
  const query = new Map(searchParams);
  checkOptions(connecting, Object.fromEntries(query), knownInUrl);
  for (const name of query.keys()) if (searchParams.getAll(name).length > 1) throw contradiction(name);
  return query;
}

function databaseOf({ protocol, pathname }: URL, query: ReadonlyMap<string, string>): number | undefined {
  const inPath = protocol === "unix:" ? "" : pathname.replace(/^\//, "");
  const asked = query.get("db");
  if (inPath !== "" && asked !== undefined && asked !== inPath) throw contradiction("db");
  const text = asked ?? inPath;
  return text === "" && asked === undefined ? undefined : numberOf(text);
}

function encryptionOf({ protocol }: URL, query: ReadonlyMap<string, string>): boolean | undefined {
  const asked = query.get("tls");
  if (asked === undefined) return protocol === "rediss:" ? true : undefined;
  option(connecting, "tls", asked).oneOf(["true", "false"]);
  if (protocol === "rediss:" && asked === "false") throw contradiction("tls");
  return asked === "true";
}

function contradiction(name: string): RangeError {
  return outOfRange(connecting, `'${name}' must be said once`, "two values", String);
}

function isTime(name: string): boolean {
  return (times as readonly string[]).includes(name);
}

// Only digits and the word `Infinity` are accepted, not every form that JavaScript converts to a number.
function numberOf(text: string): number {
  return /^\d+$|^Infinity$/.test(text) ? Number(text) : Number.NaN;
}

function tlsOf(tls: unknown): ConnectionOptions | undefined {
  if (tls === undefined || tls === false) return undefined;
  if (tls === true) return {};
  if (typeof tls === "object" && tls !== null) return tls;
  throw wrongType(connecting, "'tls' must be true, false or the options of a connection", tls);
}

function checkText(name: string, text: unknown): string | undefined {
  if (text === undefined || typeof text === "string") return text;
  const kind = typeof text === "object" ? showKind(text) : `a ${typeof text}`; // not the text: it may be a password
  throw wrongType(connecting, `'${name}' must be a string`, text, () => kind);
}

function checkTime(name: string, ms: number): number {
  return option(connecting, name, ms).milliseconds({ from: 0 });
}

function checkInterval(name: string, ms: number): number {
  return option(connecting, name, ms).milliseconds({ above: 0 });
}
